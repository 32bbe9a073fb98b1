"""How a list is looked at where that is not its plain table: what is built for it, and the links around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from rapport.accounts.queries import business
from rapport.records.lists.board import COLUMN, Board, Card, build_board
from rapport.records.lists.calendar import DAY, MONTH, SPAN, WEEK, Calendar, build_calendar
from rapport.records.lists.grouped import GROUP, OPEN, Grouped, build_grouped
from rapport.records.lists.grouping import Group
from rapport.records.lists.ways import (
    AS,
    BOARD,
    BY,
    CALENDAR,
    LABELS,
    NO_SUM,
    SUM,
    TABLE,
    board_fields,
    calendar_fields,
    group_fields,
    total_fields,
    ways_of,
)
from rapport.records.registry import Field
from rapport.records.saved_views.opening import Opened

if TYPE_CHECKING:
    from rapport.records.lists.page import ListPage

Looked = Board | Calendar | Grouped
Link = tuple[str | Promise, str, bool]
_PLACES = (DAY, SPAN)
_BY_WAY = {TABLE: group_fields, BOARD: board_fields, CALENDAR: calendar_fields}


def look_at(opened: Opened, query: QueryDict, *, now: datetime) -> Looked | None:
    """The board, the calendar or the groups that an address asks for; None for the plain table."""
    way = opened.asked.way
    if way.is_plain:
        return None
    if way.name == BOARD:
        return build_board(opened.asked, opened.columns, query)
    if way.name == CALENDAR:
        return build_calendar(opened.asked, opened.columns, query, now=now)
    return build_grouped(opened.asked, opened.columns, query)


def place_of(looked: Looked | None) -> dict[str, str]:
    """Where in time a calendar stands: it goes with what is asked, and is not kept with a view."""
    return looked.place if isinstance(looked, Calendar) else {}


@dataclass(frozen=True)
class WayLinks:
    """The ways to look at a list, as links that keep everything else that is asked."""

    page: ListPage

    @property
    def kinds(self) -> list[Link]:
        """Table, board, calendar: as far as the list has fields for them."""
        way, fields = self.page.asked.way, self.page.asked.fields
        found = ways_of(fields)
        if found == [TABLE]:
            return []
        return [(LABELS[each], self._as(each, None), each == way.name) for each in found]

    @property
    def by(self) -> list[Link]:
        """The fields that it can be shown by in the same way; a table also by none."""
        way = self.page.asked.way
        plain: list[Link] = [(_("No groups"), self._as(TABLE, None), way.by is None)] if way.name == TABLE else []
        fields = _BY_WAY[way.name](self.page.asked.fields)
        return plain + [(each.label, self._as(way.name, each), each == way.by) for each in fields]

    @property
    def sums(self) -> list[Link]:
        """What can be added up in groups and columns."""
        way, offered = self.page.asked.way, total_fields(self.page.asked.fields)
        if way.is_plain or way.name == CALENDAR or not offered:
            return []
        none: Link = (_("No sum"), self.page.url_with({SUM: NO_SUM}), way.total is None)
        return [none, *((each.label, self.page.url_with({SUM: each.name}), each == way.total) for each in offered)]

    def _as(self, name: str, by: Field | None) -> str:
        said: dict[str, str | None] = {AS: None if name == TABLE else name, BY: by.name if by is not None else None}
        return self.page.url_with(said)

    def group_url(self, group: Group) -> str:
        """The plain table of what this group has."""
        return self._table(group.condition.parameter)

    def day_url(self, day: date) -> str:
        """The plain table of what stands on this day, or returns on it each year."""
        by = self.page.asked.way.by
        operator = "each_year" if by is not None and by.is_yearly else "on"
        return self._table(f"{by.name}.{operator}:{day.isoformat()}" if by is not None else "")

    def more_url(self, group: Group, cursor: str) -> str:
        """The next cards of a column, or the next rows of a group."""
        name = COLUMN if self.page.asked.way.name == BOARD else GROUP
        return self.page.url_with({name: group.key, "after": cursor})

    def toggle_url(self, group: Group) -> str:
        """The groups with this one opened, or closed."""
        looked = self.page.looked
        opened = looked.opened if isinstance(looked, Grouped) else []
        wanted = [each for each in opened if each != group.key] if group.key in opened else [*opened, group.key]
        return self._with([(OPEN, each) for each in wanted])

    def at_url(self, at: date, span: str = "") -> str:
        """The calendar around another day."""
        looked = self.page.looked
        shown = span or (looked.span if isinstance(looked, Calendar) else MONTH)
        return self.page.url_with({DAY: at.isoformat(), SPAN: WEEK if shown == WEEK else None})

    def change_url(self, card: Card) -> str:
        """Where the card's record is given another value of the field it stands by."""
        by = self.page.asked.way.by
        return reverse("cell", args=[self.page.asked.of.name, card.public_id, by.name if by is not None else ""])

    @property
    def currency(self) -> str:
        """The currency of amounts that have none of their own."""
        found = business()
        return found.currency if found is not None else ""

    @property
    def query(self) -> str:
        """What the list is asked, and where in time it stands."""
        return urlencode([*_pairs(self.page.parameters()), *place_of(self.page.looked).items()])

    def _table(self, filter_text: str) -> str:
        query = self.page.parameters(without=None, **dict.fromkeys((AS, BY, SUM)))
        return self._at([*_pairs(query), ("filter", filter_text)])

    def _with(self, pairs: Iterable[tuple[str, str]]) -> str:
        return self._at([*_pairs(self.page.parameters()), *pairs])

    def _at(self, pairs: Iterable[tuple[str, str]]) -> str:
        query = QueryDict(mutable=True)
        for name, value in pairs:
            query.appendlist(name, value)
        return f"{self.page.path}?{query.urlencode(safe=':,();~')}"


def kept_of(way_parameters: Mapping[str, str | None], looked: Looked | None) -> list[tuple[str, str]]:
    """What forms around the list have to say, so that it stays as it is looked at."""
    said: dict[str, Any] = {**way_parameters, **place_of(looked)}
    return [(name, value) for name, value in said.items() if value is not None]


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in QueryDict(query).lists() for value in values]
