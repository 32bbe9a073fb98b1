"""A table of the room's own, so that it has something to import."""

from __future__ import annotations

from django.db import models

from rapport.audit.classes import AuditClass


class Greeting(models.Model):
    """Words for a code."""

    audit_class = AuditClass.FACT

    code = models.TextField(unique=True)
    words = models.TextField()
    import_id = models.BigIntegerField(null=True)
