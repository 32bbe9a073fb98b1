"""Writes that hide tasks and bring them back, and that end what lies in the trash."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from rapport.core.acting import SYSTEM, Actor, acting
from rapport.core.events import publish
from rapport.core.files import StoredFile
from rapport.work.actions_files import KEPT_IN_TRASH, remove_later
from rapport.work.events import TaskRestored, TaskTrashed
from rapport.work.models import TASK, Attachment, Comment, Task

if TYPE_CHECKING:
    from rapport.accounts.models import User

_ENDED = "work.ended"
_AT_ONCE = 500


def trash_task(task: Task, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Hide a task with what is on it; says whether it was still there."""
    with acting(by, request, reason=TaskTrashed.name):
        current = Task.all_objects.select_for_update(of=("self",)).get(pk=task.pk)
        if current.trashed_at is not None:
            return False
        current.trashed_at, current.version, current.updated_at = now, current.version + 1, now
        current.save(update_fields=["trashed_at", "version", "updated_at"])
        publish(TaskTrashed(current.pk, current.customer_id))
    return True


def restore_task(task: Task, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Take a task out of the trash; says whether it lay there."""
    with acting(by, request, reason=TaskRestored.name):
        current = Task.all_objects.select_for_update(of=("self",)).get(pk=task.pk)
        if current.trashed_at is None:
            return False
        current.trashed_at, current.version, current.updated_at = None, current.version + 1, now
        current.save(update_fields=["trashed_at", "version", "updated_at"])
        publish(TaskRestored(current.pk, current.customer_id))
    return True


def end_tasks(ids: list[int], *, by: Actor, request: HttpRequest | None = None) -> int:
    """Delete tasks of the trash for good, with the comments and files on them."""
    with acting(by, request, reason=_ENDED):
        held = (
            Task.all_objects.filter(pk__in=ids).exclude(trashed_at=None).order_by("pk").select_for_update(of=("self",))
        )
        gone = [each.pk for each in held]
        on_them = Attachment.objects.filter(record_kind=TASK, record_id__in=gone)
        end_files(list(on_them.values_list("pk", flat=True)), by=by, request=request)
        Comment.objects.filter(record_kind=TASK, record_id__in=gone).delete()
        Task.all_objects.filter(pk__in=gone).delete()
    return len(gone)


def end_old_tasks(*, now: datetime) -> int:
    """Those that have lain in the trash for their time."""
    old = Task.all_objects.filter(trashed_at__lt=now - KEPT_IN_TRASH).order_by("pk")
    return end_tasks(list(old.values_list("pk", flat=True)[:_AT_ONCE]), by=SYSTEM)


def end_comments(ids: list[int], *, by: Actor, request: HttpRequest | None = None) -> int:
    with acting(by, request, reason=_ENDED):
        return Comment.objects.filter(pk__in=ids).exclude(trashed_at=None).delete()[0]


def end_files(ids: list[int], *, by: Actor, request: HttpRequest | None = None) -> int:
    """Delete files for good; their bytes go once nothing names them."""
    with acting(by, request, reason=_ENDED):
        gone = list(Attachment.objects.filter(pk__in=ids).order_by("pk").select_for_update())
        Attachment.objects.filter(pk__in=[each.pk for each in gone]).delete()
        for digest, size in {(each.digest, each.size) for each in gone}:
            remove_later(StoredFile(digest, size))
    return len(gone)
