"""Reads of tasks, comments and files: for this room's pages and for other rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import SharedOnly, find_or_404
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.queries import active_staff
from rapport.core.clock import business_day, end_of_day
from rapport.records.places import UnknownPlace, read_place, write_place
from rapport.records.record_kinds import FoundRecord, kinds_seen_by, record_kinds, records_by_id
from rapport.work.models import TASK, Attachment, Comment, Priority, Task, Tasks, TaskState

if TYPE_CHECKING:
    from rapport.accounts.models import Share, User

SECTION_PAGE = 50
PANEL_TASKS = 8
MOST_ON_ONE_PAGE = 200
LONGEST_SEARCH = 200

MINE, GIVEN, EVERYBODY = "mine", "given", "all"
WHOSE: dict[str, str | Promise] = {MINE: _("My tasks"), GIVEN: _("Given to others"), EVERYBODY: _("Everybody’s")}
OVERDUE, TODAY, LATER, SOMEDAY, CLOSED = "overdue", "today", "later", "someday", "closed"
SECTIONS: dict[str, str | Promise] = {
    OVERDUE: _("Overdue"),
    TODAY: _("Today"),
    LATER: _("Later"),
    SOMEDAY: _("Without a day"),
    CLOSED: _("Done and cancelled"),
}


class UnknownNarrowing(ValueError):
    """A list of tasks was asked for that there is not."""


@dataclass(frozen=True)
class TaskRow:
    """A task with the record it is about, where this person may see it."""

    task: Task
    record: FoundRecord | None


@dataclass(frozen=True)
class Section:
    name: str
    title: str | Promise
    rows: list[TaskRow]
    following: str = ""


@dataclass(frozen=True)
class TaskList:
    """What was asked for, and what was found, in sections that have something in them."""

    whose: str
    state: str
    words: str
    sections: list[Section] = field(default_factory=list)

    @property
    def first_rows(self) -> list[TaskRow]:
        return [row for section in self.sections for row in section.rows]


def state_choices() -> list[tuple[str, str | Promise]]:
    return [(value, label) for value, label in TaskState.choices]


def priority_choices() -> list[tuple[str, str | Promise]]:
    return [(str(value), label) for value, label in Priority.choices]


def find_task(user: User, public_id: UUID) -> Task:
    found: Task = find_or_404(
        Task.objects.select_related("assignee", "created_by", "closed_by"), user, public_id=public_id
    )
    return found


def find_task_to_close(user: User, public_id: UUID) -> Task:
    """Who has a task closes it and takes it up again, also on a record that she only reads."""
    try:
        return find_task(user, public_id)
    except SharedOnly:  # she may read it, else it were a 404
        found = Task.objects.filter(public_id=public_id, assignee=user).first()
        if found is None:
            raise
        return found


def tasks_to_close(user: User, ids: Sequence[int]) -> list[Task]:
    """Of these, those that she has to do herself and sees, also on records that she only reads."""
    found = []
    for public_id in Task.objects.filter(pk__in=ids, assignee=user).values_list("public_id", flat=True):
        with suppress(Http404, SharedOnly):
            found.append(find_task_to_close(user, public_id))
    return found


def find_comment(user: User, public_id: UUID) -> Comment:
    found: Comment = find_or_404(Comment.objects.select_related("author"), user, public_id=public_id)
    return found


def find_attachment(user: User, public_id: UUID) -> Attachment:
    found: Attachment = find_or_404(Attachment.objects.select_related("added_by"), user, public_id=public_id)
    return found


def record_of(user: User, row: Task | Comment | Attachment) -> FoundRecord | None:
    """What a row is about; None for a task about nothing."""
    return records_of(user, [row]).get(row.pk)


def list_tasks(
    user: User,
    *,
    now: datetime,
    zone: ZoneInfo,
    whose: str = MINE,
    state: str = TaskState.OPEN,
    words: str = "",
    section: str = "",
    after: str = "",
) -> TaskList:
    """Tasks that `user` may see, in sections by when they are due; one section from a place on, where one is named."""
    if whose not in WHOSE or state not in (TaskState.OPEN, CLOSED) or (section and section not in SECTIONS):
        raise UnknownNarrowing
    found = _whose(Task.objects.visible_to(user), user, whose)
    if words:
        found = found.filter(Q(title__icontains=words[:LONGEST_SEARCH]) | Q(text__icontains=words[:LONGEST_SEARCH]))
    names = [CLOSED] if state == CLOSED else [OVERDUE, TODAY, LATER, SOMEDAY]
    sections = [_section(name, found, user, now=now, zone=zone, after=after) for name in names if section in ("", name)]
    return TaskList(whose, state, words, [each for each in sections if each.rows])


def _whose(tasks: Tasks, user: User, whose: str) -> Tasks:
    if whose == MINE:
        return tasks.filter(assignee=user)
    return tasks.filter(created_by=user).exclude(assignee=user) if whose == GIVEN else tasks


def _section(name: str, tasks: Tasks, user: User, *, now: datetime, zone: ZoneInfo, after: str) -> Section:
    """One section up to a page long, ordered by a time, which the place of the next page names."""
    found = tasks.filter(_due_in(name, now=now, zone=zone)).select_related("assignee")
    if name == TODAY:  # what only reminds has no day to be ordered by
        return Section(name, SECTIONS[name], _with_records(user, found.order_by("due_at", "pk")[:MOST_ON_ONE_PAGE]))
    column = {CLOSED: "closed_at", SOMEDAY: "created_at"}.get(name, "due_at")
    descending = name in (CLOSED, SOMEDAY)
    order = [f"-{column}", "-pk"] if descending else [column, "pk"]
    rows = list(_after(found, after, column, descending).order_by(*order)[: SECTION_PAGE + 1])
    last = rows[SECTION_PAGE - 1] if len(rows) > SECTION_PAGE else None
    following = write_place(getattr(last, column), last.pk) if last is not None else ""
    return Section(name, SECTIONS[name], _with_records(user, rows[:SECTION_PAGE]), following)


def _due_in(name: str, *, now: datetime, zone: ZoneInfo) -> Q:
    """The condition of a section. A task whose reminder has come belongs to today, unless it is late already."""
    if name == CLOSED:
        return ~Q(state=TaskState.OPEN)
    tonight = end_of_day(business_day(now, zone=zone), zone=zone)
    is_ahead, is_quiet = Q(due_at=None) | Q(due_at__gt=now), Q(remind_at=None) | Q(remind_at__gt=now)
    return (
        Q(state=TaskState.OPEN)
        & {
            OVERDUE: Q(due_at__lte=now),
            TODAY: Q(due_at__gt=now, due_at__lte=tonight) | Q(remind_at__lte=now) & is_ahead,
            LATER: Q(due_at__gt=tonight) & is_quiet,
            SOMEDAY: Q(due_at=None) & is_quiet,
        }[name]
    )


def _after(tasks: Tasks, place: str, column: str, descending: bool) -> Tasks:
    if not place:
        return tasks
    try:
        instant, last = read_place(place)
    except UnknownPlace as error:
        raise UnknownNarrowing from error
    beyond = "lt" if descending else "gt"
    return tasks.filter(Q(**{f"{column}__{beyond}": instant}) | Q(**{column: instant, f"pk__{beyond}": last}))


def _with_records(user: User, found: Iterable[Task]) -> list[TaskRow]:
    tasks = list(found)
    records = records_of(user, tasks)
    return [TaskRow(task, records.get(task.pk)) for task in tasks]


def records_of(user: User, rows: Iterable[Task | Comment | Attachment | Share]) -> dict[int, FoundRecord]:
    """The records behind rows, by the rows' keys, with one query for each kind."""
    keys = {row.pk: (row.record_kind, row.record_id or row.customer_id) for row in rows if row.record_kind}
    found: dict[int, FoundRecord] = {}
    for kind in {kind for kind, _key in keys.values()}:
        records = records_by_id(user, kind, [key for each, key in keys.values() if each == kind and key is not None])
        found |= {row: records[key] for row, (each, key) in keys.items() if each == kind and key and key in records}
    return found


