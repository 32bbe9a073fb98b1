"""Tags: short words that a business gives its records, once by name; records hold their stable values."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Lower, Now

from rapport.audit.classes import AuditClass


class Tag(models.Model):
    """One word for records of an object. `value` is what records hold; it stays when the label changes.

    What is put away is neither shown nor offered, and comes back with its records.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    object = models.TextField()
    value = models.TextField()
    label = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    put_away_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object", "value"], name="records_tag_value"),
            models.UniqueConstraint(
                "object", Lower("label"), condition=models.Q(put_away_at=None), name="records_tag_label"
            ),
        ]

    def __str__(self) -> str:
        return self.label
