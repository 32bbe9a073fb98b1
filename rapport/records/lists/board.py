"""A list as a board: a column for each value of one field, the first cards of each by one statement for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.records.lists.cells import can_change, staff_by_id, text_of
from rapport.records.lists.columns import ListColumn, is_needed
from rapport.records.lists.grouping import Group, Groups, groups_of, within
from rapport.records.lists.querying import ListRequest, Place, Row, read_rows, write_cursor
from rapport.records.lists.sql import ListQuery, run
from rapport.records.record_kinds import record_kinds, records_by_id
from rapport.records.registry import Field, FieldKind, UnknownField

CARDS, FEWEST_CARDS, CARDS_IN_ALL = 20, 8, 240
MOST_FACTS = 4
FEW = 1_000  # found first and sorted then, since the order would have to be walked far to meet them
COLUMN = "column"


@dataclass(frozen=True)
class Card:
    """One record as a card or a line: what it is called, where it is, and what of it is shown. `value` is that of `by`,
    `holder` who has it."""

    row: Row
    name: str
    url: str
    value: str = ""
    holder: str = ""

    @property
    def public_id(self) -> Any:
        return self.row.public_id


@dataclass(frozen=True)
class BoardColumn:
    """The cards of one value, as far as they are shown, and where the next ones begin."""

    group: Group
    cards: tuple[Card, ...]
    next_cursor: str = ""

    @property
    def id(self) -> str:
        return self.group.id

    @property
    def value(self) -> str:
        return self.group.value


@dataclass(frozen=True)
class Board:
    """The columns of a list by one field. `is_movable`: whether its reader may give a card another value."""

    asked: ListRequest
    groups: Groups
    columns: tuple[BoardColumn, ...]
    facts: tuple[Field, ...]
    is_movable: bool
    only: str = ""
    holder: Field | None = None

    kind = "board"

    @property
    def by(self) -> Field:
        return self.groups.by

    @property
    def is_bare(self) -> bool:
        return not any(column.group.count or column.cards for column in self.columns)

    @property
    def marks(self) -> list[str]:
        """For each column one short hash of what it shows, to see later whether it is still so."""
        return [mark(column.id, column.group.count, column.cards) for column in self.columns]


def build_board(asked: ListRequest, columns: Sequence[ListColumn], query: QueryDict) -> Board:
    """The board that is asked for; with `column` in the address, the cards of that one behind the place `after`."""
    by = asked.way.by
    assert by is not None
    groups, only = groups_of(asked), query.get(COLUMN, "")
    shown = groups.groups
    if only:
        shown = tuple(each for each in shown if each.key == only)
        if not shown:
            raise UnknownField(_("This board has no such column."))
    after = asked.after if only else None
    cards = min(CARDS, max(FEWEST_CARDS, CARDS_IN_ALL // max(1, len(shown))))
    holder = holder_of(asked)
    facts = card_facts(asked, columns, by, holder)
    places = _places(replace(asked, after=after), shown, cards + 1, has_all=not groups.is_capped)
    ids = [place.key for found in places for place in found[:cards]]
    found = cards_of(asked, ids, facts, by, holder)
    passed = after.passed if after is not None else 0
    built = []
    for group, of_group in zip(shown, places, strict=True):
        last = replace(of_group[cards - 1], passed=passed + cards) if len(of_group) > cards else None
        cursor = write_cursor(asked, last) if last is not None else ""
        of_column = tuple(found[place.key] for place in of_group[:cards] if place.key in found)
        built.append(BoardColumn(group, of_column, cursor))
    return Board(asked, groups, tuple(built), facts, can_change(asked.user, asked.of.name, by), only, holder)


def cards_of(
    asked: ListRequest, ids: Sequence[int], facts: Sequence[Field], by: Field, holder: Field | None = None
) -> dict[int, Card]:
    """Records that the list let somebody through to, as cards."""
    head = head_of(asked.fields)
    needed = list(dict.fromkeys([head, by, *facts, *_beside(asked, facts), *([holder] if holder is not None else [])]))
    rows = read_rows(asked.of, list(ids), needed)
    named = records_by_id(asked.user, asked.of.name, ids) if asked.of.name in record_kinds() else {}
    cards = {}
    people = [each.name for each in facts if each.kind is FieldKind.PERSON]
    staff = staff_by_id() if people or holder is not None else {}
    for row in rows:
        record = named.get(row.id)
        name = record.name if record is not None else str(row[head.name] or "")
        url = record.url if record is not None else _address(asked.of.name, row.public_id)
        value = text_of(by, row[by.name])
        has_it = staff.get(row[holder.name]) if holder is not None else None
        for person in people:
            row.values[person] = staff[row[person]].name if row[person] in staff else None
        cards[row.id] = Card(row, name or _("Without a name"), url, value, has_it.name if has_it is not None else "")
    return cards


def card_facts(
    asked: ListRequest, columns: Sequence[ListColumn], by: Field, holder: Field | None = None
) -> tuple[Field, ...]:
    """What a card says besides its name and its holder: the first columns of the list that are not the board's own field."""
    shown = [each.field for each in columns if not is_needed(each.field) and not _is_same(each.field, by)]
    return tuple([each for each in shown if holder is None or not _is_same(each, holder)][:MOST_FACTS])


