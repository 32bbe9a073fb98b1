"""Tasks as records that comments and files can be put on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from rapport.records.record_kinds import FoundRecord, RecordKind
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


RECORD_KINDS = (
    RecordKind(TASK, _("Task"), _find, _by_ids, visible_task_ids, _profile_of, hold=_hold, right=VIEW.name),
)
