"""Tasks in the API: list, look at, add, change, finish; forms, gate and actions are those of the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, time
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, StringConstraints
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.accounts.queries import active_staff, business_zone
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.records.api import (
    LARGEST_PAGE,
    USUAL_PAGE,
    Instant,
    Strict,
    Undoable,
    changed_meanwhile,
    count_fetched,
    invalid,
    tell_version,
    undo_of,
    version_matched,
)
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work import actions, api_comments, api_files, api_notifications, api_sharing, noting, queries
from rapport.work.actions_trash import trash_task
from rapport.work.api_reading import read_tasks
from rapport.work.api_schemas import About, AboutShown, Kind
from rapport.work.events import TaskAdded, TaskCancelled, TaskChanged, TaskDone, TaskReopened, TaskTrashed
from rapport.work.forms import AFTER, BEFORE, LONGEST_TEXT, LONGEST_TITLE, UNSEEN, TaskForm
from rapport.work.models import Priority, Task
from rapport.work.permissions import EDIT, VIEW
from rapport.work.reminders import MOST_DAYS, fields_to_follow

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

RIGHTS = (VIEW, EDIT)
_PRIORITIES = {"low": Priority.LOW, "normal": Priority.NORMAL, "high": Priority.HIGH}

router = Router(tags=["tasks"])
ROUTERS = (router, api_comments.router, api_files.router, api_notifications.router, api_sharing.router)

FollowedField = Annotated[str, StringConstraints(min_length=1, max_length=80)]
FollowedDays = Annotated[int, Described(ge=-MOST_DAYS, le=MOST_DAYS)]
_REMIND_FIELD = Described(
    None,
    description="A day of the record that the reminder follows, as a field of the record; it takes the place of remind_at.",
    examples=["born_on"],
)
_REMIND_DAYS = Described(0, description="So many days before that day; after it where negative.")


class TasksAsked(Schema):
    whose: Literal["mine", "given", "all"] = Described("all", description="“given”: those given to others.")
    state: Literal["open", "closed", "any"] = "open"
    about_kind: Kind = "customer"
    about: UUID | None = Described(None, description="The id of the record that the tasks are about.")
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class NewTask(Strict):
    title: str = Described(min_length=1, max_length=LONGEST_TITLE, examples=["Send the quote"])
    text: str = Described("", max_length=LONGEST_TEXT)
    due_on: date | None = Described(None, examples=["2026-03-03"])
    due_time: time | None = Described(
        None, description="In the time zone of the business; only with a day.", examples=["15:00"]
    )
    assignee: UUID | Literal["me"] | None = Described("me", description="null: nobody yet.")
    priority: Literal["low", "normal", "high"] = "normal"
    remind_at: AwareDatetime | None = None
    remind_field: FollowedField | None = _REMIND_FIELD
    remind_days: FollowedDays = _REMIND_DAYS
    about: About | None = None


class TaskChanges(Strict):
    """What is to change; what is not sent stays."""

    title: str | None = Described(None, min_length=1, max_length=LONGEST_TITLE, examples=["Send the quote"])
    text: str | None = Described(None, max_length=LONGEST_TEXT)
    due_on: date | None = None
    due_time: time | None = None
    assignee: UUID | Literal["me"] | None = Described(None, description="null: nobody yet.")
    priority: Literal["low", "normal", "high"] | None = None
    remind_at: AwareDatetime | None = None
    remind_field: FollowedField | None = _REMIND_FIELD
    remind_days: FollowedDays = _REMIND_DAYS


class TaskShown(Undoable):
    id: UUID
    version: int
    title: str
    text: str
    state: str
    priority: str
    due_on: date | None
    due_time: time | None
    assignee: UUID | None
    remind_at: Instant | None
    remind_field: str | None = Described(
        description="The day of the record that the reminder follows, where it is seen."
    )
    remind_days: int = Described(description="So many days before that day; after it where negative.")
    about: AboutShown | None
    created_at: Instant
    closed_at: Instant | None


class TasksShown(Schema):
    items: list[TaskShown]
    next: str | None


@router.get("/tasks", auth=Bearer(VIEW), response=TasksShown)
def list_tasks(request: HttpRequest, asked: Query[TasksAsked]) -> TasksShown:
    """Tasks that the owner of the token sees, the newest first."""
    user = staff_user(request)
    about = (asked.about_kind, asked.about) if asked.about is not None else None
    tasks, records, following = read_tasks(
        user, whose=asked.whose, state=asked.state, about=about, after=asked.after, size=asked.limit
    )
    count_fetched(request, len(tasks))
    return TasksShown(items=[_shown(task, records.get(task.pk), reader=user) for task in tasks], next=following)


@router.post("/tasks", auth=Bearer(EDIT), response={201: TaskShown})
def create_task(request: HttpRequest, response: HttpResponse, body: NewTask) -> TaskShown:
    """Add something to do, about a record or about nothing."""
    user, now = staff_user(request), utc_now()
    record = find_record(user, body.about.kind, body.about.id) if body.about is not None else None
    values = _read(_sent(body.model_dump(exclude={"about"}), user), days=fields_to_follow(user, record))
    try:
        with acting(user, request, reason=TaskAdded.name):
            made = actions.add_task(values.pop("title"), **values, record=record, by=user, now=now, request=request)
            command = noting.note_task_added(made, by=user, now=now)
    except actions.AssigneeCannotSee as refusal:
        raise _cannot_see() from refusal
    response["Location"] = reverse("api_get_task", args=[made.public_id])
    tell_version(response, made.version)
    return _shown(made, record, command, reader=user)


@router.get("/tasks/{uuid:public_id}", auth=Bearer(VIEW), response=TaskShown)
def get_task(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    """One task, with what it is about where the owner of the token sees that."""
    return _told(request, response, public_id)


@router.patch("/tasks/{uuid:public_id}", auth=Bearer(EDIT), response=TaskShown)
def update_task(request: HttpRequest, response: HttpResponse, public_id: UUID, body: TaskChanges) -> TaskShown:
    """Change what is sent and leave the rest. Needs If-Match with the ETag that was read."""
    user, now = staff_user(request), utc_now()
    found = queries.find_task(user, public_id)
    version = version_matched(request, found.version)
    about = queries.record_of(user, found)
    sent = _sent(body.model_dump(include=body.model_fields_set), user)
    if "due_on" in sent and not sent["due_on"]:
        sent.setdefault("due_time", "")
    together = [pair for pair in (("due_on", "due_time"), ("remind_field", "remind_days")) if {*pair} & {*sent}]
    names = {*sent, *(name for pair in together for name in pair)}
    opening, days = TaskForm.opening(found, colleagues=(), zone=business_zone()), fields_to_follow(user, about)
    if found.remind_field and found.remind_field not in dict(days):
        opening["remind_field"] = UNSEEN
    read = _read(opening | sent, given_to=found.assignee, days=days, follows=found.remind_field)
    values = {name: value for name, value in read.items() if name in names}
    try:
        with acting(user, request, reason=TaskChanged.name):
            actions.edit_task(found, values, version=version, record=about, by=user, now=now, request=request)
            command = noting.note_task(noting.TASK_CHANGED, found, by=user, now=now)
    except actions.AssigneeCannotSee as refusal:
        raise _cannot_see() from refusal
    except actions.TaskChangedMeanwhile as conflict:
        raise changed_meanwhile(conflict.current.version) from conflict
    return _told(request, response, public_id, command)


@router.post("/tasks/{uuid:public_id}/done", auth=Bearer(EDIT), response=TaskShown)
def finish_task(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    """Mark it as done; one that is closed already stays as it is."""
    return _move(request, response, public_id, actions.finish_task, noting.TASK_CLOSED, reason=TaskDone.name)


@router.post("/tasks/{uuid:public_id}/cancel", auth=Bearer(EDIT), response=TaskShown)
def cancel_task(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    """Mark it as not to be done any more; one that is closed already stays as it is."""
    return _move(request, response, public_id, actions.cancel_task, noting.TASK_CLOSED, reason=TaskCancelled.name)


@router.post("/tasks/{uuid:public_id}/reopen", auth=Bearer(EDIT), response=TaskShown)
def reopen_task(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    """Take it up again; one that is open stays as it is."""
    return _move(request, response, public_id, actions.reopen_task, noting.TASK_REOPENED, reason=TaskReopened.name)


@router.delete("/tasks/{uuid:public_id}", auth=Bearer(EDIT), response=Undoable)
def delete_task(request: HttpRequest, public_id: UUID) -> Undoable:
    """Put it into the trash, with what is on it."""
    user, now = staff_user(request), utc_now()
    found = queries.find_task(user, public_id)
    with acting(user, request, reason=TaskTrashed.name):
        was_there = trash_task(found, by=user, now=now, request=request)
        command = noting.note_task(noting.TASK_TRASHED, found, by=user, now=now) if was_there else None
    return Undoable(undo=undo_of(command))


def _move(
    request: HttpRequest,
    response: HttpResponse,
    public_id: UUID,
    move: Callable[..., bool],
    noted_as: str,
    *,
    reason: str,
) -> TaskShown:
    user, now = staff_user(request), utc_now()
    found = queries.find_task_to_close(user, public_id)
    with acting(user, request, reason=reason):
        has_moved = move(found, by=user, now=now, request=request)
        command = noting.note_task(noted_as, found, by=user, now=now) if has_moved else None
    return _told(request, response, public_id, command)


def _told(request: HttpRequest, response: HttpResponse, public_id: UUID, command: Command | None = None) -> TaskShown:
    user = staff_user(request)
    found = queries.find_task_to_close(user, public_id)
    tell_version(response, found.version)
    return _shown(found, queries.record_of(user, found), command, reader=user)


def _no_such_day() -> Problem:
    return invalid([{"name": "body.remind_field", "message": "What the task is about has no day of this name."}])


def _cannot_see() -> Problem:
    return invalid([{"name": "body.assignee", "message": "This person may not see what the task is about."}])


def _sent(values: dict[str, Any], user: User) -> dict[str, Any]:
    """What was sent, as the form of a task takes it."""
    sent = {name: "" if value is None else value for name, value in values.items()}
    if "assignee" in values:
        sent["assignee"] = str(user.public_id) if values["assignee"] == "me" else str(values["assignee"] or "")
    if values.get("priority"):
        sent["priority"] = str(int(_PRIORITIES[values["priority"]]))
    if values.get("remind_at") is not None:
        try:
            there = values["remind_at"].astimezone(UTC).astimezone(business_zone())
        except OverflowError as error:
            raise invalid([{"name": "body.remind_at", "message": "This is no time that there will be."}]) from error
        sent["remind_at"] = there.replace(tzinfo=None, microsecond=0)
    if "remind_days" in values:
        sent |= {
            "remind_days": abs(values["remind_days"]),
            "remind_way": AFTER if values["remind_days"] < 0 else BEFORE,
        }
    if sent.get("remind_field") == UNSEEN:
        raise _no_such_day()
    return sent


def _read(
    sent: dict[str, Any], *, given_to: User | None = None, days: Sequence[tuple[str, Any]] = (), follows: str = ""
) -> dict[str, Any]:
    """What the form of a task makes of it, so that a program can say what a person can, and no more."""
    colleagues = active_staff()
    if given_to is not None and given_to not in colleagues:
        colleagues.append(given_to)
    if sent.get("remind_at"):
        sent["remind_at"] = sent["remind_at"].replace(microsecond=0).isoformat()
    form = TaskForm(
        {"version": "0"} | sent,
        initial={"remind_field": follows},
        colleagues=colleagues,
        zone=business_zone(),
        days=days,
    )
    if sent.get("remind_field") and "remind_field" not in form.fields:
        raise _no_such_day()
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    return form.values


def _shown(task: Task, record: FoundRecord | None, command: Command | None = None, *, reader: User) -> TaskShown:
    """What the task is about is named only where its reader sees that record, and so is the day of it."""
    follows = task.remind_field or None
    if follows is not None and follows not in dict(fields_to_follow(reader, record)):
        follows = None
    due = task.due_at.astimezone(business_zone()).time() if task.due_at is not None and task.has_due_time else None
    return TaskShown(
        id=task.public_id,
        version=task.version,
        title=task.title,
        text=task.text,
        state=task.state,
        priority=next(name for name, value in _PRIORITIES.items() if value == task.priority),
        due_on=task.due_on,
        due_time=due,
        assignee=task.assignee.public_id if task.assignee is not None else None,
        remind_at=task.remind_at,
        remind_field=follows,
        remind_days=task.remind_days if follows is not None else 0,
        about=AboutShown(kind=record.kind, id=record.public_id) if record is not None else None,
        created_at=task.created_at,
        closed_at=task.closed_at,
        undo=undo_of(command),
    )
