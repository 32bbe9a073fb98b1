"""Tokens by which programs act for a member of the staff, what they fetched hour by hour, and answers they may ask for again."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models

from rapport.audit.classes import AuditClass

ROWS_AN_HOUR = 100_000


class ApiToken(models.Model):
    """What a program shows to act for its owner, with those of the owner's rights that were lent to it; only its hash is kept."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField()
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    token_hash = models.TextField(unique=True)
    rights = ArrayField(models.TextField(), default=list)
    rows_an_hour = models.PositiveIntegerField(default=ROWS_AN_HOUR, db_default=ROWS_AN_HOUR)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def is_open(self, *, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at


class ApiTokenHour(models.Model):
    """How much a token fetched within one hour, and when it was used last."""

    audit_class = AuditClass.LOG

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField()
    rows = models.PositiveIntegerField(default=0, db_default=0)
    refused = models.PositiveIntegerField(default=0, db_default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "hour"], name="accounts_apitokenhour_once")]
        indexes = [models.Index(fields=["hour"], name="accounts_apitokenhour_hour")]


class ApiAnswer(models.Model):
    """The answer to a request that carried an Idempotency-Key. Only the token that asked can open it: it is the key."""

    audit_class = AuditClass.LOG

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key_hash = models.TextField()
    request_hash = models.TextField()
    sealed = models.BinaryField(default=b"", db_default=b"")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key_hash"], name="accounts_apianswer_once")]
        indexes = [models.Index(fields=["asked_at"], name="accounts_apianswer_asked_at")]
