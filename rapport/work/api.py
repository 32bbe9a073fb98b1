"""Tasks in the API: list, look at, add, finish; forms, gate and actions are those of the pages."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, StringConstraints
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer, take_page
from rapport.accounts.api_problems import Problem, form_errors
from rapport.accounts.queries import active_staff, business_zone
from rapport.core.clock import utc_now
from rapport.records.api import LARGEST_PAGE, USUAL_PAGE, Instant, Strict, refuse_strange_names, tell_version
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work import actions, queries
from rapport.work.api_reading import UnknownPlace, read_tasks
from rapport.work.forms import TaskForm
from rapport.work.models import Priority, Task
from rapport.work.permissions import EDIT, VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User

RIGHTS = (VIEW, EDIT)
_PRIORITIES = {"low": Priority.LOW, "normal": Priority.NORMAL, "high": Priority.HIGH}
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]

router = Router(tags=["tasks"])
ROUTERS = (router,)


class About(Strict):
    """A record that a task is about, such as a customer."""

    kind: Kind = "customer"
    id: UUID


class TasksAsked(Schema):
    whose: Literal["mine", "given", "all"] = Described("all", description="“given”: those given to others.")
    state: Literal["open", "closed", "any"] = "open"
    about_kind: Kind = "customer"
    about: UUID | None = Described(None, description="The id of the record that the tasks are about.")
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class NewTask(Strict):
    title: str
    text: str = ""
    due_on: date | None = None
    due_time: time | None = Described(None, description="In the time zone of the business; only with a day.")
    assignee: UUID | Literal["me"] | None = Described("me", description="null: nobody yet.")
    priority: Literal["low", "normal", "high"] = "normal"
    remind_at: AwareDatetime | None = None
    about: About | None = None


class AboutShown(Schema):
    kind: str
    id: UUID


class TaskShown(Schema):
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
    about: AboutShown | None
    created_at: Instant
    closed_at: Instant | None


class TasksShown(Schema):
    items: list[TaskShown]
    next: str | None


@router.get("/tasks", auth=Bearer(VIEW), response=TasksShown)
def list_tasks(request: HttpRequest, asked: Query[TasksAsked]) -> TasksShown:
    """Tasks that the owner of the token sees, the newest first."""
    refuse_strange_names(request, TasksAsked.model_fields)
    about = (asked.about_kind, asked.about) if asked.about is not None else None
    settle = take_page(request, asked.limit)
    try:
        tasks, records, following = read_tasks(
            staff_user(request), whose=asked.whose, state=asked.state, about=about, after=asked.after, size=asked.limit
        )
    except UnknownPlace as error:
        raise Problem(400, "This place in the list is not known. Start again from the top.") from error
    settle(len(tasks))
    return TasksShown(items=[_shown(task, records.get(task.pk)) for task in tasks], next=following)


@router.post("/tasks", auth=Bearer(EDIT), response={201: TaskShown})
def create_task(request: HttpRequest, response: HttpResponse, body: NewTask) -> TaskShown:
    """Add something to do, about a record or about nothing."""
    user = staff_user(request)
    record = find_record(user, body.about.kind, body.about.id) if body.about is not None else None
    values = _read(body, user)
    try:
        made = actions.add_task(values.pop("title"), **values, record=record, by=user, now=utc_now(), request=request)
    except actions.AssigneeCannotSee as refusal:
        said = [{"name": "body.assignee", "message": "This person may not see what the task is about."}]
        raise Problem(422, "Some values cannot be taken.", errors=said) from refusal
    response["Location"] = reverse("api_get_task", args=[made.public_id])
    tell_version(response, made.version)
    return _shown(made, record)


@router.get("/tasks/{uuid:public_id}", auth=Bearer(VIEW), response=TaskShown)
def get_task(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    """One task, with what it is about where the owner of the token sees that."""
    return _told(request, response, public_id)


@router.post("/tasks/{uuid:public_id}/done", auth=Bearer(EDIT), response=TaskShown)
def finish_task(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    """Mark it as done; one that is closed already stays as it is."""
    user = staff_user(request)
    actions.finish_task(queries.find_task(user, public_id), by=user, now=utc_now(), request=request)
    return _told(request, response, public_id)


def _told(request: HttpRequest, response: HttpResponse, public_id: UUID) -> TaskShown:
    user = staff_user(request)
    found = queries.find_task(user, public_id)
    tell_version(response, found.version)
    return _shown(found, queries.record_of(user, found))


def _read(body: NewTask, user: User) -> dict[str, Any]:
    """What the form of a task makes of it, so that a program can say what a person can, and no more."""
    zone = business_zone()
    remind_at = body.remind_at.astimezone(zone).replace(tzinfo=None) if body.remind_at is not None else None
    assignee = str(user.public_id) if body.assignee == "me" else str(body.assignee or "")
    sent = {
        "title": body.title, "text": body.text, "due_on": body.due_on, "due_time": body.due_time, "assignee": assignee,
        "priority": str(int(_PRIORITIES[body.priority])), "version": "0",
        "remind_at": remind_at.replace(microsecond=0).isoformat() if remind_at is not None else "",
    }  # fmt: skip
    form = TaskForm(sent, colleagues=active_staff(), zone=zone)
    if not form.is_valid():
        raise Problem(422, "Some values cannot be taken.", errors=form_errors(form.errors, within="body"))
    return form.values


def _shown(task: Task, record: FoundRecord | None) -> TaskShown:
    """What the task is about is named only where its reader sees that record."""
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
        about=AboutShown(kind=record.kind, id=record.public_id) if record is not None else None,
        created_at=task.created_at,
        closed_at=task.closed_at,
    )
