"""Carrying out an act on many rows, batch by batch, and taking it back; resumable at any point, stoppable between batches.

What becomes of a row is written in the transaction that treats it: after a kill the next process finds the rows that still
wait, and none is treated twice.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.accounts.access import Grip
from rapport.audit import actions as audit
from rapport.core import clock
from rapport.core.acting import acting
from rapport.core.retrying import retrying
from rapport.records.bulk.acts import Batch, BulkAct, Refused, find_act
from rapport.records.bulk.models import BulkItem, BulkItemState, BulkRun, BulkState
from rapport.records.command_log.noting import plain

if TYPE_CHECKING:
    from rapport.accounts.models import User

BULK_TASK, UNDO_BULK_TASK = "records.bulk", "records.undo_bulk"
MOST_RESUMPTIONS = 10
MOST_ROWS_OF_BATCH = 4_000
_SHORT, _LONG = 0.5, 1.0  # seconds: others wait for the rows of a batch, and whoever cancels waits for its end
_LOCK = 7_263_103
_log = logging.getLogger(__name__)
_WRITE_DOWN = """
update records_bulkitem i
   set state = w.state, reason = coalesce(w.reason, i.reason), undo = coalesce(w.undo, i.undo)
  from jsonb_to_recordset(%s::jsonb) as w (number int, state text, reason text, undo jsonb)
 where i.run_id = %s and i.number = w.number
