"""More ways to reach a customer than the one that is shown first: further e-mail addresses, numbers and postal addresses."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers
from rapport.customers.models.profiles import Customer, Profile


class ContactPointKind(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    ADDRESS = "address", _("Address")


class ContactPoint(models.Model):
    """One address or number that a profile states besides its first. `value` is what is shown, on one line.

    `value_norm` is what an e-mail address or number is compared by; an address has its parts in columns instead.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    kind = models.TextField(choices=ContactPointKind.choices)
    label = models.TextField(blank=True, default="", db_default="")
    value = models.TextField()
    value_norm = models.TextField(null=True, blank=True, db_collation="C")
    street = models.TextField(null=True, blank=True)
    postal_code = models.TextField(null=True, blank=True)
    city = models.TextField(null=True, blank=True)
    region = models.TextField(null=True, blank=True)
    country = models.TextField(null=True, blank=True)
    import_id = models.BigIntegerField(null=True)

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "kind", "value"], name="customers_contactpoint_value")
        ]
        indexes = [
            models.Index(
                fields=["import_id"],
                condition=models.Q(import_id__isnull=False),
                name="customers_contactpoint_import",
            )
        ]