def open_tasks_on(user: User, record: FoundRecord) -> list[TaskRow]:
    """What is still to do about a record; about a customer, also what is to do about her orders and the like.

    Who sees a customer sees what hangs on her, as far as her role sees such things at all.
    """
    if record_kinds()[record.kind].is_customer and record.customer_id is not None:
        tasks = Task.objects.filter(customer_id=record.customer_id, record_kind__in=kinds_seen_by(user))
    else:
        tasks = Task.objects.on(record)
    found = tasks.filter(state=TaskState.OPEN).select_related("assignee")
    ordered = list(found.order_by("due_at", "-priority", "pk")[: PANEL_TASKS + 1])
    others = records_of(user, [task for task in ordered if task.record_kind != record.kind])
    return [TaskRow(task, record if task.record_kind == record.kind else others.get(task.pk)) for task in ordered]


def comments_on(record: FoundRecord, *, user: User | None = None) -> list[Comment]:
    """What was said about a record, newest last; the oldest of very many are left out.

    With what is private to `user`. Who administers learns that there is something private and by whom, without its words.
    """
    if user is None:
        found = Comment.objects.on(record)
    else:
        found = Comment.objects.everything_on(record)
        found = found if user.has_right(ADMINISTER.name) else found.told_to(user)
    found = found.filter(trashed_at=None).select_related("author")
    comments = list(found.order_by("-written_at", "-pk")[:MOST_ON_ONE_PAGE])[::-1]
    for comment in comments:
        if user is not None and not comment.tells(user):
            comment.private_text = ""
    return comments


