"""Writes to tasks: one verb, one function, one transaction, one event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from rapport.accounts.queries import business_zone
from rapport.core.acting import acting
from rapport.core.clock import end_of_day, seen_from
from rapport.core.events import Event, publish
from rapport.records.record_kinds import FoundRecord, record_kinds
from rapport.work.events import TaskAdded, TaskCancelled, TaskChanged, TaskDone, TaskReopened
from rapport.work.models import NotificationKind, Priority, Task, TaskState
from rapport.work.notifying import can_see, tell_of_task
from rapport.work.reminders import settled

if TYPE_CHECKING:
    from rapport.accounts.models import User

EDITABLE = ("title", "text", "due_on", "due_time", "assignee", "priority", "remind_at", "remind_field", "remind_days")


class AssigneeCannotSee(Exception):
    """The task would go to somebody who may not see what it is about; nothing was written."""

    def __init__(self, assignee: User, record: FoundRecord | None) -> None:
        super().__init__(f"{assignee} cannot see this record.")
        self.assignee = assignee
        self.record = record


class TaskChangedMeanwhile(Exception):
    """Somebody else saved the task since the form was opened; nothing was written."""

    def __init__(self, current: Task) -> None:
        super().__init__("The task was changed by somebody else.")
        self.current = current


def add_task(
    title: str,
    *,
    by: User,
    now: datetime,
    record: FoundRecord | None = None,
    text: str = "",
    due_on: date | None = None,
    due_time: time | None = None,
    assignee: User | None = None,
    priority: int = Priority.NORMAL,
    remind_at: datetime | None = None,
    remind_field: str = "",
    remind_days: int = 0,
    request: HttpRequest | None = None,
) -> Task:
    """Add something to do, about `record` or about nothing. Raises AssigneeCannotSee."""
    _refuse_blind(assignee, record)
    said = {"remind_at": remind_at, "remind_field": remind_field, "remind_days": remind_days}
    with acting(by, request, reason=TaskAdded.name):
        task = Task.objects.create(
            title=title, text=text, **due_columns(due_on, due_time, zone=business_zone()), assignee=assignee,
            priority=priority, created_by=by, created_at=now, updated_at=now,
            **(settled(said, Task(), record, by=by) if remind_field else {"remind_at": remind_at}),
            **(place_of(record) if record is not None else {}),
        )  # fmt: skip
        tell_of_task(task, NotificationKind.GIVEN, task.assignee_id, by=by, now=now)
        publish(TaskAdded(task.pk, task.assignee_id, task.customer_id))
    return task


def edit_task(
    task: Task,
    values: Mapping[str, Any],
    *,
    version: int,
    by: User,
    now: datetime,
    record: FoundRecord | None = None,
    request: HttpRequest | None = None,
) -> Task:
    """Change what differs; `record` is what the task is about. Raises TaskChangedMeanwhile and AssigneeCannotSee."""
    with acting(by, request, reason=TaskChanged.name):
        current = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if current.version != version:
            raise TaskChangedMeanwhile(current)
        wanted = {name: value for name, value in settled(values, current, record, by=by).items() if name in EDITABLE}
        if "due_on" in wanted:
            wanted |= due_columns(wanted["due_on"], wanted.pop("due_time", None), zone=business_zone())
        changed = [name for name, value in wanted.items() if getattr(current, name) != value]
        if not changed:
            return current
        if "assignee" in changed:
            _refuse_blind(wanted["assignee"], record)
        for name in changed:
            setattr(current, name, wanted[name])
        current.version, current.updated_at = current.version + 1, now
        current.save(update_fields=[*changed, "version", "updated_at"])
        if "assignee" in changed:
            tell_of_task(current, NotificationKind.GIVEN, current.assignee_id, by=by, now=now)
        publish(TaskChanged(current.pk, tuple(sorted(changed)), current.assignee_id))
    return current


def finish_task(task: Task, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Mark it as done; says whether it was still open."""
    return _move(task, TaskState.DONE, TaskDone(task.pk, task.customer_id), by=by, now=now, request=request)


def cancel_task(task: Task, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Mark it as not to be done any more; says whether it was still open."""
    return _move(task, TaskState.CANCELLED, TaskCancelled(task.pk, task.customer_id), by=by, now=now, request=request)


def reopen_task(task: Task, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Take it up again; says whether it was closed."""
    return _move(task, TaskState.OPEN, TaskReopened(task.pk, task.customer_id), by=by, now=now, request=request)


def _move(task: Task, to: TaskState, event: Event, *, by: User, now: datetime, request: HttpRequest | None) -> bool:
    """Only an open task is closed and only a closed one is opened: what is done stays with who did it first."""
    with acting(by, request, reason=event.name):
        current = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if current.is_open == (to == TaskState.OPEN):
            return False
        current.state = to
        current.closed_at, current.closed_by = (None, None) if to == TaskState.OPEN else (now, by)
        current.version, current.updated_at = current.version + 1, now
        current.save(update_fields=["state", "closed_at", "closed_by", "version", "updated_at"])
        if to == TaskState.DONE:
            tell_of_task(current, NotificationKind.DONE, current.created_by_id, by=by, now=now)
        publish(event)
    return True


def in_zone_of_business(due_on: date, due_time: time, *, zone: ZoneInfo) -> dict[str, Any]:
    """Day and time in `zone` as the business counts them; of a time beyond the calendar's end, what was said."""
    there = seen_from(datetime.combine(due_on, due_time, tzinfo=zone), business_zone())
    return {"due_on": there.date(), "due_time": there.time()}


def due_columns(due_on: date | None, due_time: time | None, *, zone: ZoneInfo) -> dict[str, Any]:
    """A day, or a day and a time of the business, as a task keeps it."""
    if due_on is None:
        return {"due_on": None, "due_at": None, "has_due_time": False}
    if due_time is None:
        return {"due_on": due_on, "due_at": end_of_day(due_on, zone=zone), "has_due_time": False}
    return {"due_on": due_on, "due_at": datetime.combine(due_on, due_time, tzinfo=zone), "has_due_time": True}


def place_of(record: FoundRecord) -> dict[str, Any]:
    """The columns by which a row hangs on a record, and on the profile behind it; inside the transaction that writes it."""
    kind = record_kinds()[record.kind]
    record = kind.hold(record)
    return {
        "record_kind": record.kind,
        "record_id": None if kind.is_customer else record.id,
        "customer_id": record.customer_id,
        "profile_id": kind.profile_of(record) if record.customer_id is not None else None,
    }


def _refuse_blind(assignee: User | None, record: FoundRecord | None) -> None:
    if assignee is not None and not can_see(assignee, record):
        raise AssigneeCannotSee(assignee, record)
