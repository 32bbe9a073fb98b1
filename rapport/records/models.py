"""Imports: the file, its chunks, the rows that were refused, and what is needed to undo it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import reach_of
from rapport.audit.classes import AuditClass
from rapport.records.bulk.models import BulkItem, BulkRun, Selection
from rapport.records.command_log.models import Command
from rapport.records.custom_fields.models import CustomField, CustomKind, FieldLayout, FieldsMark
from rapport.records.saved_views.models import ListChoice, RoleView, SavedView
from rapport.records.tags.models import Tag

if TYPE_CHECKING:
    from rapport.accounts.models import User

__all__ = (
    "UNDER_WAY",
    "BulkItem",
    "BulkRun",
    "Command",
    "CustomField",
    "CustomKind",
    "FieldLayout",
    "FieldsMark",
    "Import",
    "ImportChunk",
    "ImportProblem",
    "ImportQuerySet",
    "ImportState",
    "ImportUndo",
    "ListChoice",
    "RoleView",
    "SavedView",
    "Selection",
    "Tag",
)


class ImportState(models.TextChoices):
    DRAFT = "draft", _("Not started")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    CANCELLING = "cancelling", _("Being cancelled")
    CANCELLED = "cancelled", _("Cancelled")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


UNDER_WAY = (ImportState.WAITING, ImportState.RUNNING, ImportState.CANCELLING, ImportState.UNDOING)


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        """One's own imports; all of them to those who see every record."""
        return self if reach_of(user).everything else self.filter(started_by=user)


class Import(models.Model):
    """One file that was brought in, with the answers to everything that was not certain about it."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    importer = models.TextField(default="", blank=True)
    file_name = models.TextField()
    file_digest = models.TextField()
    file_size = models.BigIntegerField()
    answers = models.JSONField(default=dict)
    looked = models.JSONField(default=dict)
    state = models.TextField(choices=ImportState.choices, default=ImportState.DRAFT)
    stage = models.TextField(default="", blank=True)
    counts = models.JSONField(default=dict)
    rows_total = models.BigIntegerField(null=True)
    progress = models.SmallIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    problem_count = models.BigIntegerField(default=0)
    failure = models.TextField(default="", blank=True)
    resumptions = models.SmallIntegerField(default=0)
    started_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def can_be_undone(self) -> bool:
        """Something of it may stand in the tables, and nobody is at work on it."""
        return (
            self.state in (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED) and self.started_at is not None
        )


class ImportChunk(models.Model):
    """A part of an import that is done or not done, in one transaction."""

    audit_class = AuditClass.LOG

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    stage = models.TextField()
    number = models.IntegerField()
    counts = models.JSONField(default=dict)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "stage", "number"], name="records_importchunk_once")]


class ImportProblem(models.Model):
    """A row that was refused: where, which value, why; `row` keeps it whole so that it can be mended."""

    audit_class = AuditClass.LOG

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+", db_index=False)
    line = models.IntegerField()
    column = models.TextField(default="")
    value = models.TextField(default="")
    code = models.TextField()
    reason = models.TextField()
    row = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["job", "line"], name="records_importproblem_line")]


class ImportUndo(models.Model):
    """A row as it was before an import changed it."""

    audit_class = AuditClass.LOG

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+", db_index=False)
    table_name = models.TextField()
    row_id = models.BigIntegerField()
    previous = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "table_name", "row_id"], name="records_importundo_once")]


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    CANCELLED = "cancelled", _("Cancelled")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> Self:
        """One's own alone: the file holds what its maker may see."""
        return self.filter(asked_by=user)


class Export(models.Model):
    """A list as a file: what was asked, how far it is, and the file, which is kept for a day."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    list_name = models.TextField()
    query = models.TextField(default="", blank=True)
    columns = models.JSONField(default=list)
    file_format = models.TextField()
    with_mark = models.BooleanField(default=True)
    state = models.TextField(choices=ExportState.choices, default=ExportState.WAITING)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(null=True)
    file_name = models.TextField(default="", blank=True)
    file_digest = models.TextField(default="", blank=True)
    file_size = models.BigIntegerField(default=0)
    failure = models.TextField(default="", blank=True)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    @property
    def is_under_way(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.RUNNING)
