"""A person with a marker in every column that can hold one, and looking for the markers afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from psycopg import sql

from rapport.core.acting import SYSTEM, acting
from rapport.core.owned import OwnedTable
from rapport.core.personal import PersonalTable, personal_tables
from rapport.core.rooms import contributions

NAME, EMAIL, PHONE = "Quinevere Okonkwo", "quinevere@okonkwo.example", "+442079460958"
TRACES = ("planted", "quinevere", "okonkwo", "2079460958", "7946 0958")

_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.attnotnull, a.atthasdef or a.attidentity <> '' as has_default,
       (select c.confrelid::regclass::text from pg_constraint c
         where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum])
  from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
"""
_PLAIN = {
    "text": "x", "character varying": "x", "bigint": 1, "integer": 1, "smallint": 1, "boolean": False, "numeric": 1,
    "date": "2026-01-01", "timestamp with time zone": "2026-01-01T00:00:00Z", "jsonb": "{}", "bigint[]": "{}",
    "text[]": "{}", "uuid": None,
}  # fmt: skip
_EXACT = {("identity_blockedvalue", "value"): EMAIL}  # found by its value alone
_UNPLANTABLE = {"tsvector", "date"}


def declared_tables() -> list[OwnedTable | PersonalTable]:
    return [*contributions("owned", "OWNED", OwnedTable), *personal_tables()]


def plant_everywhere(*, customer: int, profile: int, user: int, order: int) -> list[str]:
    """One more row of hers in every declared table but those of the customer and her profile. Returns the markers."""
    markers: list[str] = []
    with acting(SYSTEM), connection.cursor() as cursor:
        for table in declared_tables():
            if table.table in ("customers_customer", "customers_profile", "insight_rfm_spare"):
                continue
            hers = {"profile_id": profile, "customer_id": customer, "order_id": order, "number": 99}
            hers |= {"one_id": profile, "other_id": profile, "home_id": customer}
            if isinstance(table, OwnedTable):
                hers |= {table.profile_column: profile, table.customer_column: customer}
            _plant(cursor, table, hers | {"user": user}, markers)
    return markers


def _plant(cursor: Any, table: OwnedTable | PersonalTable, hers: dict[str, Any], markers: list[str]) -> None:
    cursor.execute(_COLUMNS, [table.table])
    values: dict[str, Any] = {}
    for name, kind, not_null, has_default, refers_to in cursor.fetchall():
        if name in table.personal and kind not in _UNPLANTABLE:
            marker = _EXACT.get((table.table, name), f"planted {table.table}.{name} {NAME} {EMAIL}")
            markers.append(marker)
            values[name] = json.dumps({"said": marker}) if kind == "jsonb" else marker
        elif name in hers:
            values[name] = hers[name]
        elif name.endswith(("_profile_id", "_customer_id")):
            values[name] = hers["profile_id" if name.endswith("_profile_id") else "customer_id"]
        elif refers_to == "accounts_user" and not_null:
            values[name] = hers["user"]
        elif not_null and not has_default:
            values[name] = _PLAIN[kind]
    statement = sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
        sql.Identifier(table.table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(
            sql.SQL("gen_random_uuid()") if name == "public_id" else sql.Placeholder() for name in values
        ),
    )
    cursor.execute(statement, [value for name, value in values.items() if name != "public_id"])


def dumped_lines() -> Iterator[tuple[str, str]]:
    """Every row of every table of the product as text, sessions unpacked: what a dump of the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname in ('public', 'staging') and c.relkind in ('r', 'p')"
            " and not c.relispartition order by 1, 2"
        )
        tables = cursor.fetchall()
        for schema, table in tables:
            with cursor.copy(
                sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(schema, table))
            ) as copy:
                for row in copy.rows():
                    yield table, "\t".join(str(value) for value in row)
    for session in Session.objects.all():
        yield "django_session", str(session.get_decoded())


def traces_in_database() -> list[tuple[str, str]]:
    return [(table, line[:300]) for table, line in dumped_lines() if any(trace in line.lower() for trace in TRACES)]


def traces_in_files(home: Path) -> list[str]:
    """Files of RAPPORT_HOME with a trace in their bytes."""
    needles = [trace.encode() for trace in TRACES]
    return sorted(
        str(path.relative_to(home)) for path in home.rglob("*")
        if path.is_file() and any(needle in path.read_bytes().lower() for needle in needles)
    )  # fmt: skip


def rows_of_others(rows: dict[str, tuple[int, ...]], tables: list[str]) -> dict[str, set[str]]:
    """Table → all rows but hers, as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("select to_jsonb(t)::text from {} t").format(sql.Identifier(table)))
            hers = set(rows.get(table, ()))
            rows_there = [json.loads(text) for (text,) in cursor.fetchall()]
            found[table] = {str(row) for row in rows_there if row.get("id", row.get("customer_id")) not in hers}
    return found
