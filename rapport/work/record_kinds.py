"""Tasks as records that comments and files can be put on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from rapport.records.record_kinds import FoundRecord, Holding, RecordKind
from rapport.work.models import Task
from rapport.work.permissions import VIEW
from rapport.work.queries import (
    TASK,
    customer_behind,
    find_task,
    profile_of_task,
    record_of_task,
    tasks_by_id,
    visible_task_ids,
)

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _find(user: User, public_id: UUID) -> FoundRecord | None:
    try:
        return record_of_task(find_task(user, public_id))
    except Http404:
        return None


def _by_ids(user: User, ids: Sequence[int]) -> Mapping[int, FoundRecord]:
    return {key: record_of_task(task) for key, task in tasks_by_id(user, ids).items()}


def _profile_of(record: FoundRecord) -> int | None:
    return profile_of_task(record.id)


def _hold(record: FoundRecord) -> FoundRecord:
    """Whoever moves the customer behind a task moves the task first, and waits for it."""
    return replace(record, customer_id=customer_behind(record.id))


def _holding(task_id: int) -> Holding:
    """A task on nothing belongs to whoever does it and whoever added it; any other is seen where its record is."""
    task = Task.all_objects.get(pk=task_id)
    gone = _("It lies in the trash.") if task.trashed_at else ""
    if not task.record_kind:
        return Holding(tuple({task.assignee_id, task.created_by_id}), gone=gone)
    return Holding(behind=(task.record_kind, task.record_id or task.customer_id or 0), gone=gone)


RECORD_KINDS = (
    RecordKind(
        TASK, _("Task"), _find, _by_ids, visible_task_ids, _profile_of, hold=_hold, right=VIEW.name, holding=_holding
    ),
)
