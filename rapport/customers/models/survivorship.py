"""Which value is shown where profiles disagree, field by field, as data."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.models.profiles import Source


class Rule(models.TextChoices):
    PRIORITY = "priority", _("The source that comes first")
    RECENT = "recent", _("What was said last")
    FREQUENT = "frequent", _("What most sources say")
    LONGEST = "longest", _("The longest")


class FieldRule(models.Model):
    """The rule of one golden attribute (or `custom.<name>`); a field without a row has the rule `priority`."""

    audit_class = AuditClass.AUDITED

    field = models.TextField(unique=True)
    rule = models.TextField(choices=Rule.choices, default=Rule.PRIORITY)


class FieldPriority(models.Model):
    """The priority of a source for one field alone, where it differs from the source's own."""

    audit_class = AuditClass.AUDITED

    field = models.TextField()
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    priority = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "source"], name="customers_fieldpriority_once")]


class DerivationState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class Derivation(models.Model):
    """One pass over the customers with several profiles after the rules were changed, and how far it is."""

    audit_class = AuditClass.LOG

    state = models.TextField(choices=DerivationState.choices, default=DerivationState.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    actor_label = models.TextField()
    last_customer = models.BigIntegerField(default=0)
    total = models.IntegerField(null=True)
    derived = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
