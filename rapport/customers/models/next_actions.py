"""What was made of a proposed action, and which action is the best for whom as of the last time all were compared."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers
from rapport.customers.models.profiles import Customer, Profile


class AnswerKind(models.TextChoices):
    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("Not now")


class ActionAnswer(models.Model):
    """Somebody took the action that a rule proposed for a customer, or said not now, perhaps with why."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    rule = models.TextField()
    answer = models.TextField(choices=AnswerKind.choices)
    note = models.TextField(blank=True, default="", db_default="")
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "rule", "-answered_at"], name="customers_answer_customer"),
            models.Index(fields=["rule", "-answered_at"], name="customers_answer_rule"),
        ]


class StandingAction(models.Model):
    """The best action for a customer whom somebody owns, with what is at stake, as of the last comparison of all."""

    audit_class = AuditClass.DERIVED

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    owner_id = models.BigIntegerField()
    rule = models.TextField()
    stake_micros = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["owner_id", "-stake_micros", "customer"], name="customers_standing_owner")]


class StandingRun(models.Model):
    """One comparison of all: for how many customers the action of each rule was the best."""

    audit_class = AuditClass.LOG

    compared_at = models.DateTimeField()
    by_rule = models.JSONField(default=dict)
