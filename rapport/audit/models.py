"""The audit trail: events in a sealed chain, and beside them the values, which can be erased."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from rapport.audit.classes import AuditClass


class AuditEvent(models.Model):
    """One change of one row, or one named act (a sign-in, an export). Written by triggers and functions of the database."""

    audit_class = AuditClass.LOG

    at = models.DateTimeField(db_default=Now())
    actor_id = models.TextField()
    actor_label = models.TextField()
    request_id = models.TextField(db_default="")
    address = models.TextField(db_default="")
    reason = models.TextField(db_default="")
    table_name = models.TextField()
    row_id = models.TextField(db_default="")
    operation = models.TextField()
    fields = ArrayField(models.TextField(), db_default=[])
    digest = models.BinaryField()
    sealed_position = models.BigIntegerField(null=True, unique=True)
    sealed_hash = models.BinaryField(null=True)

    class Meta:
        db_table = "audit_event"
        indexes = [
            models.Index(fields=["table_name", "row_id", "id"], name="audit_event_row"),
            models.Index(fields=["id"], condition=models.Q(sealed_position=None), name="audit_event_unsealed"),
            models.Index(fields=["at", "id"], name="audit_event_at"),
            models.Index(fields=["actor_id", "at", "id"], name="audit_event_actor"),
            models.Index(fields=["operation", "at", "id"], condition=models.Q(table_name=""), name="audit_event_act"),
            models.Index(
                fields=["at", "id"], condition=models.Q(actor_label__endswith=")"), name="audit_event_program"
            ),
        ]


class AuditValue(models.Model):
    """The values behind an event's digest, and the salt; both go when a person is erased, and the chain still holds."""

    audit_class = AuditClass.LOG

    event = models.OneToOneField(AuditEvent, on_delete=models.DO_NOTHING, primary_key=True, related_name="+")
    salt = models.BinaryField(null=True)
    values = models.JSONField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_value"
