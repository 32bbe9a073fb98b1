"""What other systems may be told of tasks and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.records.telling import Outgoing, Said
from rapport.work.events import (
    CommentWritten,
    TaskAdded,
    TaskCancelled,
    TaskChanged,
    TaskDone,
    TaskReopened,
    TaskRestored,
    TaskTrashed,
)
from rapport.work.models import TASK, Comment, Task
from rapport.work.permissions import VIEW
from rapport.work.queries import record_of

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _say_task(user: User, event: Any) -> Said | None:
    """What was trashed is told of as well; what the task is about, only to who sees that."""
    task = Task.all_objects.visible_to(user).filter(pk=event.task_id).first()
    if task is None:
        return None
    changed = {"changed": list(event.fields)} if isinstance(event, TaskChanged) else {}
    return Said((str(task.public_id),), changed | _about(user, task))


def _say_comment(user: User, event: CommentWritten) -> Said | None:
    comment = Comment.objects.visible_to(user).filter(pk=event.comment_id, edited_at=None).first()
    return Said((str(comment.public_id),), _about(user, comment)) if comment is not None else None


def _about(user: User, row: Task | Comment) -> dict[str, Any]:
    record = record_of(user, row)
    return {"on": {"kind": record.kind, "id": str(record.public_id)}} if record is not None else {}


OUTGOING = (
    Outgoing("task.added", TaskAdded, _("A task was added"), TASK, _say_task, VIEW.name),
    Outgoing("task.changed", TaskChanged, _("A task was changed"), TASK, _say_task, VIEW.name),
    Outgoing("task.done", TaskDone, _("A task was done"), TASK, _say_task, VIEW.name),
    Outgoing("task.cancelled", TaskCancelled, _("A task was cancelled"), TASK, _say_task, VIEW.name),
    Outgoing("task.reopened", TaskReopened, _("A task was opened again"), TASK, _say_task, VIEW.name),
    Outgoing("task.trashed", TaskTrashed, _("A task was put in the trash"), TASK, _say_task, VIEW.name),
    Outgoing("task.restored", TaskRestored, _("A task was brought back from the trash"), TASK, _say_task, VIEW.name),
    Outgoing("comment.added", CommentWritten, _("A comment was written"), "comment", _say_comment, VIEW.name),
)
