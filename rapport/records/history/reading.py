"""The history of one record: who changed what, when and why; and saying again what it said before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve

from rapport.accounts.access import Grip, gripping
from rapport.accounts.permissions import ADMINISTER
from rapport.audit.queries import TrailAsked, TrailEntry, TrailPage, event_entry, trail
from rapport.audit.reading import ReadEntry, read_entries
from rapport.core.rooms import contributions
from rapport.records.record_kinds import FoundRecord, find_record, records_by_id

if TYPE_CHECKING:
    from rapport.accounts.models import User

PAGE = 50


class RestoreRefused(Exception):
    """Nothing was restored; the message says why, in words for whoever asked."""


@dataclass(frozen=True)
class Opened:
    """The record as it is now: its version, and what `user` may have it say again, column by column as the trail names it."""

    version: int
    columns: Collection[str]


@dataclass(frozen=True)
class Restoring:
    """A value that a record is to have again."""

    record: FoundRecord
    column: str
    value: Any
    version: int
    by: User
    now: datetime
    request: HttpRequest | None = None


@dataclass(frozen=True)
class RecordHistory:
    """What a room lists in histories.HISTORIES: where the trail tells of a kind of record.

    `main_table` holds the records themselves, `rows` are the rows of all tables that belong to one (table → ids). `restore`
    goes the way that forms go, returns where it is undone, and raises RestoreRefused; `open` says what may be restored.
    """

    kind: str
    main_table: str
    rows: Callable[[FoundRecord], Mapping[str, Sequence[int]]]
    open: Callable[[User, FoundRecord], Opened | None] | None = None
    restore: Callable[[Restoring], str] | None = None


@dataclass(frozen=True)
class Line:
    """One event of a history. `can_restore` are the columns whose old value the record may have again."""

    read: ReadEntry
    record: FoundRecord | None = None
    can_restore: Collection[str] = ()


@cache
def histories() -> dict[str, RecordHistory]:
    return {each.kind: each for each in contributions("histories", "HISTORIES", RecordHistory)}


def find_history(user: User, kind: str, public_id: Any) -> tuple[RecordHistory, FoundRecord]:
    """The record that `user` may see, with where its history lies; else the 404 of one that does not exist."""
    found, known = find_record(user, kind, public_id), histories().get(kind)
    if known is None:
        raise Http404
    return known, found


def opened_for(user: User, of: RecordHistory, record: FoundRecord) -> Opened | None:
    """The record as `user` may change it; None where she may not."""
    if of.open is None:
        return None
    try:
        with gripping(user, Grip.CHANGE):
            return of.open(user, record)
    except (Http404, PermissionDenied):
        return None


def read_history(
    user: User, of: RecordHistory, record: FoundRecord, *, opened: Opened | None, before: int | None
) -> tuple[list[Line], int | None]:
    """Its changes, newest first, in words for `user`, and with what to ask for the older ones."""
    ids = [str(record.public_id)] if user.has_right(ADMINISTER.name) else []
    page = trail(TrailAsked(rows=of.rows(record), ids=ids, before=before, size=PAGE))
    lines = []
    for read in read_entries(user, page.entries):
        is_change = read.event.table == of.main_table and read.event.operation == "update" and not read.event.is_erased
        is_its_own = is_change and read.event.row_id == str(record.id)
        can = {said.name for said in read.said} & set(opened.columns) if opened is not None and is_its_own else ()
        says_nothing = not read.said and read.event.operation == "update" and not read.event.is_erased
        if not says_nothing:
            lines.append(Line(read, can_restore=can))
    return lines, page.before


def restore_value(
    of: RecordHistory, record: FoundRecord, *, event: int, column: str, version: int, by: User, now: datetime,
    request: HttpRequest | None = None,
) -> str:  # fmt: skip
    """Have the record say again what it said before this event of its own; returns where that is undone."""
    entry = event_entry(event)
    opened = opened_for(by, of, record)
    if of.restore is None or opened is None or entry is None or not _is_about(entry, of, record):
        raise Http404
    if column not in opened.columns:
        raise Http404
    with gripping(by, Grip.CHANGE):
        return of.restore(Restoring(record, column, _before(entry, column), version, by, now, request))


def _is_about(entry: TrailEntry, of: RecordHistory, record: FoundRecord) -> bool:
    is_change = entry.table == of.main_table and entry.operation == "update"
    return is_change and entry.row_id == str(record.id) and not entry.is_erased


def _before(entry: TrailEntry, column: str) -> Any:
    """What a column, or an own field called `custom.<name>`, said before; 404 where the event does not speak of it."""
    name, _dot, own = column.partition(".")
    said = dict(entry.values).get(name)
    if not isinstance(said, list) or len(said) != 2:
        raise Http404
    if not own:
        return said[0]
    before, after = (each if isinstance(each, dict) else {} for each in said)
    if own not in before and own not in after:
        raise Http404
    return before.get(own)


def lines_of(user: User, page: TrailPage) -> list[Line]:
    """The events of a page in words, each with the record it is about where `user` may see that."""
    of_table = {each.main_table: each.kind for each in histories().values()}
    wanted: dict[str, set[int]] = {}
    for entry in page.entries:
        if entry.table in of_table and entry.row_id.isdecimal():
            wanted.setdefault(of_table[entry.table], set()).add(int(entry.row_id))
    found = {kind: records_by_id(user, kind, ids) for kind, ids in wanted.items()}
    return [
        Line(read, found.get(of_table.get(read.event.table, ""), {}).get(_number(read.event.row_id)))
        for read in read_entries(user, page.entries)
    ]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def record_at(user: User, address: str) -> tuple[RecordHistory, FoundRecord] | None:
    """The record whose page has this address, whole or without its host; None where there is none that `user` may see."""
    path = "/" + address.strip().partition("://")[2].partition("/")[2] if "://" in address else address.strip()
    try:
        public_id = resolve(path.partition("?")[0].partition("#")[0]).kwargs.get("public_id")
    except (Resolver404, ValueError):
        return None
    for kind in histories() if public_id is not None else ():
        try:
            of, found = find_history(user, kind, public_id)
        except Http404:
            continue
        if path.startswith(found.url):
            return of, found
    return None
