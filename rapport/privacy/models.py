"""Exports of persons, the log of erasures with what must not come in again, and how long things are kept."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import reach_of
from rapport.audit.classes import AuditClass

if TYPE_CHECKING:
    from rapport.accounts.models import User


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("At work")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ExportQuerySet(models.QuerySet["PersonExport"]):
    def visible_to(self, user: User) -> Self:
        """One's own alone, as long as one may see the customer too; that is asked where it is shown."""
        return self.filter(asked_by=user)


class PersonExport(models.Model):
    """Everything that is held about a customer, as a file for whoever asked for it; it goes after some days."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer_id = models.BigIntegerField()
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=JobState.choices, default=JobState.WAITING)
    file_digest = models.TextField(default="", blank=True)
    file_size = models.BigIntegerField(default=0)
    row_count = models.BigIntegerField(default=0)
    failure = models.TextField(default="", blank=True)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["customer_id", "asked_by"], name="privacy_export_customer")]

    @property
    def is_under_way(self) -> bool:
        return self.state in (JobState.WAITING, JobState.RUNNING)

    def is_ready(self, *, now: datetime) -> bool:
        return self.state == JobState.DONE and self.expires_at > now


class Ground(models.TextChoices):
    """Article 17 (1) of the GDPR, in plain words."""

    ASKED = "asked", _("The person withdrew consent or asked for it")
    OBJECTED = "objected", _("The person objects to being dealt with at all")
    NOT_NEEDED = "not_needed", _("The data is not needed any more")
    UNLAWFUL = "unlawful", _("There was no right to have the data")
    LAW = "law", _("A law says that it has to go")


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def visible_to(self, user: User) -> Self:
        return self if reach_of(user).everything else self.filter(asked_by=user)


class Erasure(models.Model):
    """One person who was erased: when, by whom, why, and how much of what; of her only digests.

    `digests` are of her public ids and of her ids in sources, so that a database of an older day is found out.
    """

    audit_class = AuditClass.FACT

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer_id = models.BigIntegerField(null=True)
    ground = models.TextField(choices=Ground.choices)
    state = models.TextField(choices=JobState.choices, default=JobState.WAITING)
    asked_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.TextField(default="")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    digests = ArrayField(models.TextField(), default=list)
    counts = models.JSONField(default=dict)
    replay_of = models.UUIDField(null=True)
    failure = models.TextField(default="", blank=True)

    objects = ErasureQuerySet.as_manager()

    @property
    def is_under_way(self) -> bool:
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def row_count(self) -> int:
        return sum(self.counts.values())


class Suppression(models.Model):
    """The keyed hash of an address, a number or an id of somebody erased: files must not bring her back unasked."""

    audit_class = AuditClass.FACT

    kind = models.TextField()
    digest = models.TextField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="privacy_suppression_once")]


class RetentionRule(models.Model):
    """For how many days something is kept, where the business says otherwise than we propose; none means for ever."""

    audit_class = AuditClass.AUDITED

    name = models.TextField(unique=True)
    days = models.PositiveIntegerField(null=True)


class RetentionRun(models.Model):
    """One time that a rule was applied: how much of it went."""

    audit_class = AuditClass.LOG

    name = models.TextField()
    at = models.DateTimeField()
    before = models.DateTimeField()
    removed = models.BigIntegerField()
    is_complete = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["name", "-at"], name="privacy_run_newest")]
