"""Every row of every table that is about a person, by what the rooms declare in owned.py and personal.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, LiteralString

from django.db import connection
from psycopg import sql

from rapport.core.owned import OwnedTable
from rapport.core.personal import HoldsFiles, Person, personal_tables
from rapport.core.rooms import contributions

_LAST = ("customers_profile", "customers_customer")


@dataclass(frozen=True)
class Place:
    """A table, which of its rows are about the person, and what becomes of them."""

    table: str
    condition: sql.Composable
    key: str
    emptied: Mapping[str, str] | None
    exported: bool = True
    remembered: str = ""

    def about(self, statement: LiteralString) -> sql.Composed:
        """The statement over this table's rows: `{table}`, `{key}`, `{condition}` and `{emptied}` are put in."""
        emptied = [
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(value))  # type: ignore[arg-type]
            for column, value in (self.emptied or {}).items()
        ]
        return sql.SQL(statement).format(
            table=sql.Identifier(self.table), key=sql.Identifier(self.key), condition=self.condition,
            emptied=sql.SQL(", ").join(emptied),
        )  # fmt: skip


def places() -> list[Place]:
    """In the order in which rows can be taken away: what is found through others first, the customer herself last."""
    declared = [
        Place(t.table, sql.SQL(f"({t.belongs})"), t.key, t.emptied, t.exported)  # type: ignore[arg-type]
        for t in personal_tables()
    ]
    owned = [_owned(table) for table in contributions("owned", "OWNED", OwnedTable)]
    return sorted([*declared, *owned], key=lambda place: _LAST.index(place.table) if place.table in _LAST else -1)


def _owned(table: OwnedTable) -> Place:
    sides = {table.profile_column: sql.SQL("%(profiles)s"), table.customer_column: sql.SQL("%(customers)s")}
    found = {column: ids for column, ids in sides.items() if (table.table, column) in _indexed()} or sides
    condition = sql.SQL("({})").format(
        sql.SQL(" or ").join(
            sql.SQL("t.{} = any({})").format(sql.Identifier(column), ids) for column, ids in found.items()
        )
    )
    return Place(table.table, condition, table.key, table.emptied, remembered=table.remembered)


@cache
def _indexed() -> frozenset[tuple[str, str]]:
    """Columns that an index begins with. Profile and customer of a row say the same; by one without, all rows would be read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select i.indrelid::regclass::text, a.attname from pg_index i"
            " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indpred is null"
        )
        return frozenset(cursor.fetchall())


def parameters(person: Person) -> dict[str, Any]:
    return {
        "customers": list(person.customers),
        "profiles": list(person.profiles),
        "public_ids": list(person.public_ids),
        "addresses": sorted(person.identifying),
    }


def with_rows(person: Person) -> Person:
    """The person with the ids of all her rows."""
    found: dict[str, tuple[int, ...]] = {}
    with connection.cursor() as cursor:
        for place in places():
            cursor.execute(place.about("select t.{key} from {table} t where {condition}"), parameters(person))
            ids = {row[0] for row in cursor.fetchall()} | set(found.get(place.table, ()))
            found[place.table] = tuple(sorted(ids))
    return replace(person, rows={table: ids for table, ids in found.items() if ids})


def rows_as_json(person: Person) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Table by table, what an export shows."""
    seen: dict[str, dict[Any, dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        for place in reversed(places()):
            if not place.exported:
                continue
            cursor.execute(
                place.about("select t.{key}, to_jsonb(t)::text from {table} t where {condition} order by t.{key}"),
                parameters(person),
            )
            seen.setdefault(place.table, {}).update((key, json.loads(row)) for key, row in cursor.fetchall())
    for table, rows in seen.items():
        yield table, list(rows.values())


def files_of(person: Person) -> list[tuple[str, str]]:
    """Digest and name of every file that is hers alone to have: those that her rows name."""
    found = []
    hers = {place.table: place for place in places() if place.emptied is None}
    with connection.cursor() as cursor:
        for holder in contributions("personal", "HOLDS_FILES", HoldsFiles):
            if holder.table not in hers:
                continue
            cursor.execute(
                hers[holder.table].about("select to_jsonb(t)::text from {table} t where {condition}"),
                parameters(person),
            )
            for row in (json.loads(text) for (text,) in cursor.fetchall()):
                if row[holder.column]:
                    found.append((row[holder.column], str(row.get("name") or row.get("file_name") or holder.table)))
    return found