def files_on(record: FoundRecord, *, trashed: bool = False) -> list[Attachment]:
    """The files on a record, newest first; or those of them that are in the trash."""
    found = (
        Attachment.objects.on(record).filter(trashed_at__isnull=not trashed).select_related("added_by", "trashed_by")
    )
    return list(found.order_by("-added_at", "-pk")[:MOST_ON_ONE_PAGE])


def people_to_mention() -> list[tuple[int, str]]:
    """Everybody who can be named with @."""
    return [(person.pk, person.name) for person in active_staff()]


def counts_on(record: FoundRecord) -> dict[str, Any]:
    """How many comments and files there are on a record."""
    return {
        "comments": Comment.objects.on(record).filter(trashed_at=None).count(),
        "files": Attachment.objects.on(record).filter(trashed_at=None).count(),
    }


def record_of_task(task: Task) -> FoundRecord:
    """A task as a record of its own, that comments and files can be put on."""
    return FoundRecord(
        TASK, task.pk, task.public_id, task.title, reverse("task", args=[task.public_id]), task.customer_id,
        tuple(person for person in (task.assignee_id, task.created_by_id) if person is not None),
    )  # fmt: skip


def tasks_by_id(user: User, ids: Sequence[int]) -> dict[int, Task]:
    """Those of the given tasks that `user` may see."""
    return {task.pk: task for task in Task.objects.visible_to(user).filter(pk__in=ids)}


def visible_task_ids(user: User) -> QuerySet[Any, Any]:
    """The keys of all tasks that `user` may see, as a part of another query."""
    return Task.objects.visible_to(user).values("pk")


def customer_behind(task_id: int) -> int | None:
    """The customer of a task, which is locked until the transaction ends; else 404."""
    found = Task.objects.select_for_update().filter(pk=task_id).values_list("customer_id", flat=True)
    if not found:
        raise Http404
    return found[0]


def profile_of_task(task_id: int) -> int | None:
    """The profile that a task hangs on, where a customer stands behind it."""
    return Task.objects.filter(pk=task_id).values_list("profile_id", flat=True).first()


def customers_with_open_tasks(customer_ids: Sequence[int]) -> QuerySet[Any, Any]:
    """The keys of those of these customers for whom something is still to do, as a part of another query."""
    return Task.objects.filter(customer_id__in=customer_ids, state=TaskState.OPEN).values("customer_id")
