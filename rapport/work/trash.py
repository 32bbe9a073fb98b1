"""Tasks, comments and files in the trash, as its page shows them, and how they are ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from rapport.records.command_log.noting import mark_undone
from rapport.records.permissions import PURGE
from rapport.records.trash.declaring import Bin, Handling, Purge, Trashed
from rapport.work import noting
from rapport.work.actions_comments import restore_comment
from rapport.work.actions_files import restore_file
from rapport.work.actions_trash import end_comments, end_files, end_tasks, restore_task
from rapport.work.models import TASK, Attachment, Comment, Task
from rapport.work.permissions import EDIT, VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User

_LONGEST = 80


def _tasks(user: User) -> QuerySet[Any]:
    return Task.all_objects.visible_to(user).exclude(trashed_at=None)


def _comments(user: User) -> QuerySet[Any]:
    """One's own words alone; those of others are theirs to bring back."""
    return Comment.objects.visible_to(user).filter(author=user).exclude(trashed_at=None)


def _files(user: User) -> QuerySet[Any]:
    return Attachment.objects.visible_to(user).exclude(trashed_at=None)


def _name(row: Any) -> str:
    said = row.title if isinstance(row, Task) else row.said if isinstance(row, Comment) else row.name
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _bin(kind: str, label: Any, found: Any, restore: Any, noted: Any) -> Bin:
    def rows(user: User, at_most: int) -> Sequence[Trashed]:
        return [_shown(each) for each in found(user).order_by("-trashed_at", "-pk")[:at_most]]

    def find(user: User, public_id: UUID) -> Trashed | None:
        row = found(user).filter(public_id=public_id).first()
        return _shown(row) if row is not None else None

    def names(user: User, ids: Sequence[int]) -> Mapping[int, str]:
        return {each.pk: _name(each) for each in found(user).filter(pk__in=ids)}

    def bring_back(public_id: UUID, handling: Handling) -> bool:
        row = found(handling.by).filter(public_id=public_id).first()
        is_back = row is not None and restore(row, handling)
        if is_back:
            action, arguments = noted(row)
            mark_undone(action, arguments, now=handling.now)
        return is_back

    return Bin(kind, label, VIEW.name, rows=rows, find=find, names=names, restore=bring_back, restore_right=EDIT.name)


def _shown(row: Any) -> Trashed:
    return Trashed(row.public_id, _name(row), row.trashed_at)


def _purge(kind: str, found: Any, end: Any, warning: Any) -> Purge:
    def purge(public_id: UUID, handling: Handling) -> bool:
        ids = list(found(handling.by).filter(public_id=public_id).values_list("pk", flat=True))
        return bool(end(ids, by=handling.by, request=handling.request))

    return Purge(kind, PURGE.name, purge, warning)


BINS = (
    _bin(
        TASK, _("Tasks"), _tasks, lambda row, how: restore_task(row, by=how.by, now=how.now, request=how.request),
        lambda row: (noting.TASK_TRASHED, {"task": row.pk}),
    ),
    _bin(
        "comment", _("Comments"), _comments, lambda row, how: restore_comment(row, by=how.by, request=how.request),
        lambda row: (noting.COMMENT_TRASHED, {"comment": row.pk}),
    ),
    _bin(
        "file", _("Files"), _files, lambda row, how: restore_file(row, by=how.by, request=how.request),
        lambda row: (noting.FILE_TRASHED, {"files": [row.pk]}),
    ),
)  # fmt: skip
PURGES = (
    _purge(TASK, _tasks, end_tasks, _("The task is deleted, with the comments and files on it.")),
    _purge("comment", _comments, end_comments, _("The comment is deleted.")),
    _purge("file", _files, end_files, _("The file is deleted.")),
)
