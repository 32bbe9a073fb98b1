"""What the page of today holds: what is late, due or back again, what was said to one, and what other rooms add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from rapport.core.rooms import contributions
from rapport.work import inbox, queries
from rapport.work.models import Notification, NotificationKind, Task, TaskState
from rapport.work.presenting import TaskLine, task_lines
from rapport.work.today_blocks import TodayBlock, TodayRow

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_TOLD = 20


@dataclass(frozen=True)
class TasksOfToday:
    name: str
    title: str | Promise
    lines: list[TaskLine]
    has_more: bool


@dataclass(frozen=True)
class Day:
    """Everything of one person's day. `put_off` counts the tasks that would stand here and were put off."""

    tasks: list[TasksOfToday]
    back: list[TaskLine]
    told: list[inbox.Group]
    has_more_told: bool
    blocks: list[tuple[TodayBlock, list[TodayRow]]]
    put_off: int

    @property
    def is_empty(self) -> bool:
        return not (self.tasks or self.back or self.told or any(rows for _block, rows in self.blocks))


def day_of(user: User, *, now: datetime, zone: ZoneInfo) -> Day:
    asleep = inbox.snoozed_tasks(user, now=now)
    sections, put_off = [], 0
    for name in (queries.OVERDUE, queries.TODAY):
        found = queries.list_tasks(user, now=now, zone=zone, section=name).sections
        for section in found:
            awake = [row for row in section.rows if row.task.pk not in asleep]
            put_off += len(section.rows) - len(awake)
            lines = task_lines(awake, now=now, zone=zone)
            if lines:
                sections.append(TasksOfToday(name, section.title, lines, bool(section.following)))
    shown = {line.task.pk for section in sections for line in section.lines}
    told = list(_told(user, now=now)[: MOST_TOLD + 1])
    return Day(
        sections, _back(user, shown, now=now, zone=zone), inbox.grouped(user, told[:MOST_TOLD]),
        len(told) > MOST_TOLD, _blocks(user, now=now), put_off,
    )  # fmt: skip


def _back(user: User, shown: set[int], *, now: datetime, zone: ZoneInfo) -> list[TaskLine]:
    """Tasks that were put off and are back, beyond those that are late or due anyway."""
    ids = inbox.returned(user, now=now).filter(kind=NotificationKind.SNOOZED).values("task_id")
    tasks = Task.objects.visible_to(user).filter(pk__in=ids, state=TaskState.OPEN).exclude(pk__in=shown)
    rows = list(tasks.select_related("assignee").order_by("due_at", "pk")[: queries.MOST_ON_ONE_PAGE])
    records = queries.records_of(user, rows)
    return task_lines([queries.TaskRow(task, records.get(task.pk)) for task in rows], now=now, zone=zone)


def _told(user: User, *, now: datetime) -> inbox.Notifications:
    """What is unread: mentions and comments, and tasks that were given; tasks put off stand among the tasks."""
    found = Notification.objects.visible_to(user).waiting(now=now).exclude(kind=NotificationKind.SNOOZED)
    return found.select_related("actor").order_by("-shown_at", "-pk")


def _blocks(user: User, *, now: datetime) -> list[tuple[TodayBlock, list[TodayRow]]]:
    blocks = sorted(contributions("today", "TODAY", TodayBlock), key=lambda block: (block.order, block.name))
    allowed = [block for block in blocks if not block.right or user.has_right(block.right)]
    found = [(block, list(block.find(user, now))) for block in allowed]
    return [(block, rows) for block, rows in found if rows]
