"""What somebody selected, what was asked for with it, and what became of each row."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass

if TYPE_CHECKING:
    from rapport.accounts.models import User


class SelectionQuerySet(models.QuerySet["Selection"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(made_by=user)


class Selection(models.Model):
    """Rows that somebody selected: by the values of their boxes, or everything that a query string asks for."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    object = models.TextField()
    rows = models.JSONField(default=list)
    query = models.TextField(default="", blank=True)
    is_everything = models.BooleanField(default=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    objects = SelectionQuerySet.as_manager()


class BulkState(models.TextChoices):
    DRAFT = "draft", _("Not started")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    CANCELLING = "cancelling", _("Being cancelled")
    CANCELLED = "cancelled", _("Cancelled")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


BULK_UNDER_WAY = (BulkState.WAITING, BulkState.RUNNING, BulkState.CANCELLING, BulkState.UNDOING)
BULK_ENDED = (BulkState.DONE, BulkState.CANCELLED, BulkState.FAILED)


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def visible_to(self, user: User) -> Self:
        """One's own alone: it names rows that its maker may see."""
        return self.filter(selection__made_by=user)


class BulkRun(models.Model):
    """One act on a selection: what was answered to its questions, and how far it is."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.OneToOneField(Selection, on_delete=models.CASCADE, related_name="+")
    act = models.TextField()
    answers = models.JSONField(default=dict)
    state = models.TextField(choices=BulkState.choices, default=BulkState.DRAFT)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    undone = models.IntegerField(default=0)
    resumptions = models.SmallIntegerField(default=0)
    failure = models.TextField(default="", blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = BulkRunQuerySet.as_manager()

    @property
    def is_under_way(self) -> bool:
        return self.state in BULK_UNDER_WAY


class BulkItemState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    UNDONE = "undone", _("Undone")
    KEPT = "kept", _("Not undone")


class BulkItem(models.Model):
    """One row of an act: its keys, what is wanted for it, what became of it, and what undoing it needs.

    What became of it is written with the deed, or not at all.
    """

    audit_class = AuditClass.LOG

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    keys = models.JSONField()
    state = models.TextField(choices=BulkItemState.choices, default=BulkItemState.WAITING)
    reason = models.TextField(default="", blank=True)
    undo = models.JSONField(default=dict)
    wanted = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="records_bulkitem_once")]
        indexes = [models.Index(fields=["run", "state", "number"], name="records_bulkitem_state")]