"""


class _Stopped(Exception):
    """It cannot go on as a whole; the message says why."""


@dataclass
class _Pace:
    """How many rows are treated together: as many as this machine does in less than a second, but not too few."""

    fewest: int
    begun: float = 0.0

    def __post_init__(self) -> None:
        self.rows = self.fewest

    def begin(self) -> int:
        self.begun = time.monotonic()
        return self.rows

    def end(self) -> None:
        spent = time.monotonic() - self.begun
        if spent > _LONG:
            self.rows = max(self.fewest, self.rows // 2)
        elif spent < _SHORT:
            self.rows = max(self.rows, min(MOST_ROWS_OF_BATCH, self.rows * 2))


def carry_out(run: BulkRun, *, request: HttpRequest | None = None) -> None:
    """Treat the rows that wait. Whoever asked signs for it, with the rights she has now."""
    with _at_work(run.pk) as is_mine:
        begun = BulkRun.objects.filter(pk=run.pk, state__in=(BulkState.WAITING, BulkState.RUNNING))
        if not is_mine or not (_was_cancelled(run) or begun.update(state=BulkState.RUNNING)):
            return
        try:
            act, by = _allowed(run)
            pace = _Pace(act.batch_rows)
            while not _was_cancelled(run) and (numbers := _next(run, pace.begin(), BulkItemState.WAITING)):
                _treat(run, act, numbers, by=by, undoing=False, request=request)
                pace.end()
        except _Stopped as end:
            _finish(run, BulkState.FAILED, failure=str(end))
            return
        is_whole = not BulkItem.objects.filter(run=run, state=BulkItemState.WAITING).exists()
        _finish(run, BulkState.DONE if is_whole else BulkState.CANCELLED)


def take_back(run: BulkRun, *, request: HttpRequest | None = None) -> None:
    """Undo what was done, the last first; what cannot be undone stays, and says why."""
    with _at_work(run.pk) as is_mine:
        if not is_mine or not BulkRun.objects.filter(pk=run.pk, state=BulkState.UNDOING).exists():
            return
        try:
            act, by = _allowed(run)
            pace = _Pace(act.batch_rows)
            while numbers := _next(run, pace.begin(), BulkItemState.DONE):
                _treat(run, act, numbers, by=by, undoing=True, request=request)
                pace.end()
        except _Stopped as end:
            _finish(run, BulkState.FAILED, failure=str(end))
            return
        _finish(run, BulkState.UNDONE)


def is_worked_on(run_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where locktype = 'advisory' and classid = %s and objid = %s and granted"
            " and database = (select oid from pg_database where datname = current_database()))",
            [_LOCK, run_id],
        )
        return bool(cursor.fetchone()[0])


def count_resumption(run: BulkRun) -> bool:
    """It was cut off and is to be taken up again; False where that happened so often that the act itself must be at fault."""
    if run.resumptions >= MOST_RESUMPTIONS:
        _finish(run, BulkState.FAILED, failure=_("It was cut off again and again, and was given up."))
        return False
    BulkRun.objects.filter(pk=run.pk).update(resumptions=run.resumptions + 1)
    return True


def _allowed(run: BulkRun) -> tuple[BulkAct, User]:
    act = find_act(run.selection.object, run.act)
    by = BulkRun.objects.select_related("selection__made_by__role").get(pk=run.pk).selection.made_by
    if act is None or act.apply is None:
        raise _Stopped(_("There is no such act any more."))
    if not by.has_right(act.right):
        raise _Stopped(_("The right to do this is gone."))
    by.grip = Grip.CHANGE
    return act, by


def _was_cancelled(run: BulkRun) -> bool:
    return BulkRun.objects.filter(pk=run.pk, state=BulkState.CANCELLING).exists()


def _next(run: BulkRun, rows: int, state: str) -> list[int]:
    undoing = state == BulkItemState.DONE
    waiting = BulkItem.objects.filter(run=run, state=state).order_by("-number" if undoing else "number")
    return list(waiting.values_list("number", flat=True)[:rows])


def _treat(
    run: BulkRun, act: BulkAct, numbers: Sequence[int], *, by: User, undoing: bool, request: HttpRequest | None
) -> None:
    """One batch in one transaction; where that fails for no reason that the act knows, row by row."""
    try:
        retrying(lambda: _treat_once(run, act, numbers, by=by, undoing=undoing, request=request))
    except (OperationalError, InterfaceError):
        raise  # the database itself is away or busy: the act is taken up again
    except Exception as error:  # whatever it is: one row must not keep the others waiting for ever
        if len(numbers) > 1:
            for number in numbers:
                _treat(run, act, [number], by=by, undoing=undoing, request=request)
            return
        _log.exception("bulk act %s: row %s", run.pk, numbers[0])
        words = _("Something went wrong: %(error)s") % {"error": type(error).__name__}
        _write_down(run, numbers, {numbers[0]: Refused(words)}, undoing=undoing)


def _treat_once(
    run: BulkRun, act: BulkAct, numbers: Sequence[int], *, by: User, undoing: bool, request: HttpRequest | None
) -> None:
    with acting(by, request, reason=f"bulk act {run.pk}"):
        state = BulkItemState.DONE if undoing else BulkItemState.WAITING
        items = BulkItem.objects.select_for_update().filter(run=run, number__in=numbers, state=state)
        found = items.values_list("number", "keys", "undo", "wanted")
        rows = sorted(found, key=lambda row: -row[0] if undoing else row[0])
        with_keys = {number: tuple(keys) for number, keys, _undo, _wanted in rows}
        undo = {number: needed for number, _keys, needed, _wanted in rows if needed} if undoing else {}
        wanted = {number: asked for number, _keys, _undo, asked in rows}
        batch = Batch(with_keys, by, clock.utc_now(), _answers_of(run), undo, wanted)
        treat = act.undo if undoing else act.apply
        answers: dict[int, Any] = dict(treat(batch)) if treat is not None and (undo or not undoing) else {}
        _write_down(run, list(with_keys), answers, undoing=undoing)
        counts = {"rows": len(with_keys), "refused": sum(isinstance(each, Refused) for each in answers.values())}
        audit.record_bulk(f"{'undo ' if undoing else ''}{act.object}.{act.name}", {"bulk_act": run.pk, **counts})


def _answers_of(run: BulkRun) -> dict[str, str]:
    return dict(BulkRun.objects.filter(pk=run.pk).values_list("answers", flat=True)[0])


def _write_down(run: BulkRun, numbers: Sequence[int], answers: dict[int, Any], *, undoing: bool) -> None:
    """What became of each row. A row about which the act says nothing had nothing to be taken back, or is not there."""
    rows = [_row_of(number, answers.get(number), undoing=undoing) for number in numbers]
    told = [dict(zip(("number", "state", "reason", "undo"), row, strict=True)) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_DOWN, [json.dumps(told), run.pk])
    refused = sum(state in (BulkItemState.REFUSED, BulkItemState.KEPT) for _number, state, _reason, _undo in rows)
    treated = len(rows) - refused
    counts = (
        {"undone": F("undone") + treated}
        if undoing
        else {"done": F("done") + treated, "refused": F("refused") + refused}
    )
    BulkRun.objects.filter(pk=run.pk).update(**counts)


def _row_of(number: int, answer: Any, *, undoing: bool) -> tuple[int, str, str | None, dict[str, Any] | None]:
    """Number, state, what is said about it, and what undoing needs; None leaves that as it is."""
    is_refused = isinstance(answer, Refused)
    said = None if answer is None else answer.reason if is_refused else answer.note
    if undoing:
        return number, str(BulkItemState.KEPT if is_refused else BulkItemState.UNDONE), said, None
    if answer is None:
        return number, str(BulkItemState.REFUSED), _("It is not there any more."), None
    if is_refused:
        return number, str(BulkItemState.REFUSED), said, {}
    return number, str(BulkItemState.DONE), said, plain(answer.undo)


def _finish(run: BulkRun, state: str, *, failure: str = "") -> None:
    BulkRun.objects.filter(pk=run.pk).update(state=state, failure=failure, finished_at=clock.utc_now())


@contextmanager
def _at_work(run_id: int) -> Iterator[bool]:
    """The act is this connection's as long as it lives; when its process is killed the database gives it back."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [_LOCK, run_id])
        (is_mine,) = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [_LOCK, run_id])
