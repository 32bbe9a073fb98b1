"""Pasting a block of cells into the rows of a list: what it would change, what is refused and why, and the act that does it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.records.bulk import actions as bulk_actions
from rapport.records.bulk.acts import Keys, Selectable, find_act
from rapport.records.bulk.editing import PASTE
from rapport.records.bulk.models import BulkRun
from rapport.records.bulk.narrowing import keys_by_id
from rapport.records.exporting.lists import exported_lists
from rapport.records.lists.editing import EditableField, editable_fields, editable_object
from rapport.records.pasting.cells import CellRefused, read_cell
from rapport.records.registry import Field

if TYPE_CHECKING:
    from rapport.accounts.models import User


@dataclass(frozen=True)
class Target:
    """Where a block goes: rows by their public ids, columns by their names, from the cell that was chosen on.

    With `fills`, a block is repeated until all of these rows and columns are full.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    fills: bool = False


@dataclass(frozen=True)
class Written:
    """How days and numbers of the block are written."""

    dates: str = "ymd"
    decimal: str = "."


@dataclass(frozen=True)
class Change:
    """One cell that gets another value: of which row (its place in the block and its name), and what is read before and after."""

    row: int
    name: str
    url: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Wrong:
    """One cell that stays as it is, and why."""

    row: int
    name: str
    label: str
    text: str
    reason: str


@dataclass
class Pasted:
    """What a block would do."""

    changes: list[Change] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    same: int = 0
    beyond: int = 0
    wanted: dict[int, dict[str, Any]] = field(default_factory=dict)
    opened: dict[int, dict[str, Any]] = field(default_factory=dict)


def plan_paste(
    block: Sequence[Sequence[str]],
    target: Target,
    selectable: Selectable,
    *,
    columns: dict[str, Field],
    written: Written,
    user: User,
) -> Pasted:
    """Look at every cell; nothing is written."""
    of = exported_lists()[selectable.name].of(user)
    known = keys_by_id(of, [each for each in target.rows if _is_id(each)], user=user)
    found = editable_object(selectable.name)
    held = found.values(user, list(known.values())) if found is not None else {}
    names = selectable.names(user, [(key,) for key in known.values()]) if selectable.names is not None else {}
    pasted, fields = Pasted(), editable_fields(user, selectable.name)
    block = _filled(block, target) if target.fills else block
    pasted.beyond = sum(len(row) for row in block[len(target.rows) :])
    for place, (public_id, cells) in enumerate(zip(target.rows, block, strict=False), start=1):
        key = known.get(public_id)
        name, url = names.get((key,) if key is not None else (), (_("Row %(number)s") % {"number": place}, ""))
        pasted.beyond += max(0, len(cells) - len(target.columns))
        for column, text in zip(target.columns, cells, strict=False):
            label = str(columns[column].label) if column in columns else column
            if key is None or key not in held:
                pasted.wrong.append(
                    Wrong(place, name, label, text, _("It is not there any more, or you may not change it."))
                )
                continue
            _look_at(pasted, _Cell(place, key, name, url, label, text), fields.get(column), held[key], written)
    return pasted


@dataclass(frozen=True)
class _Cell:
    row: int
    key: int
    name: str
    url: str
    label: str
    text: str


def _look_at(pasted: Pasted, cell: _Cell, editable: EditableField | None, held: Any, written: Written) -> None:
    if editable is None:
        reason = _("This column is not typed in: it is computed, or changed on the record's own page.")
        pasted.wrong.append(Wrong(cell.row, cell.name, cell.label, cell.text, reason))
        return
    try:
        value = read_cell(editable, cell.text, dates=written.dates, decimal=written.decimal)
    except CellRefused as refusal:
        pasted.wrong.append(Wrong(cell.row, cell.name, cell.label, cell.text, str(refusal)))
        return
    before = held.get(editable.name)
    if value == before:
        pasted.same += 1
        return
    pasted.wanted.setdefault(cell.key, {})[editable.name] = value
    pasted.opened.setdefault(cell.key, {})[editable.name] = before
    shown = (editable.shown(before), editable.shown(value))
    pasted.changes.append(Change(cell.row, cell.name, cell.url, cell.label, *shown))


def draft_paste(pasted: Pasted, target: Target, selectable: Selectable, *, by: User, now: datetime) -> BulkRun:
    """Write down what each row is to get, and what was there when it was looked at; nothing is done before it is begun."""
    act = find_act(selectable.name, PASTE)
    assert act is not None
    rows = [each for each in target.rows if _is_id(each)]
    selection = bulk_actions.select_rows(selectable, rows=rows, query="", is_everything=False, by=by, now=now)
    run = bulk_actions.draft_run(act, selection)
    items: list[tuple[Keys, dict[str, Any]]] = [
        ((key,), {"values": values, "opened": pasted.opened[key]}) for key, values in pasted.wanted.items()
    ]
    bulk_actions.write_items(run, items)
    return run


def _filled(block: Sequence[Sequence[str]], target: Target) -> list[list[str]]:
    """The block again and again, until the chosen range is full."""
    wide = [list(row) * (-(-len(target.columns) // max(1, len(row)))) for row in block]
    rows = [row[: len(target.columns)] for row in wide]
    return [rows[place % len(rows)] for place in range(len(target.rows))]


def _is_id(text: str) -> bool:
    with suppress(ValueError):
        return bool(uuid.UUID(text))
    return False
