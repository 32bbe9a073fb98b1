"""Selecting rows and acting on many: noting what is wanted, beginning, cancelling, taking back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from rapport.records.bulk.acts import AT_ONCE_ROWS, MOST_ROWS, BulkAct, Keys, Selectable, UnableToAct, find_act
from rapport.records.bulk.models import BULK_ENDED, BulkItem, BulkItemState, BulkRun, BulkState, Selection
from rapport.records.bulk.running import BULK_TASK, UNDO_BULK_TASK, carry_out, take_back
from rapport.records.bulk.selecting import resolve
from rapport.records.registry import UnknownField
from rapport.ui.formats import number

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_QUERY = 20_000
_WRITE_ROWS = """
insert into records_bulkitem (run_id, number, keys, state, reason, undo, wanted)
select %s, row.number, row.keys::jsonb, %s, '', '{}', row.wanted::jsonb
  from unnest(%s::text[], %s::text[]) with ordinality as row (keys, wanted, number)
"""
_ROW = re.compile(r"[0-9A-Za-z:_-]{1,100}")


def select_rows(
    selectable: Selectable, *, rows: Sequence[str], query: str, is_everything: bool, by: User, now: datetime
) -> Selection:
    """Keep what somebody selected. Raises UnableToAct and UnknownField."""
    if len(query) > LONGEST_QUERY or "\x00" in query:
        raise UnknownField(_("The list cannot be asked for so much."))
    wanted = [] if is_everything else [row for row in dict.fromkeys(rows) if _ROW.fullmatch(row)]
    if not is_everything and not wanted:
        raise UnableToAct(_("Select at least one row."))
    if len(wanted) > MOST_ROWS:
        raise UnableToAct(_("At most %(count)s rows are treated at once.") % {"count": number(MOST_ROWS)})
    return Selection.objects.create(
        object=selectable.name, rows=wanted, query=query if is_everything else "", is_everything=is_everything,
        made_by=by, made_at=now,
    )  # fmt: skip


def draft_run(act: BulkAct, selection: Selection) -> BulkRun:
    """Note what is wanted; nothing is done before it is begun."""
    return BulkRun.objects.create(selection=selection, act=act.name)


def begin_run(
    run: BulkRun,
    selectable: Selectable,
    *,
    answers: Mapping[str, str],
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
    wanted: Mapping[str, Any] | None = None,
) -> None:
    """Treat the selected rows that are there and visible now: a few at once, many by a worker. Raises UnableToAct.

    `wanted` is what each of them is to get. Rows that were written down with the draft are treated as they stand there.
    """
    with transaction.atomic():
        current = BulkRun.objects.select_for_update(of=("self",)).select_related("selection").get(pk=run.pk)
        if current.state != BulkState.DRAFT:
            return
        count = BulkItem.objects.filter(run=current).count() or _write_rows(
            current, resolve(selectable, current.selection, user=by), wanted=wanted or {}
        )
        if not count:
            raise UnableToAct(_("Nothing of what you selected is there any more."))
        BulkRun.objects.filter(pk=run.pk).update(
            state=BulkState.WAITING, answers=dict(answers), total=count, started_at=now
        )
        if count > AT_ONCE_ROWS:
            app.configure_task(BULK_TASK, queue="imports").defer(run_id=run.pk)
    if count <= AT_ONCE_ROWS:
        carry_out(run, request=request)
    run.refresh_from_db()


def write_items(run: BulkRun, rows: Sequence[tuple[Keys, Mapping[str, Any]]]) -> int:
    """Write down the rows of an act with what each of them is to get, in one statement; says how many."""
    keys = [json.dumps(each) for each, _wanted in rows]
    wanted = [json.dumps(each) for _keys, each in rows]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_ROWS, [run.pk, BulkItemState.WAITING, keys, wanted])
    return len(rows)


def _write_rows(run: BulkRun, keys: Sequence[Keys], *, wanted: Mapping[str, Any]) -> int:
    return write_items(run, [(each, wanted) for each in keys])


def cancel_run(run: BulkRun) -> None:
    """Stop between two batches; what is done stays, and can be taken back."""
    going = BulkRun.objects.filter(pk=run.pk, state__in=(BulkState.WAITING, BulkState.RUNNING))
    going.update(state=BulkState.CANCELLING)


def undo_run(run: BulkRun, *, request: HttpRequest | None = None) -> None:
    """Take back what was done with each row. Raises UnableToAct."""
    if not can_be_undone(run):
        raise UnableToAct(_("This cannot be undone any more."))
    with transaction.atomic():
        begun = BulkRun.objects.filter(pk=run.pk, state__in=BULK_ENDED)
        if not begun.update(state=BulkState.UNDOING, resumptions=0, failure=""):
            return
        if run.done > AT_ONCE_ROWS:
            app.configure_task(UNDO_BULK_TASK, queue="imports").defer(run_id=run.pk)
    if run.done <= AT_ONCE_ROWS:
        take_back(run, request=request)
    run.refresh_from_db()


def can_be_undone(run: BulkRun) -> bool:
    """Whether the act can be taken back, it is not being worked on, and something was done."""
    act = find_act(run.selection.object, run.act)
    if act is None or act.undo is None or run.state not in BULK_ENDED:
        return False
    return BulkItem.objects.filter(run=run, state=BulkItemState.DONE).exclude(undo={}).exists()
