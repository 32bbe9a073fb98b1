"""The consent ledger: may we use a channel for a purpose. Append-only, with proof; no record means no."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers
from rapport.customers.models.profiles import Customer, Profile


class Purpose(models.Model):
    """What we use a channel for. `wording` is the text that is shown to whoever is asked; grants end after `valid_days`.

    A marketing purpose is one that somebody who opts out of a channel as a whole no longer wants.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField(unique=True)
    label = models.TextField()
    wording = models.TextField(blank=True, default="", db_default="")
    is_marketing = models.BooleanField(default=True, db_default=True)
    valid_days = models.PositiveIntegerField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label


class ConsentStatus(models.TextChoices):
    GRANTED = "granted", _("granted")
    PENDING = "pending", _("asked to confirm")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Consent(models.Model):
    """One entry of the ledger: what a customer said, when and how, in which words she was asked, and until when it counts.

    For a profile the newest entry of a purpose and channel counts, on a tie the withdrawal; for a customer the strictest
    of its profiles. Who says yes or no to us as this customer gets the entry on each profile that has one.
    """

    audit_class = AuditClass.FACT

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    purpose = models.TextField()
    channel = models.TextField()
    status = models.TextField(choices=ConsentStatus.choices)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)
    origin = models.TextField()  # web form, call, import, staff …
    wording = models.TextField(blank=True, default="", db_default="")  # the text that was agreed to, or its version
    proof = models.JSONField(default=dict, db_default={})
    recorded_by = models.TextField(blank=True, default="", db_default="")
    import_id = models.BigIntegerField(null=True)

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "purpose", "channel", "-occurred_at"], name="customers_consent_state"),
            models.Index(
                fields=["import_id"], condition=models.Q(import_id__isnull=False), name="customers_consent_import"
            ),
        ]


class ConsentRequest(models.Model):
    """A link by which a customer confirms what she was entered for. Only the hash of its token is kept; it works once."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    purpose = models.TextField()
    channel = models.TextField()
    wording = models.TextField(blank=True, default="", db_default="")
    sent_to = models.TextField(blank=True, default="", db_default="")
    token_hash = models.TextField(unique=True)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = OfVisibleCustomers.as_manager()
