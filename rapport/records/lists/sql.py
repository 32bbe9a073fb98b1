"""The SQL of one list: conditions of the gate, the search and the filters over the tables they need, page by page.

Fragments come from declarations in code alone; what a user sends is a name that was looked up, or a bound value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.records.filters.conditions import Filter, condition_of, people_asked_for
from rapport.records.registry import FieldKind, Join, UnknownField

if TYPE_CHECKING:
    from rapport.records.lists.querying import ListRequest

SEARCH_LOOKS_AT = 5_000
OWNERS_WALKED_ONE_BY_ONE = 40
BY_ROLE, BY_SHARE = "role", "share"
_ROW_COSTS = 0.45  # in the planner's units: what a row costs that is walked in the order of an index,
_JOINING_COSTS = 0.9  # more with each table beside it,
_ASKING_COSTS = 0.8  # and with each condition that looks into another table
_BEHIND_ALL = 2**63 - 1
_SHORT_WALK = 10_000  # rows: more processes would only come when it is over
_ALONE = " and (current_schema() is null or true)"  # true, and by what it names nothing to share with other processes
_IN_ORDER = (FieldKind.NUMBER, FieldKind.MONEY, FieldKind.DATE, FieldKind.INSTANT)
Part = tuple[sql.Composable, list[Any]]


@dataclass(frozen=True)
class Place:
    """Where a page ended: its last sort value as text, its last id, and how many rows came before and on it."""

    value: str | None
    key: int
    passed: int = 0


def joins_of(joins: Any) -> sql.Composed:
    """Each table once, by its alias."""
    wanted: dict[str, Join] = {join.alias: join for join in joins if join is not None}
    return sql.Composed(
        [
            sql.SQL(" left join {table} {alias} on {on}").format(
                table=sql.SQL(join.table), alias=sql.Identifier(join.alias), on=sql.SQL(join.on)
            )
            for join in wanted.values()
        ]
    )


def run(query: sql.Composable, arguments: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(connection.connection), arguments)
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def cost_of(query: sql.Composable, arguments: list[Any]) -> float:
    """What the planner thinks it costs, in its own units."""
    plan = run(sql.SQL("explain (format json) {}").format(query), arguments)[0][0]
    return float((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Total Cost"])


def _asks_elsewhere(part: Part) -> bool:
    """Whether a condition looks into other tables: then it is asked last."""
    return "(select" in part[0].as_string(None).replace("array(select", "")


@dataclass(frozen=True)
class ListQuery:
    """The SQL of one request: conditions of the gate, the search and the filters over the tables they need."""

    asked: ListRequest

    @cached_property
    def sort(self) -> sql.SQL:
        return sql.SQL(self.asked.sort.sort_sql or self.asked.sort.sql)

    @cached_property
    def _key(self) -> sql.Composable:
        """The id that breaks ties: the joined table's own, where that lets its index give the order."""
        join = self.asked.sort.join
        if join is None or not join.key:
            return sql.SQL("r.id")
        return sql.SQL("{}.{}").format(sql.Identifier(join.alias), sql.Identifier(join.key))

    @property
    def is_picky(self) -> bool:
        """Whether rows of the order may have to be left out, and it is not the search that says which."""
        gated = bool(self._gate(None, "")) and not self._owners_to_walk()
        return not self.asked.words and (bool(self.asked.filters) or gated)

    @cached_property
    def row_costs(self) -> float:
        """In the planner's units: what it takes to look at one row in the order of an index."""
        parts = [condition_of(each, found_by=self.asked.of.found_by) for each in self.asked.filters]
        joins = {each.alias for each in self._joins() if each is not None}
        return _ROW_COSTS + _JOINING_COSTS * len(joins) + _ASKING_COSTS * sum(map(_asks_elsewhere, parts))

    @property
    def before_the_empty(self) -> Place:
        """Where those without a sort value begin."""
        return Place(None, _BEHIND_ALL if self.asked.descending else 0)

    def keys(self, *, filled: bool, after: Place | None, limit: int) -> Part:
        """Sort value and id of the next `limit` records, of those with a sort value or of those without."""
        values, place = self._values(filled), self._place(filled, after)
        order = self._order(sql.SQL("place") if filled else None, sql.SQL("id"), limit)
        if self.asked.words:
            found = self._found()
            inner = self.select(values, conditions=[found[1], *place])
            query = sql.SQL("with found as materialized ({}) select value, id from ({}) page{}")
            return query.format(found[0][0], inner[0], order), [*found[0][1], *inner[1]]
        union, arguments = self._walks(filled, after, limit)
        return sql.SQL("select value, id from ({}) page{}").format(union, order), arguments

    def window(self, *, filled: bool, after: Place | None, rows: int, wanted: int) -> Part:
        """Of the next `rows` rows of the order: value, id and number of the first `wanted` that pass the filters and are
        reached, and of the last row whether it passes or not. It is read no further than to the last that is wanted.
        """
        passing = [condition_of(each, found_by=self.asked.of.found_by, by_row=True) for each in self.asked.filters]
        passing += [] if self._walks_by_owner(filled) else self._gate(None, "")
        walks, arguments = self._walks(filled, after, rows, passing=sorted(passing, key=_asks_elsewhere))
        order = self._order(sql.SQL("place") if filled else None, sql.SQL("id"))
        numbered = sql.SQL(  # the order said again and again keeps the planner from sorting what comes in order
            "select *, row_number() over ({order}) as number from (select * from ({walks}) page{order} limit {rows}) walked"
        ).format(walks=walks, order=order, rows=rows)
        query = sql.SQL(
            "select value, id, number, passes from ({}) numbered where (passes or number = {}){}{} limit {}"
        )
        alone = sql.SQL(_ALONE if rows <= _SHORT_WALK else "")
        return query.format(numbered, rows, alone, order, wanted), arguments

    def found_first(self, *, after: Place | None, limit: int) -> Part:
        """Sort value and id of the next `limit` records, when all that were asked for are found first and sorted then."""
        place = self._behind(after, sql.SQL("r.id")) if after is not None else None
        conditions = self.conditions()
        if place is not None and after is not None and after.value is None:
            conditions += [self._has_value(False), place]
        elif place is not None and self.asked.sort.can_be_empty:
            conditions.append((sql.SQL("({} or {} is null)").format(place[0], self.sort), place[1]))
        elif place is not None:
            conditions.append(place)
        # an order that no index and no table has by itself: else the planner would hope to meet the first few early
        direction = sql.SQL(" desc" if self.asked.descending else "")
        order = sql.SQL(" order by case when r.id > 0 then {} end{} nulls last, r.id{} limit {}").format(
            self.sort, direction, direction, limit
        )
        values = sql.SQL("{}::text as value, r.id as id").format(self.sort)
        return self.select(values, conditions=conditions, tail=(order, []))

    def _values(self, filled: bool) -> sql.Composable:
        place = self.sort if filled else sql.SQL("null")
        key = self._key if filled else sql.SQL("r.id")
        return sql.SQL("{}::text as value, {} as id, {} as place").format(place, key, place)

    def _place(self, filled: bool, after: Place | None) -> list[Part]:
        place = [self._has_value(filled)] if self.asked.sort.can_be_empty else []
        if after is not None:
            place.append(self._behind(after, self._key if filled else sql.SQL("r.id")))
        return place

    def _walks(self, filled: bool, after: Place | None, limit: int, *, passing: Sequence[Part] | None = None) -> Part:
        """The next rows of the order from each of the indexes in which they stand, to be merged.

        With `passing` also those that do not fulfil it, which is said of each.
        """
        values, place = self._values(filled), self._place(filled, after)
        order = self._order(self.sort if filled else None, self._key if filled else sql.SQL("r.id"), limit)
        said: list[Any] = []
        if passing is not None:
            # what is unknown goes on to the next condition and false does not
            true: list[sql.Composable] = [
                sql.SQL("({}) is true").format(condition) for condition, _arguments in passing
            ]
            values = sql.SQL("{}, {} as passes").format(values, sql.SQL(" and ").join(true or [sql.SQL("true")]))
            said = [argument for _condition, arguments in passing for argument in arguments]
        walks = []
        for owner in (self._owners_to_walk() if filled else ()) or (None,):
            gate = self._gate(owner, BY_ROLE) if owner is not None else []
            all_of = (
                self.conditions(owner=owner, by=BY_ROLE) if passing is None else [self._base, *gate, *self._stretch()]
            )
            query, arguments = self.select(values, conditions=[*all_of, *place], tail=(order, []))
            walks.append((query, [*said, *arguments]))
        if self._is_shared and (passing is None or self._walks_by_owner(filled)):
            # few, and looked up by their keys: what is walked above is walked as if there were none
            shared = [self._base, *self._gate(None, BY_SHARE), *self._stretch()]
            all_of = self.conditions(by=BY_SHARE) if passing is None else shared
            query, arguments = self.select(values, conditions=[*all_of, *place], tail=(order, []))
            walks.append((query, [*said, *arguments]))
        union = sql.SQL(" union all ").join(sql.SQL("({})").format(walk[0]) for walk in walks)
        return union, [argument for walk in walks for argument in walk[1]]

    def select(
        self,
        values: sql.Composable,
        *,
        conditions: Sequence[Part],
        tail: Part | None = None,
        joins: Sequence[Join | None] = (),
    ) -> Part:
        """A SELECT over the object's table and whatever the gate, the filters, the sort and `joins` read."""
        query = sql.SQL("select {values} from {table} r{joins} where {conditions}{tail}").format(
            values=values,
            table=sql.Identifier(self.asked.of.table),
            joins=joins_of([*self._joins(), *joins]),
            conditions=sql.SQL(" and ").join(condition for condition, _arguments in conditions),
            tail=tail[0] if tail else sql.SQL(""),
        )
        return query, [argument for _condition, arguments in conditions for argument in arguments]

    def _joins(self) -> list[Join | None]:
        of_filters = [each.field.join for each in self.asked.conditions]
        return [self.asked.of.owner_join, *of_filters, self.asked.sort.join]

    def all_of(self, values: sql.Composable, *, tail: Part) -> Part:
        """Every record that was asked for, in no order: what roles reach, and then what is shared beyond that."""
        parts = [
            self.select(values, conditions=self.conditions(by=by), tail=tail)
            for by in ((BY_ROLE, BY_SHARE) if self._is_shared else (BY_ROLE,))
        ]
        union = sql.SQL(" union all ").join(sql.SQL("({})").format(part[0]) for part in parts)
        return union, [argument for part in parts for argument in part[1]]

    def conditions(self, *, owner: int | None = None, by: str = "") -> list[Part]:
        """What a record must fulfil: it is there, it is visible, it is found, it passes the filters.

        With `by` it is reached by role alone, or alone by having been shared.
        """
        of = self.asked.of
        parts: list[Part] = [self._base, *self._gate(owner, by)]
        if self.asked.words:
            if not of.search:
                raise UnknownField(_("This list cannot be searched."))
            parts.append(of.found_by(self.asked.words, self.asked.fields))
        parts += [condition_of(each, found_by=of.found_by) for each in self.asked.filters]
        return parts

    @cached_property
    def _shared(self) -> list[tuple[str, list[int]]]:
        """Columns by which shared records are found, with their keys."""
        found = [(column, self.asked.reach.shared_ids(kind)) for kind, column in self.asked.of.shared_as.items()]
        return [(column, keys) for column, keys in found if keys]

    @property
    def _is_shared(self) -> bool:
        return bool(self.asked.of.owner and not self.asked.reach.everything and self._shared)

    @property
    def _base(self) -> Part:
        return sql.SQL(self.asked.of.base), []

    def _gate(self, owner: int | None, by: str) -> list[Part]:
        if owner is not None:
            return [(sql.SQL("{} = {}").format(sql.SQL(self.asked.of.owner), sql.Placeholder()), [owner])]
        if self.asked.of.gate is not None:
            return [self.asked.of.gate(self.asked.user)]
        if not self.asked.of.owner or self.asked.reach.everything:
            return []
        owned = sql.SQL("{} = any({})").format(sql.SQL(self.asked.of.owner), sql.Placeholder())
        owners = list(self.asked.reach.owner_ids)
        if by == BY_ROLE or not self._is_shared:
            return [(owned, [owners])]
        keys = [sql.SQL("{} = any({})").format(sql.SQL(column), sql.Placeholder()) for column, _keys in self._shared]
        shared = sql.SQL("({}) and {}").format(sql.SQL(" or ").join(keys), sql.SQL(self.asked.of.shared_base))
        together = sql.SQL("({1}) and ({0}) is not true" if by == BY_SHARE else "({0} or {1})").format(owned, shared)
        arguments = [keys for _column, keys in self._shared]
        return [(together, [*arguments, owners] if by == BY_SHARE else [owners, *arguments])]

    def _stretch(self) -> list[Part]:
        """What says where in an index the walk begins and ends."""
        return [*self._choice_walked(), *self._span_of_order()]

    def _choice_walked(self) -> list[Part]:
        """The one choice that is asked for, where the order stands in an index within each choice."""
        within = self.asked.sort.ordered_within
        asked = [each for each in self.asked.filters if isinstance(each, Filter) and each.field.name in within]
        return [  # compared with one value, not with a list of one: else the planner sees no order in the index
            (sql.SQL("{} = {}").format(sql.SQL(each.field.sql), sql.Placeholder()), list(each.value))
            for each in asked
            if each.operator.name == "is" and len(each.value) == 1
        ]

    def _span_of_order(self) -> list[Part]:
        """What is asked of the sort value itself."""
        sort = self.asked.sort
        if sort.kind not in _IN_ORDER or sort.sort_sql not in ("", sort.sql):
            return []
        asked = [each for each in self.asked.filters if isinstance(each, Filter) and each.field.name == sort.name]
        return [condition_of(each, found_by=self.asked.of.found_by) for each in asked if each.operator.name != "is_not"]

    def _walks_by_owner(self, filled: bool) -> bool:
        return filled and bool(self._owners_to_walk())

    def _owners_to_walk(self) -> tuple[int, ...]:
        """Owners whose records stand in the asked order in an index: each is walked alone, and the pages are merged."""
        if self.asked.sort.name != self.asked.of.owner_walk:
            return ()
        reach, asked_for = self.asked.reach, people_asked_for(self.asked.filters, column=self.asked.of.owner)
        owners = tuple(key for key in asked_for if reach.everything or key in reach.owner_ids) or reach.owner_ids
        return owners if len(owners) <= OWNERS_WALKED_ONE_BY_ONE else ()

    def _found(self) -> tuple[Part, Part]:
        """The records a search found, capped and looked up first: else the planner walks the sort index row by row."""
        limit: Part = (sql.SQL(" limit {}").format(SEARCH_LOOKS_AT), [])
        found = self.all_of(sql.SQL("r.id as found_id"), tail=limit)
        return found, (sql.SQL("r.id in (select found_id from found)"), [])

    def _has_value(self, filled: bool) -> Part:
        if filled:
            return sql.SQL("{} is not null").format(self.sort), []
        return sql.SQL("{} is null").format(sql.SQL(self.asked.sort.sort_sql or self.asked.sort.null_with)), []

    def _behind(self, after: Place, key: sql.Composable) -> Part:
        compare = sql.SQL("<" if self.asked.descending else ">")
        if after.value is None:
            return sql.SQL("{} {} {}").format(key, compare, sql.Placeholder()), [after.key]
        behind = sql.SQL("({sort}, {key}) {compare} ({value}, {value})")
        return behind.format(sort=self.sort, key=key, compare=compare, value=sql.Placeholder()), [
            after.value,
            after.key,
        ]

    def _order(self, value: sql.Composable | None, key: sql.Composable, limit: int | None = None) -> sql.Composed:
        direction = sql.SQL(" desc" if self.asked.descending else "")
        order = [sql.SQL("{}{}").format(each, direction) for each in (value, key) if each is not None]
        end = sql.SQL("" if limit is None else f" limit {limit:d}")
        return sql.SQL(" order by {}{}").format(sql.SQL(", ").join(order), end)
