"""What the whole database holds, to see that nothing changed, or exactly what did."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from psycopg import sql

from rapport.config.third_party_tables import THIRD_PARTY_TABLES

# insight_change says which rows of other tables were written, by their ids
LOGS = {
    "audit_event", "audit_value", "accounts_sharedvalue", "accounts_apitokenhour", "insight_change", *THIRD_PARTY_TABLES,
} - {"mfa_authenticator"}  # fmt: skip
_VOLATILE = ("last_login",)
_TABLES = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1
"""


def fingerprint() -> dict[str, str]:
    """Table → hash of its rows, in any order, of every table that is not a log."""
    each = sql.SQL("select {name}, md5(coalesce(string_agg(row, ',' order by row), '')) from ({rows}) rows")
    parts = [each.format(name=sql.Literal(table), rows=_rows(table)) for table in _tables()]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" union all ").join(parts))
        return dict(cursor.fetchall())


def contents() -> dict[str, list[dict[str, Any]]]:
    """Table → its rows."""
    each = sql.SQL("select {name}, to_jsonb(t) from {table} t")
    tables = _tables()
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in tables}
    with connection.cursor() as cursor:
        parts = [each.format(name=sql.Literal(table), table=sql.Identifier(table)) for table in tables]
        cursor.execute(sql.SQL(" union all ").join(parts))
        for table, row in cursor:
            found[table].append(row if isinstance(row, dict) else json.loads(row))
    return found


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return [row[0] for row in cursor.fetchall() if row[0] not in LOGS]


def _rows(table: str) -> sql.Composable:
    return sql.SQL("select (to_jsonb(t) - {}::text[])::text as row from {} t").format(
        sql.Literal(list(_VOLATILE)), sql.Identifier(table)
    )
