"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class TaskAdded(Event):
    name: ClassVar[str] = "work.task_added"

    task_id: int
    assignee_id: int | None
    customer_id: int | None = None


@dataclass(frozen=True)
class TaskChanged(Event):
    name: ClassVar[str] = "work.task_changed"

    task_id: int
    fields: tuple[str, ...]
    assignee_id: int | None = None


@dataclass(frozen=True)
class TaskDone(Event):
    name: ClassVar[str] = "work.task_done"

    task_id: int
    customer_id: int | None = None


@dataclass(frozen=True)
class TaskCancelled(Event):
    name: ClassVar[str] = "work.task_cancelled"

    task_id: int
    customer_id: int | None = None


@dataclass(frozen=True)
class TaskReopened(Event):
    name: ClassVar[str] = "work.task_reopened"

    task_id: int
    customer_id: int | None = None


@dataclass(frozen=True)
class CommentWritten(Event):
    """`mentioned` are the ids of the staff whom the comment names with @ and had not named before."""

    name: ClassVar[str] = "work.comment_written"

    comment_id: int
    record_kind: str
    record_id: int
    mentioned: tuple[int, ...] = ()
    customer_id: int | None = None


@dataclass(frozen=True)
class CommentDeleted(Event):
    name: ClassVar[str] = "work.comment_deleted"

    comment_id: int


@dataclass(frozen=True)
class FileAttached(Event):
    name: ClassVar[str] = "work.file_attached"

    attachment_id: int
    record_kind: str
    record_id: int
    customer_id: int | None = None


@dataclass(frozen=True)
class FileTrashed(Event):
    name: ClassVar[str] = "work.file_trashed"

    attachment_id: int


@dataclass(frozen=True)
class TaskTrashed(Event):
    name: ClassVar[str] = "work.task_trashed"

    task_id: int
    customer_id: int | None = None


@dataclass(frozen=True)
class TaskRestored(Event):
    name: ClassVar[str] = "work.task_restored"

    task_id: int
    customer_id: int | None = None
