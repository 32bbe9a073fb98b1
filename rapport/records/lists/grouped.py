"""A table in groups: each with its count and sum, opened and closed, and paged by key like a list of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.records.lists.board import Card, cards_of, head_of, mark
from rapport.records.lists.columns import ListColumn
from rapport.records.lists.grouping import Group, Groups, groups_of, within
from rapport.records.lists.querying import ListRequest, fetch_page
from rapport.records.registry import Field, UnknownField

OPEN, GROUP = "open", "group"
ROWS = 20
MOST_OPEN = 12


@dataclass(frozen=True)
class OpenGroup:
    """A group as a table shows it; closed ones have no rows."""

    group: Group
    is_open: bool
    rows: tuple[Card, ...] = ()
    next_cursor: str = ""

    @property
    def id(self) -> str:
        return self.group.id


@dataclass(frozen=True)
class Grouped:
    """All groups of a table, in the order of the field."""

    asked: ListRequest
    groups: Groups
    tables: tuple[OpenGroup, ...]
    columns: tuple[Field, ...]
    only: str = ""

    kind = "grouped"

    @property
    def by(self) -> Field:
        return self.groups.by

    @property
    def is_bare(self) -> bool:
        return not any(each.group.count for each in self.tables)

    @property
    def opened(self) -> list[str]:
        return [each.group.key for each in self.tables if each.is_open]

    @property
    def marks(self) -> list[str]:
        """For each group one short hash of what it shows, to see later whether it is still so."""
        return [mark(each.id, each.group.count, each.rows) for each in self.tables]


def build_grouped(asked: ListRequest, columns: Sequence[ListColumn], query: QueryDict) -> Grouped:
    """The groups that are asked for: those named as open with their first rows; with `group`, the rows of that one alone."""
    groups, only = groups_of(asked), query.get(GROUP, "")
    wanted = set(query.getlist(OPEN)[:MOST_OPEN])
    shown = [each for each in groups.groups if each.count or each.is_known]
    if only:
        shown, wanted = [each for each in shown if each.key == only], {only}
        if not shown:
            raise UnknownField(_("This list has no such group."))
    fields = tuple(each.field for each in columns)
    after = asked.after if only else None
    tables = tuple(
        _opened(replace(asked, after=after), each, fields) if each.key in wanted else OpenGroup(each, is_open=False)
        for each in shown
    )
    return Grouped(asked, groups, tables, fields, only)


def _opened(asked: ListRequest, group: Group, columns: Sequence[Field]) -> OpenGroup:
    page = fetch_page(within(asked, group), columns=[], size=ROWS)
    head = head_of(asked.fields)
    facts = [each for each in columns if each.name != head.name]
    by = asked.way.by
    assert by is not None
    cards = cards_of(asked, [row.id for row in page.rows], facts, by)
    rows = tuple(cards[row.id] for row in page.rows if row.id in cards)
    return OpenGroup(group, is_open=True, rows=rows, next_cursor=page.next_cursor or "")
