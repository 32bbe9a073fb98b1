"""How far the building of the demo company has come."""

from __future__ import annotations

from django.db import models

from rapport.audit.classes import AuditClass


class DemoBuild(models.Model):
    """The one demo company in this database: what it was made from, when it was loaded, and when all was done."""

    audit_class = AuditClass.LOG

    seed = models.BigIntegerField()
    customers = models.IntegerField()
    day = models.DateField()
    loaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="demo_build_only_one")]
