"""The pages of tasks: the list, one task, and what is done to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import active_staff, business_zone, zone_of
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.records.command_log.noting import undo_url
from rapport.records.record_kinds import FoundRecord
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast
from rapport.work import actions, noting, queries
from rapport.work.actions_trash import trash_task
from rapport.work.events import TaskAdded, TaskCancelled, TaskChanged, TaskDone, TaskReopened, TaskTrashed
from rapport.work.following import is_following
from rapport.work.forms import QuickTaskForm, TaskForm
from rapport.work.models import Task, TaskState
from rapport.work.naming import read_task_line
from rapport.work.permissions import EDIT, VIEW
from rapport.work.presenting import comments_part, due_words, files_part, may_write_on, next_part, task_lines
from rapport.work.reminders import fields_to_follow, followed_by
from rapport.work.views.returning import (
    TO_LIST,
    TO_RECORD,
    TO_TASK,
    TO_TODAY,
    asked_back,
    record_asked,
    to_record,
    to_tasks,
    to_today,
)
from rapport.work.views.today import show_today


@staff_only(VIEW)
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    return _show_list(request, request.GET)


def _show_list(request: HttpRequest, asked: Any, *, focus: str = "") -> HttpResponse:
    found = _read_list(request, asked)
    now, zone = utc_now(), business_zone()
    path = reverse("tasks")
    context = {
        "list": found,
        "sections": [(each, task_lines(each.rows, now=now, zone=zone)) for each in found.sections],
        "tabs": [
            (label, f"{path}?whose={name}", found.whose == name and found.state == TaskState.OPEN)
            for name, label in queries.WHOSE.items()
        ]
        + [
            (
                queries.SECTIONS[queries.CLOSED],
                f"{path}?whose={found.whose}&state=closed",
                found.state == queries.CLOSED,
            )
        ],
        "focus": focus,
        "may_edit_work": staff_user(request).has_right(EDIT.name),
        "form": QuickTaskForm(),
    }
    return render_page(request, "work/tasks.html", context, block="list")


def _read_list(request: HttpRequest, asked: Any) -> queries.TaskList:
    try:
        return queries.list_tasks(
            staff_user(request), now=utc_now(), zone=business_zone(), whose=asked.get("whose") or queries.MINE,
            state=asked.get("state") or TaskState.OPEN, words=asked.get("q", "").replace("\x00", " ").strip(),
            section=asked.get("section", ""), after=asked.get("after", ""),
        )  # fmt: skip
    except queries.UnknownNarrowing as error:
        raise Http404 from error


@staff_only(VIEW)
@require_safe
def task(request: HttpRequest, public_id: Any) -> HttpResponse:
    user, now, zone = staff_user(request), utc_now(), business_zone()
    found = queries.find_task(user, public_id)
    itself = queries.record_of_task(found)
    about = queries.record_of(user, found)
    line = task_lines([queries.TaskRow(found, about)], now=now, zone=zone)[0]
    context = {"task": found, "line": line, "is_reminding": found.is_reminding(now=now), "TO_TASK": TO_TASK}
    context |= {"comments_part": comments_part(user, itself), "files_part": files_part(user, itself)}
    context |= {"may_edit_work": may_write_on(user, itself), "record": itself}
    context["is_following"] = is_following(user, itself)
    context["followed"] = followed_by(user, found, about)
    return render_page(request, "work/task.html", context)


@staff_only(EDIT)
@require_POST
def task_add(request: HttpRequest) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    record = record_asked(request)
    form = QuickTaskForm(request.POST)
    if not form.is_valid():
        toast(request, _("Nothing was added: write what is to do, and a day as 2026-12-31."), bad=True)
        return _after(request, record)
    line = read_task_line(form.cleaned_data["title"], by=user)
    try:
        with acting(user, request, reason=TaskAdded.name):
            made = actions.add_task(
                line.title, due_on=form.cleaned_data["due_on"], assignee=line.assignee, record=record, by=user, now=now,
                request=request,
            )  # fmt: skip
            command = noting.note_task_added(made, by=user, now=now)
    except actions.AssigneeCannotSee as refusal:
        why = _("Nothing was added: %(name)s may not see what this is about.")
        toast(request, why % {"name": refusal.assignee.name}, bad=True)
        return _after(request, record)
    due = due_words(made, now=now, zone=business_zone())
    said = _("Task added, due %(day)s.") % {"day": due} if due else _("Task added.")
    toast(request, f"{said} {line.note}".strip(), undo_url=undo_url(command))
    return _after(request, record)


def _after(request: HttpRequest, record: FoundRecord | None, *, focus: str = "") -> HttpResponse:
    """The piece of the page that the form stands in, for htmx; or the way back to the whole page."""
    back = asked_back(request)
    if back == TO_TODAY:
        return show_today(request) if wants_part(request) else to_today()
    if back == TO_LIST or record is None:
        return _show_list(request, request.POST, focus=focus) if wants_part(request) else to_tasks()
    if wants_part(request):
        part = next_part(staff_user(request), record, now=utc_now())
        return render_page(request, "work/next_panel.html", part, block="panel")
    return to_record(record)


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def task_edit(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    zone = zone_of(user)
    found = queries.find_task(user, public_id)
    about = queries.record_of(user, found)
    colleagues = _colleagues(found)
    opening = TaskForm.opening(found, colleagues=colleagues, zone=zone)
    form = TaskForm(
        request.POST if request.method == "POST" else None, initial=opening, colleagues=colleagues, zone=zone,
        days=fields_to_follow(user, about),
    )  # fmt: skip
    status = 200
    if form.is_valid():
        version, now = form.cleaned_data["version"], utc_now()
        try:
            with acting(user, request, reason=TaskChanged.name):
                actions.edit_task(found, form.values, version=version, record=about, by=user, now=now, request=request)
                command = noting.note_task(noting.TASK_CHANGED, found, by=user, now=now)
        except actions.AssigneeCannotSee as refusal:
            why = _("%(name)s may not see what this is about; choose somebody who may.")
            form.add_error("assignee", why % {"name": refusal.assignee.name})
        except actions.TaskChangedMeanwhile as conflict:
            return _show_conflict(request, conflict.current, form, about)
        else:
            toast(request, _("Saved."), undo_url=undo_url(command))
            return HttpResponseRedirect(reverse("task", args=[found.public_id]))
    if form.errors:
        status = 422
    return render_page(request, "work/task_edit.html", {"form": form, "task": found, "record": about}, status=status)


def _show_conflict(request: HttpRequest, current: Task, form: TaskForm, about: FoundRecord | None) -> HttpResponse:
    """What is saved now beside what was typed; saving again overwrites it on purpose."""
    colleagues, zone = _colleagues(current), zone_of(staff_user(request))
    days = fields_to_follow(staff_user(request), about)
    opening = TaskForm.opening(current, colleagues=colleagues, zone=zone)
    saved = TaskForm(initial=opening, colleagues=colleagues, zone=zone, days=days)
    typed = {**{name: form[name].value() for name in form.fields}, "version": str(current.version)}
    names = [name for name in form.fields if name != "version"]
    clashes = [
        (form.fields[name].label, _said(saved, name), _said(form, name))
        for name in names
        if _said(saved, name) != _said(form, name)
    ]
    again = TaskForm(typed, initial=opening, colleagues=colleagues, zone=zone, days=days)
    context = {"form": again, "task": current, "record": about, "clashes": clashes}
    return render_page(request, "work/task_edit.html", context, status=409)


def _said(form: TaskForm, name: str) -> str:
    bound = form[name]
    value = bound.value()
    choices = dict(getattr(bound.field, "choices", ()))
    known = {str(key): str(label) for key, label in choices.items()}
    return known.get(str(value), "" if value is None else str(value))


def _colleagues(task: Task) -> list[Any]:
    """Everybody who works here; and who has the task, though she may have left."""
    found = active_staff()
    return found if task.assignee is None or task.assignee in found else [task.assignee, *found]


@staff_only(EDIT)
@require_POST
def task_done(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_task_to_close(user, public_id)
    focus = _next_in_list(request, found) if wants_part(request) and asked_back(request) == TO_LIST else ""
    now = utc_now()
    with acting(user, request, reason=TaskDone.name):
        was_open = actions.finish_task(found, by=user, now=now, request=request)
        command = noting.note_task(noting.TASK_CLOSED, found, by=user, now=now) if was_open else None
    if was_open:
        toast(request, _("Done: %(title)s") % {"title": found.title}, undo_url=undo_url(command))
    return _after_change(request, found, focus=focus)


@staff_only(EDIT)
@require_POST
def task_cancel(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_task_to_close(user, public_id)
    now = utc_now()
    with acting(user, request, reason=TaskCancelled.name):
        was_open = actions.cancel_task(found, by=user, now=now, request=request)
        command = noting.note_task(noting.TASK_CLOSED, found, by=user, now=now) if was_open else None
    if was_open:
        toast(request, _("Cancelled: %(title)s") % {"title": found.title}, undo_url=undo_url(command))
    return _after_change(request, found)


@staff_only(EDIT)
@require_POST
def task_reopen(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_task_to_close(user, public_id)
    now = utc_now()
    with acting(user, request, reason=TaskReopened.name):
        was_closed = actions.reopen_task(found, by=user, now=now, request=request)
        command = noting.note_task(noting.TASK_REOPENED, found, by=user, now=now) if was_closed else None
    if was_closed:
        toast(request, _("To do again: %(title)s") % {"title": found.title}, undo_url=undo_url(command))
    return _after_change(request, found)


@staff_only(EDIT)
@require_POST
def task_trash(request: HttpRequest, public_id: Any) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    found = queries.find_task(user, public_id)
    with acting(user, request, reason=TaskTrashed.name):
        was_there = trash_task(found, by=user, now=now, request=request)
        command = noting.note_task(noting.TASK_TRASHED, found, by=user, now=now) if was_there else None
    toast(request, _("%(name)s is in the trash.") % {"name": found.title}, undo_url=undo_url(command))
    return to_tasks()


def _where(request: HttpRequest) -> str:
    back = asked_back(request)
    return back if back in (TO_LIST, TO_RECORD, TO_TASK, TO_TODAY) else TO_LIST


def _after_change(request: HttpRequest, found: Task, *, focus: str = "") -> HttpResponse:
    back = _where(request)
    if back == TO_TASK:
        return HttpResponseRedirect(reverse("task", args=[found.public_id]))
    if back in (TO_LIST, TO_TODAY):
        return _after(request, None, focus=focus)
    shown_on = record_asked(request) or queries.record_of(staff_user(request), found)
    return _after(request, shown_on)


def _next_in_list(request: HttpRequest, found: Task) -> str:
    """Where the eye goes when a line of the list is gone: the line after it, else the one before."""
    ids = [str(row.task.public_id) for row in _read_list(request, request.POST).first_rows]
    if str(found.public_id) not in ids:
        return ids[0] if ids else ""
    place = ids.index(str(found.public_id))
    others = ids[place + 1 : place + 2] or ids[place - 1 : place] if place else ids[1:2]
    return others[0] if others else ""
