"""Endpoints of other systems, the secrets by which they know us, what they are told, and each attempt to tell them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.audit.classes import AuditClass
from rapport.webhooks.permissions import MANAGE

if TYPE_CHECKING:
    from rapport.accounts.models import User


class EndpointState(models.TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    DISABLED = "disabled", _("Switched off")
    DELETED = "deleted", _("Deleted")


class Why(models.TextChoices):
    """Why Rapport itself switched an endpoint off."""

    GONE = "gone", _("It answered that it is gone for good (410).")
    EXHAUSTED = "exhausted", _("A message could not be delivered in three days of trying.")
    OWNER = "owner", _("Whoever it acts for may have nothing told any more.")


class Endpoints(models.QuerySet["Endpoint"]):
    """One's own; to who administers, everybody's. A deleted one is there only until what it was told has gone too."""

    def visible_to(self, user: User) -> Self:
        if not user.has_right(MANAGE.name):
            return self.none()
        mine = Q() if user.has_right(ADMINISTER.name) else Q(owner=user)
        return self.filter(mine).exclude(state=EndpointState.DELETED)


class Endpoint(models.Model):
    """An address of another system that is told of events, as far as its owner sees them."""

    audit_class = AuditClass.AUDITED
    audit_ignores = ("version", "rest_until")

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    version = models.IntegerField(default=1, db_default=1)
    url = models.TextField()
    description = models.TextField(default="", db_default="", blank=True)
    types = ArrayField(models.TextField(), default=list)
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(
        choices=EndpointState.choices, default=EndpointState.ACTIVE, db_default=EndpointState.ACTIVE
    )
    why = models.TextField(choices=Why.choices, default="", db_default="", blank=True)
    made_at = models.DateTimeField()
    rest_until = models.DateTimeField(null=True, blank=True)

    objects = Endpoints.as_manager()

    @property
    def is_active(self) -> bool:
        return self.state == EndpointState.ACTIVE

    @property
    def name(self) -> str:
        return self.description or self.url


class Secret(models.Model):
    """What messages to an endpoint are signed with, sealed by the key of the house; an old one until `ends_at`."""

    audit_class = AuditClass.LOG

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+")
    sealed = models.TextField()
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint"], condition=Q(ends_at=None), name="webhooks_secret_current")
        ]


class MessageState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class Messages(models.QuerySet["Message"]):
    def due(self, *, now: datetime) -> Self:
        return self.filter(state=MessageState.WAITING, next_try_at__lte=now)


class Message(models.Model):
    """One event for one endpoint, in ids and names of fields. `round_count` counts the attempts since it was (re)queued."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    event_id = models.UUIDField()
    part = models.SmallIntegerField(default=0, db_default=0)
    type = models.TextField()
    about = models.TextField(default="", db_default="", blank=True)
    ids = ArrayField(models.TextField(), default=list)
    more = models.JSONField(default=dict)
    happened_at = models.DateTimeField(db_default=Now())
    state = models.TextField(choices=MessageState.choices, default=MessageState.WAITING, db_default="waiting")
    try_count = models.IntegerField(default=0, db_default=0)
    round_count = models.SmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Messages.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "endpoint", "part"], name="webhooks_message_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", next_try_at__isnull=False, ended_at=None)
                | ~Q(state="waiting") & Q(next_try_at=None, ended_at__isnull=False),
                name="webhooks_message_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], name="webhooks_message_log"),
            models.Index(
                fields=["endpoint", "next_try_at", "id"], condition=Q(state="waiting"), name="webhooks_message_due"
            ),
            models.Index(fields=["happened_at"], name="webhooks_message_age"),
        ]

    @property
    def webhook_id(self) -> str:
        """By this the receiver knows a message that comes again."""
        return f"msg_{self.public_id.hex}"


class Problem(models.TextChoices):
    """Why an attempt brought no answer, or none that counts."""

    STATUS = "status", _("It was not accepted.")
    REDIRECT = "redirect", _("It was sent on to another address, which is never followed.")
    TIMEOUT = "timeout", _("There was no answer in time.")
    CONNECTION = "connection", _("No connection came about, or it broke off.")
    TLS = "tls", _("The certificate or the encryption is not in order.")
    NAME = "name", _("The name of the host is not known.")
    ADDRESS = "address", _("The host lies in a network that is not open to webhooks.")


class Attempt(models.Model):
    """One try to deliver a message: what came back, and how long that took. `answer` is the beginning of what was said."""

    audit_class = AuditClass.LOG

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    tried_at = models.DateTimeField()
    took_ms = models.IntegerField()
    status = models.IntegerField(null=True, blank=True)
    problem = models.TextField(choices=Problem.choices, default="", db_default="", blank=True)
    answer = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="webhooks_attempt_once")]


def as_json(message: Message) -> dict[str, Any]:
    """What a message says besides who says it and when."""
    return {"ids": message.ids, **message.more} if message.ids else dict(message.more)
