"""What each of the staff did, on the screens and by programs, with what undoing it needs; for a time, and for oneself alone."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from rapport.audit.classes import AuditClass

if TYPE_CHECKING:
    from rapport.accounts.models import User


class CommandQuerySet(models.QuerySet["Command"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(actor=user)


class Command(models.Model):
    """One act. `action` names what rooms declare in undoable.py; `arguments` hold values and versions, as the act left them.

    `through` is what the program is called that did it for her; nothing, where she did it herself.
    """

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.TextField()
    arguments = models.JSONField(default=dict)
    record_kind = models.TextField(default="", blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    customer_id = models.BigIntegerField(null=True, blank=True)
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    done_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    through = models.TextField(default="", db_default="", blank=True)

    objects = CommandQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["actor", "-id"], name="records_command_actor"),
            models.Index(
                fields=["customer_id"], condition=Q(customer_id__isnull=False), name="records_command_customer"
            ),
        ]
