"""How customers belong together: who works where, lives with whom, owns what, was sent by whom."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import reach_of
from rapport.audit.classes import AuditClass
from rapport.customers.models.profiles import Customer, Profile

if TYPE_CHECKING:
    from rapport.accounts.models import User


class RelationshipKind(models.TextChoices):
    WORKS_AT = "works_at", _("works at")
    HOUSEHOLD = "household", _("lives with")
    OWNS = "owns", _("owns")
    REFERRED = "referred", _("referred")
    PARENT = "parent", _("is the parent of")


class RelationshipQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Ties of which both ends stand for themselves and can be seen; of any other one not even the count is told."""
        present = self.exclude(from_customer=models.F("to_customer"))
        for end in ("from_customer", "to_customer"):
            present = present.filter(**{f"{end}__merged_into": None, f"{end}__trashed_at": None})
        reach = reach_of(user)
        if reach.everything:
            return present
        for end in ("from_customer", "to_customer"):
            seen = models.Q(**{f"{end}__owner_id__in": reach.owner_ids})
            if reach.shared_ids("customer"):
                seen |= models.Q(**{f"{end}_id__in": reach.shared_ids("customer")})
            present = present.filter(seen)
        return present


class Relationship(models.Model):
    """A directed tie between two customers, with a role in words. Each end hangs on a profile; a merge moves its customer."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.TextField(choices=RelationshipKind.choices)
    role = models.TextField(blank=True, default="", db_default="")
    from_profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    from_customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    to_profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    to_customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "from_profile", "to_profile"], name="customers_relationship_once")
        ]
