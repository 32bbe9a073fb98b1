"""A part of the system asks somebody to see to something: a task that she is told of, and that nobody has given her."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.records.record_kinds import FoundRecord
from rapport.work.actions import place_of
from rapport.work.events import TaskAdded
from rapport.work.models import Notification, NotificationKind, Priority, Task

if TYPE_CHECKING:
    from rapport.accounts.models import User


def ask_to_see_to(
    title: str, *, text: str, assignee: User, by: Actor, now: datetime, record: FoundRecord | None = None
) -> Task:
    """A task of high priority, about a record that the assignee sees or about none, and a notification of it without a name."""
    with acting(by, reason=TaskAdded.name):
        task = Task.objects.create(
            title=title, text=text, assignee=assignee, priority=Priority.HIGH, created_at=now, updated_at=now,
            **(place_of(record) if record is not None else {}),
        )  # fmt: skip
        Notification.objects.create(
            recipient=assignee, kind=NotificationKind.GIVEN, task_id=task.pk, happened_at=now, shown_at=now
        )
        publish(TaskAdded(task.pk, task.assignee_id, task.customer_id))
    return task
