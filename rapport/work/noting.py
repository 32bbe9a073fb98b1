"""Notes for the command log: what was done to tasks, comments and files on a screen, with what undoing it needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rapport.records.command_log.noting import note_beside, note_command
from rapport.work.models import TASK, Attachment, Comment, Task

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

TASK_ADDED, TASK_CHANGED, TASK_CLOSED, TASK_REOPENED, TASK_TRASHED = (
    "work.task_added", "work.task_changed", "work.task_closed", "work.task_reopened", "work.task_trashed",
)  # fmt: skip
COMMENT_WRITTEN, COMMENT_CHANGED, COMMENT_TRASHED = (
    "work.comment_written", "work.comment_changed", "work.comment_trashed",
)  # fmt: skip
LINE_LOGGED = "work.line_logged"
FILE_ADDED, FILE_TRASHED = "work.file_added", "work.file_trashed"

_MOVED = ("state", "closed_at", "closed_by_id")
_COLUMNS = {
    TASK_CHANGED: (
        "title", "text", "due_on", "due_at", "has_due_time", "remind_at", "remind_field", "remind_days", "priority",
        "assignee_id",
    ),
    TASK_CLOSED: _MOVED,
    TASK_REOPENED: _MOVED,
    TASK_TRASHED: ("trashed_at",),
}  # fmt: skip


def note_task_added(task: Task, *, by: User, now: datetime) -> Command:
    return _note(TASK_ADDED, _added(task), task, by=by, now=now)


def note_line_logged(contact: Command, task: Task) -> Command:
    """The contact and the task of one line are undone together."""
    return note_beside(contact, [(TASK_ADDED, _added(task))], action=LINE_LOGGED)


def _added(task: Task) -> dict[str, Any]:
    return {"task": task.pk, "version": task.version}


def note_task(action: str, before: Task, *, by: User, now: datetime) -> Command | None:
    """`before` is the task as it was read before; what differs by now is what undoing puts back."""
    after = Task.all_objects.get(pk=before.pk)
    was = {column: getattr(before, column) for column in _COLUMNS[action]}
    was = {column: value for column, value in was.items() if value != getattr(after, column)}
    if not was:
        return None
    return _note(action, {"task": after.pk, "version": after.version, "before": was}, after, by=by, now=now)


def note_comment_written(comment: Comment, *, by: User, now: datetime) -> Command:
    return _note(COMMENT_WRITTEN, {"comment": comment.pk, "text": comment.said}, comment, by=by, now=now)


def note_comment_changed(comment: Comment, before: str, *, by: User, now: datetime) -> Command | None:
    if comment.said == before:
        return None
    arguments = {"comment": comment.pk, "text": comment.said, "before": before}
    return _note(COMMENT_CHANGED, arguments, comment, by=by, now=now)


def note_comment_trashed(comment: Comment, *, by: User, now: datetime) -> Command:
    return _note(COMMENT_TRASHED, {"comment": comment.pk}, comment, by=by, now=now)


def note_files_added(files: list[Attachment], *, by: User, now: datetime) -> Command | None:
    """What was sent together is undone together."""
    if not files:
        return None
    return _note(FILE_ADDED, {"files": [each.pk for each in files]}, files[0], by=by, now=now)


def note_file_trashed(file: Attachment, *, by: User, now: datetime) -> Command:
    return _note(FILE_TRASHED, {"files": [file.pk]}, file, by=by, now=now)


def _note(
    action: str, arguments: Mapping[str, Any], row: Task | Comment | Attachment, *, by: User, now: datetime
) -> Command:
    kind, key = (TASK, row.pk) if isinstance(row, Task) else (row.record_kind, row.record_id or row.customer_id)
    return note_command(action, arguments, by=by, now=now, record_kind=kind, record_id=key, customer_id=row.customer_id)
