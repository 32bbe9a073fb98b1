"""A hash of the rows of every table except logs: what "nothing changed" means in tests."""

from __future__ import annotations

import psycopg
from psycopg import sql

LOGS = (
    "audit_event", "audit_value", "django_session", "django_migrations", "procrastinate_jobs", "procrastinate_events",
    "procrastinate_periodic_defers", "procrastinate_workers", "records_import", "records_importchunk",
    "records_importproblem", "records_importundo", "insight_snapshot", "accounts_sharedvalue",
)  # fmt: skip

_TABLES = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1
"""


def hash_of_every_table(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    """Table name → hash of its rows in any order; two equal dictionaries mean equal tables."""
    tables = [str(row[0]) for row in connection.execute(_TABLES).fetchall()]
    return {table: _hash(connection, table) for table in tables if table not in LOGS}


def _hash(connection: psycopg.Connection[tuple[object, ...]], table: str) -> str:
    query = sql.SQL(
        "select count(*) || ':' || coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0) from {} t"
    ).format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else ""