def holder_of(asked: ListRequest) -> Field | None:
    """Who has a record; on a board by that, the column says it. Nothing of a list of what nobody has."""
    by = asked.way.by
    found = next((each for each in asked.fields.values() if each.kind is FieldKind.PERSON), None)
    return found if found is not None and by is not None and not _is_same(found, by) else None


def head_of(fields: Mapping[str, Field]) -> Field:
    """What names a record."""
    return next((each for each in fields.values() if is_needed(each)), next(iter(fields.values())))


def mark(place: object, count: int, cards: Sequence[Card]) -> str:
    """One short keyed hash of what stands in a place of the page; it tells nothing to whoever reads the address."""
    key = hashlib.sha256(f"list changes {settings.SECRET_KEY}".encode()).digest()
    shown = [place, count, *((card.row.id, card.name, *card.row.values.values()) for card in cards)]
    return hashlib.blake2b(repr(shown).encode(), key=key, digest_size=4).hexdigest()


def _places(asked: ListRequest, groups: Sequence[Group], limit: int, *, has_all: bool) -> list[list[Place]]:
    """Of each group the sort values and keys of its next records, in order; one statement for all groups that have any."""
    found: list[list[tuple[bool, int, Place]]] = [[] for _group in groups]
    parts: list[sql.Composable] = []
    arguments: list[Any] = []
    for number, group in enumerate(groups):
        if has_all and not group.count:
            continue
        for filled, statement, values in _walks(within(asked, group), limit, count=group.count):
            wrapped = sql.SQL(
                "select {} as of_group, {} as is_filled, row_number() over () as at, value, id from ({}) w"
            )
            parts.append(wrapped.format(sql.Literal(number), sql.Literal(filled), statement))
            arguments += values
    if parts:
        union = sql.SQL(" union all ").join(sql.SQL("({})").format(part) for part in parts)
        for number, filled, at, value, key in run(union, arguments):
            found[number].append((not filled, at, Place(value, key)))
    return [[place for _empty, _at, place in sorted(each, key=lambda one: one[:2])][:limit] for each in found]


def _walks(asked: ListRequest, limit: int, *, count: int) -> list[tuple[bool, sql.Composable, list[Any]]]:
    """The statements of one group: those with a sort value, and behind them those without; of few, all at once."""
    query, after = ListQuery(asked), asked.after
    if count < FEW and not asked.words:
        return [(True, *query.found_first(after=after, limit=limit))]
    found = []
    if after is None or after.value is not None:
        found.append((True, *query.keys(filled=True, after=after, limit=limit)))
    if asked.sort.can_be_empty:
        behind = after if after is not None and after.value is None else None
        found.append((False, *query.keys(filled=False, after=behind, limit=limit)))
    return found


def _beside(asked: ListRequest, facts: Sequence[Field]) -> list[Field]:
    """What has to be known to show the others: the currency of amounts."""
    has_money = any(each.kind is FieldKind.MONEY and each.own is None for each in facts)
    return [asked.fields["currency"]] if has_money and "currency" in asked.fields else []


def _is_same(field: Field, by: Field) -> bool:
    """The field itself, or what says the same in words."""
    return field.name == by.name or by.hidden_with == field.name


def _address(name: str, public_id: Any) -> str:
    try:
        return reverse(name, args=[public_id])
    except NoReverseMatch:
        return ""
