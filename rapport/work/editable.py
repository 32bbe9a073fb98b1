"""What of a task can be written from its list, board or calendar: each value by the task's own act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from rapport.accounts.queries import active_staff, business_zone
from rapport.core.clock import seen_from
from rapport.records.bulk.acts import Answers, Refused, Treated
from rapport.records.command_log.noting import Undoing, UndoRefused, plain
from rapport.records.layouts.sight import visible_fields
from rapport.records.lists.editing import EditableField, EditableObject, Edits, Values, changed_since
from rapport.ui.formats import day
from rapport.work import actions
from rapport.work.models import Task, TaskState
from rapport.work.permissions import EDIT
from rapport.work.queries import TASK, priority_choices, record_of, state_choices, tasks_to_close
from rapport.work.undoable import take_task_back

if TYPE_CHECKING:
    from rapport.accounts.models import User

_OF_ACTS = ("due_on", "assignee")
_NOTED = (
    "due_on", "due_at", "has_due_time", "priority", "assignee_id", "state", "closed_at", "closed_by_id",
)  # fmt: skip


def _fields(user: User) -> dict[str, EditableField]:
    people = [(str(each.public_id), each.name) for each in active_staff()]
    typed: dict[str, forms.Field] = {
        "state": forms.ChoiceField(choices=state_choices()),
        "priority": forms.ChoiceField(choices=priority_choices()),
        "due_on": forms.DateField(required=False),
        "assignee": forms.ChoiceField(choices=people, required=False),
    }
    seen = visible_fields(user, TASK)
    return {
        name: EditableField(
            name, seen[name].label, field, read_as=partial(_read, field), is_cell_only=name in _OF_ACTS,
            may_be_empty=not field.required,
        )
        for name, field in typed.items()
        if name in seen
    }  # fmt: skip


def _read(field: forms.Field, kept: Any) -> str:
    """A kept value as people read it: a day, or what the choice is called."""
    if isinstance(field, forms.DateField):
        return day(date.fromisoformat(kept))
    return str(dict(field.choices).get(kept, kept))  # type: ignore[attr-defined]


def _values(user: User, keys: Sequence[int]) -> Mapping[int, Values]:
    found = Task.objects.visible_to(user).filter(pk__in=keys).select_related("assignee")
    return {each.pk: _said(each) for each in found}


def _said(task: Task) -> dict[str, Any]:
    assignee = str(task.assignee.public_id) if task.assignee is not None else None
    return {
        "state": task.state, "priority": str(task.priority), "due_on": plain(task.due_on), "assignee": assignee,
    }  # fmt: skip


def _write(edits: Edits) -> Answers:
    answers: dict[int, Treated | Refused] = {}
    for task in _held(edits):
        opened, said = edits.opened.get(task.pk), _said(task)
        wanted = {name: value for name, value in edits.wanted[task.pk].items() if said.get(name) != value}
        if opened is not None and any(said.get(name) != opened.get(name) for name in wanted):
            answers[task.pk] = changed_since()
        else:
            answers[task.pk] = _write_one(task, wanted, by=edits.by, now=edits.now)
    return answers


def _held(edits: Edits) -> list[Task]:
    """What she may change; and of the rest, what is only to be closed and is hers to do."""
    found = Task.objects.visible_to(edits.by).filter(pk__in=edits.wanted).select_related("assignee")
    held = {each.pk: each for each in found}
    left = [key for key, values in edits.wanted.items() if key not in held and set(values) == {"state"}]
    held |= {each.pk: each for each in tasks_to_close(edits.by, left)} if left else {}
    return [held[key] for key in sorted(held)]


def _write_one(task: Task, wanted: Values, *, by: User, now: datetime) -> Treated | Refused:
    values = dict(wanted)
    state = values.pop("state", None)
    try:
        if values:
            record = record_of(by, task)
            actions.edit_task(task, _typed(task, values), version=task.version, by=by, now=now, record=record)
    except actions.AssigneeCannotSee as refusal:
        return Refused(_("%(name)s may not see what this is about.") % {"name": refusal.assignee.name})
    except actions.TaskChangedMeanwhile:
        return changed_since()
    if state is not None and not _MOVES[state](task, by=by, now=now):
        return Refused(_("It is closed already. Take it up again first."))
    after = Task.objects.get(pk=task.pk)
    before = {name: getattr(task, name) for name in _NOTED if getattr(task, name) != getattr(after, name)}
    return Treated(plain({"version": after.version, "before": before}) if before else {})


def _typed(task: Task, values: Values) -> dict[str, Any]:
    """The values as the act takes them. A task that is due at a time keeps it on its other day."""
    typed: dict[str, Any] = {}
    if "priority" in values:
        typed["priority"] = int(values["priority"])
    if "assignee" in values:
        people = {str(each.public_id): each for each in active_staff()}
        typed["assignee"] = people.get(values["assignee"])
    if "due_on" in values:
        typed["due_on"] = date.fromisoformat(values["due_on"]) if values["due_on"] else None
        if task.has_due_time and task.due_at is not None:
            typed["due_time"] = seen_from(task.due_at, business_zone()).time()
    return typed


def _write_back(undo: Mapping[int, Mapping[str, Any]], by: User, now: datetime) -> Answers:
    answers: dict[int, Treated | Refused] = {}
    for key, noted in undo.items():
        try:
            take_task_back(Undoing({"task": key, **noted}, by, now))
        except UndoRefused as refusal:
            answers[key] = Refused(str(refusal))
        else:
            answers[key] = Treated()
    return answers


_MOVES = {
    TaskState.DONE.value: actions.finish_task,
    TaskState.CANCELLED.value: actions.cancel_task,
    TaskState.OPEN.value: actions.reopen_task,
}
EDITABLES = (EditableObject(TASK, EDIT.name, fields=_fields, values=_values, write=_write, write_back=_write_back),)
