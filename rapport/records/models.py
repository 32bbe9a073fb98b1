"""Imports: the file, its chunks, the rows that were refused, and what is needed to undo it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from rapport.audit.classes import AuditClass


class ImportState(models.TextChoices):
    DRAFT = "draft", "Not started"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    CANCELLING = "cancelling", "Being cancelled"
    CANCELLED = "cancelled", "Cancelled"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class Import(models.Model):
    """One file that was brought in, with the answers to everything that was not certain about it."""

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    importer = models.TextField(default="", blank=True)
    file_name = models.TextField()
    file_digest = models.TextField()
    file_size = models.BigIntegerField()
    answers = models.JSONField(default=dict)
    state = models.TextField(choices=ImportState.choices, default=ImportState.DRAFT)
    stage = models.TextField(default="", blank=True)
    counts = models.JSONField(default=dict)
    rows_total = models.BigIntegerField(null=True)
    rows_done = models.BigIntegerField(default=0)
    problem_count = models.BigIntegerField(default=0)
    failure = models.TextField(default="", blank=True)
    started_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)


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
