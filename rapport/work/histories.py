"""Where the trail tells of tasks, and how a value of one is restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.accounts.queries import active_staff
from rapport.core.acting import acting
from rapport.records.command_log.noting import undo_url
from rapport.records.history.reading import Opened, RecordHistory, RestoreRefused, Restoring
from rapport.records.record_kinds import FoundRecord
from rapport.work import actions, noting
from rapport.work.events import TaskChanged
from rapport.work.models import TASK
from rapport.work.permissions import EDIT
from rapport.work.queries import find_task, record_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_RESTORED = ("title", "text", "priority", "assignee_id", "remind_at")


def _rows(record: FoundRecord) -> Mapping[str, Sequence[int]]:
    return {"work_task": [record.id]}


def _open(user: User, record: FoundRecord) -> Opened | None:
    if not user.has_right(EDIT.name):
        return None
    return Opened(find_task(user, record.public_id).version, _RESTORED)


def _restore(asked: Restoring) -> str:
    found = find_task(asked.by, asked.record.public_id)
    name, value = asked.column.removesuffix("_id"), _value(asked.column, asked.value)
    with acting(asked.by, asked.request, reason=TaskChanged.name):
        try:
            actions.edit_task(
                found, {name: value}, version=asked.version, by=asked.by, now=asked.now,
                record=record_of(asked.by, found), request=asked.request,
            )  # fmt: skip
        except actions.TaskChangedMeanwhile as conflict:
            raise RestoreRefused(
                _("Somebody changed the task meanwhile; look at what there is now and try again.")
            ) from conflict
        except actions.AssigneeCannotSee as refusal:
            why = _("%(name)s may not see what this is about.")
            raise RestoreRefused(why % {"name": refusal.assignee.name}) from refusal
        command = noting.note_task(noting.TASK_CHANGED, found, by=asked.by, now=asked.now)
    if command is None:
        raise RestoreRefused(_("It says that already."))
    return undo_url(command)


def _value(column: str, value: Any) -> Any:
    if column == "remind_at" and value is not None:
        return datetime.fromisoformat(value)
    if column != "assignee_id" or value is None:
        return value
    found = active_staff([value])
    if not found:
        raise RestoreRefused(_("Who had it then does not work here any more."))
    return found[0]


HISTORIES = (RecordHistory(TASK, "work_task", _rows, open=_open, restore=_restore),)
