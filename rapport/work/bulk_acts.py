"""What can be done with many tasks at once: each row by the task's own act, as if one had opened them one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.accounts.queries import active_staff
from rapport.records.bulk.acts import Answers, Batch, BulkAct, Keys, Refused, Treated, one_by_one
from rapport.records.bulk.editing import edit_act, paste_act, write_batch, write_batch_back
from rapport.records.bulk.selecting import selectable_list
from rapport.records.command_log.noting import Undoing, UndoRefused
from rapport.records.exporting.lists import ExportedList
from rapport.work.actions_trash import trash_task
from rapport.work.forms import AssigneeForm, DueForm
from rapport.work.lists import TASKS
from rapport.work.models import Task, TaskState
from rapport.work.permissions import EDIT, VIEW
from rapport.work.queries import TASK
from rapport.work.undoable import take_task_back

if TYPE_CHECKING:
    from rapport.accounts.models import User

_LIST = ExportedList(TASK, _("Tasks"), VIEW.name, "task_list", lambda user: TASKS)
_ROWS = 50  # each with what it tells whom, so fewer than where rows are written as a set


def _names(user: User, keys: Sequence[Keys]) -> dict[Keys, tuple[str, str]]:
    found = Task.objects.visible_to(user).filter(pk__in=[pk for (pk,) in keys])
    return {(each.pk,): (each.title, reverse("task", args=[each.public_id])) for each in found}


def _written(batch: Batch, values: Mapping[str, Any]) -> Answers:
    """Each of them gets these values as from its list."""
    return write_batch(TASK, replace(batch, wanted={number: {"values": values} for number in batch.rows}))


def _done(batch: Batch) -> Answers:
    return _written(batch, {"state": TaskState.DONE.value})


def _ask_who(user: User, data: Mapping[str, Any] | None) -> AssigneeForm:
    return AssigneeForm(data, colleagues=active_staff(), initial={"assignee": str(user.public_id)})


def _assign(batch: Batch) -> Answers:
    form = _ask_who(batch.by, batch.answers)
    if not form.is_valid():
        return dict.fromkeys(batch.rows, Refused(str(_("Who was chosen does not work here any more."))))
    return _written(batch, {"assignee": form.cleaned_data["assignee"] or None})


def _ask_when(user: User, data: Mapping[str, Any] | None) -> DueForm:
    return DueForm(data)


def _put_on_a_day(batch: Batch) -> Answers:
    form = _ask_when(batch.by, batch.answers)
    if not form.is_valid():
        return dict.fromkeys(batch.rows, Refused(str(_("There is no such day."))))
    day = form.cleaned_data["due_on"]
    return _written(batch, {"due_on": day.isoformat() if day is not None else None})


def _back(batch: Batch) -> Answers:
    return write_batch_back(TASK, batch)


def _trash(batch: Batch) -> dict[int, Treated | Refused]:
    numbers = {pk: number for number, (pk,) in batch.rows.items()}
    found = Task.objects.visible_to(batch.by).filter(pk__in=numbers).order_by("pk")
    hidden = [each.pk for each in found if trash_task(each, by=batch.by, now=batch.now)]
    versions = Task.all_objects.filter(pk__in=hidden).values_list("pk", "version")
    return {
        numbers[pk]: Treated({"task": pk, "version": version, "before": {"trashed_at": None}})
        for pk, version in versions
    }


def _restore(batch: Batch) -> Answers:
    def back(number: int) -> Treated:
        take_task_back(Undoing(batch.undo[number], batch.by, batch.now))
        return Treated()

    return one_by_one(batch, back, refusals=(UndoRefused,))


SELECTABLES = (replace(selectable_list(_LIST, _LIST.of), names=_names),)
BULK_ACTS = (
    BulkAct(
        "done", TASK, _("Done"), EDIT.name, apply=_done, undo=_back, picture="check", key="D", batch_rows=_ROWS, order=5,
        what=_("They are marked as done. Those that are done already stay as they are."),
    ),
    BulkAct(
        "assign", TASK, _("Give to somebody"), EDIT.name, apply=_assign, undo=_back, ask=_ask_who, picture="user-check",
        what=_("Whoever gets a task must see what it is about; the others stay with who has them."), key="A",
        batch_rows=_ROWS, order=10,
    ),
    BulkAct(
        "due", TASK, _("Due date"), EDIT.name, apply=_put_on_a_day, undo=_back, ask=_ask_when, picture="calendar",
        what=_("Those that are due at a time keep it on their other day."), batch_rows=_ROWS, order=15,
    ),
    replace(edit_act(TASK, EDIT.name), batch_rows=_ROWS),
    replace(paste_act(TASK, EDIT.name), batch_rows=_ROWS),
    BulkAct(
        "trash", TASK, _("Put into the trash"), EDIT.name, apply=_trash, undo=_restore, picture="trash-2",
        what=_("They go into the trash, from which they can be brought back for as long as it keeps them."),
        batch_rows=_ROWS, order=95,
    ),
)  # fmt: skip
