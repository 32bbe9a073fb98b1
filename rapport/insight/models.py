"""Which warehouse snapshot is current, and what the marts wrote back."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from rapport.audit.classes import AuditClass


class Snapshot(models.Model):
    """One immutable set of Parquet files under RAPPORT_HOME/warehouse; the newest finished one is current."""

    audit_class = AuditClass.LOG

    folder = models.TextField(unique=True)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
