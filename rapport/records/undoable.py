"""What this room did that can be undone: acts on many rows, which have a way back of their own, and what was done with tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.records.bulk.actions import undo_run
from rapport.records.bulk.acts import UnableToAct, find_act
from rapport.records.bulk.models import BulkRun, BulkState
from rapport.records.bulk.selecting import selectables
from rapport.records.command_log.noting import Undoable, Undoing, UndoProgress, UndoRefused, gone
from rapport.records.imports.progress import AlreadyAtWork
from rapport.records.imports.undoing import UnableToUndo, undo_import
from rapport.records.lists.cells import CELL, undo_change
from rapport.records.models import Import, ImportState
from rapport.records.permissions import IMPORT
from rapport.records.tags.undoing import TAG_UNDOABLES
from rapport.ui.formats import number

if TYPE_CHECKING:
    from rapport.accounts.models import User

BULK, BROUGHT_IN = "records.bulk", "records.brought_in"


def _undo_run(undoing: Undoing) -> None:
    runs = BulkRun.objects.visible_to(undoing.by).select_related("selection")
    run = runs.filter(pk=undoing.arguments["run"]).first()
    if run is None:
        raise gone()
    act, of = find_act(run.selection.object, run.act), selectables().get(run.selection.object)
    if not all(undoing.by.has_right(each.right) for each in (act, of) if each is not None and each.right):
        raise UndoRefused(_("You may not do this any more."))
    if run.is_under_way:
        raise UndoRefused(_("It is still under way."))
    try:
        undo_run(run, request=undoing.request)
    except UnableToAct as refusal:
        raise UndoRefused(str(refusal)) from refusal


def _progress_of_runs(user: User, noted: Sequence[Mapping[str, Any]]) -> list[UndoProgress | None]:
    runs = BulkRun.objects.visible_to(user).in_bulk([each["run"] for each in noted])
    return [_progress(runs.get(each["run"])) for each in noted]


def _runs_in_words(user: User, noted: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Which act it was, and with how many rows."""
    runs = BulkRun.objects.visible_to(user).select_related("selection").in_bulk([each["run"] for each in noted])
    return [_run_in_words(runs.get(each["run"])) for each in noted]


def _run_in_words(run: BulkRun | None) -> tuple[str, str]:
    act = find_act(run.selection.object, run.act) if run is not None else None
    if run is None or act is None:
        return "", ""
    words = ngettext("%(act)s, %(count)s row", "%(act)s, %(count)s rows", run.total)
    said = words % {"act": act.label, "count": number(run.total)}
    return said, reverse("bulk_run", args=[run.public_id])


def _progress(run: BulkRun | None) -> UndoProgress | None:
    if run is None:
        return None
    url = reverse("bulk_run", args=[run.public_id])
    return UndoProgress(run.undone, run.done, run.state == BulkState.UNDOING, url)


def _undo_import(undoing: Undoing) -> None:
    job = Import.objects.visible_to(undoing.by).filter(pk=undoing.arguments["import"]).first()
    if job is None or job.state == ImportState.UNDONE:
        raise gone()
    try:
        undo_import(job, by=undoing.by, report=lambda _stage, _done: None)
    except (UnableToUndo, AlreadyAtWork) as refusal:
        raise UndoRefused(str(refusal)) from refusal


UNDOABLES = (
    Undoable(
        BROUGHT_IN, gettext_lazy("Rows brought in by a program"), IMPORT.name, undo=_undo_import, works_alone=True
    ),
    Undoable(CELL, gettext_lazy("A value changed in a list"), "", undo=undo_change),
    Undoable(
        BULK,
        gettext_lazy("Many rows treated at once"),
        "",
        undo=_undo_run,
        works_alone=True,
        progress=_progress_of_runs,
        about=_runs_in_words,
    ),
    *TAG_UNDOABLES,
)
