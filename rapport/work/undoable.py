"""How what is done to tasks, comments and files is undone."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import SharedOnly
from rapport.core.events import publish
from rapport.records.command_log.noting import Undoable, Undoing, changed_since, gone, take_back_all
from rapport.work import noting
from rapport.work.actions_comments import NotTheAuthor, delete_comment, edit_comment, restore_comment
from rapport.work.actions_files import restore_file, trash_file
from rapport.work.actions_trash import trash_task
from rapport.work.events import TaskChanged, TaskRestored
from rapport.work.inbox_undo import INBOX
from rapport.work.models import Attachment, Comment, Task
from rapport.work.permissions import EDIT
from rapport.work.queries import find_task_to_close
from rapport.work.sharing_undo import SHARING

_CLOSING = {"state", "closed_at", "closed_by_id"}


def _held(undoing: Undoing) -> Task:
    """The task as the act left it, in the trash or not, locked."""
    found = Task.all_objects.visible_to(undoing.by).filter(pk=undoing.arguments["task"]).first()
    found = found or _closed_by_who_has_it(undoing)
    if found is None:
        raise gone()
    current = Task.all_objects.select_for_update(of=("self",)).get(pk=found.pk)
    if current.version != undoing.arguments["version"]:
        raise changed_since()
    return current


def _closed_by_who_has_it(undoing: Undoing) -> Task | None:
    """She closes what she has to do also on a record that she only reads, and so takes that back."""
    task = Task.objects.filter(pk=undoing.arguments["task"], assignee=undoing.by).first()
    if task is None or not set(undoing.arguments.get("before", ("title",))) <= _CLOSING:
        return None
    try:
        return find_task_to_close(undoing.by, task.public_id)
    except (Http404, SharedOnly):
        return None


def _undo_task_added(undoing: Undoing) -> None:
    """Into the trash, so that what was typed is not lost."""
    if not trash_task(_held(undoing), by=undoing.by, now=undoing.now, request=undoing.request):
        raise gone()


def take_task_back(undoing: Undoing) -> None:
    """The task says again what it said `before`, where it still is as the act left it."""
    current, before = _held(undoing), undoing.arguments["before"]
    for column, value in before.items():
        setattr(current, column, _value_of(column, value))
    current.version, current.updated_at = current.version + 1, undoing.now
    current.save(update_fields=[*(_field(column).name for column in before), "version", "updated_at"])
    if "trashed_at" in before:
        publish(TaskRestored(current.pk, current.customer_id))
    publish(TaskChanged(current.pk, tuple(sorted(before)), current.assignee_id))


def _value_of(column: str, value: Any) -> Any:
    return value if column.endswith("_id") else _field(column).to_python(value)


def _field(column: str) -> models.Field[Any, Any]:
    found = Task._meta.get_field(column.removesuffix("_id"))
    assert isinstance(found, models.Field)
    return found


def _comment(undoing: Undoing) -> Comment:
    found = Comment.objects.visible_to(undoing.by).filter(pk=undoing.arguments["comment"]).first()
    if found is None:
        raise gone()
    return Comment.objects.select_for_update().get(pk=found.pk)


def _undo_comment_written(undoing: Undoing) -> None:
    comment = _comment(undoing)
    if comment.said != undoing.arguments["text"]:
        raise changed_since()
    try:
        is_done = delete_comment(comment, by=undoing.by, now=undoing.now, request=undoing.request)
    except NotTheAuthor as refusal:
        raise gone() from refusal
    if not is_done:
        raise gone()


def _undo_comment_changed(undoing: Undoing) -> None:
    comment = _comment(undoing)
    if comment.trashed_at is not None:
        raise gone()
    if comment.said != undoing.arguments["text"]:
        raise changed_since()
    edit_comment(comment, undoing.arguments["before"], by=undoing.by, now=undoing.now, request=undoing.request)


def _undo_comment_trashed(undoing: Undoing) -> None:
    if not restore_comment(_comment(undoing), by=undoing.by, request=undoing.request):
        raise changed_since()


def _files(undoing: Undoing) -> list[Attachment]:
    wanted = undoing.arguments["files"]
    found = list(Attachment.objects.visible_to(undoing.by).filter(pk__in=wanted))
    if len(found) < len(wanted):
        raise gone()
    return found


def _undo_files_added(undoing: Undoing) -> None:
    done = [trash_file(each, by=undoing.by, now=undoing.now, request=undoing.request) for each in _files(undoing)]
    if not all(done):
        raise changed_since()


def _undo_file_trashed(undoing: Undoing) -> None:
    if not all(restore_file(each, by=undoing.by, request=undoing.request) for each in _files(undoing)):
        raise changed_since()


UNDOABLES = (
    Undoable(noting.LINE_LOGGED, _("Contact and task logged"), EDIT.name, undo=take_back_all),
    Undoable(noting.TASK_ADDED, _("Task added"), EDIT.name, undo=_undo_task_added),
    Undoable(noting.TASK_CHANGED, _("Task changed"), EDIT.name, undo=take_task_back),
    Undoable(noting.TASK_CLOSED, _("Task done or cancelled"), EDIT.name, undo=take_task_back),
    Undoable(noting.TASK_REOPENED, _("Task taken up again"), EDIT.name, undo=take_task_back),
    Undoable(noting.TASK_TRASHED, _("Task put into the trash"), EDIT.name, undo=take_task_back),
    Undoable(noting.COMMENT_WRITTEN, _("Comment written"), EDIT.name, undo=_undo_comment_written),
    Undoable(noting.COMMENT_CHANGED, _("Comment changed"), EDIT.name, undo=_undo_comment_changed),
    Undoable(noting.COMMENT_TRASHED, _("Comment put into the trash"), EDIT.name, undo=_undo_comment_trashed),
    Undoable(noting.FILE_ADDED, _("Files added"), EDIT.name, undo=_undo_files_added),
    Undoable(noting.FILE_TRASHED, _("File put into the trash"), EDIT.name, undo=_undo_file_trashed),
    *SHARING,
    *INBOX,
)
