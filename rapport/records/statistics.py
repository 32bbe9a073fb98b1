"""What the planner knows of tables that much was written into: without it, pages are slow until the server looks by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

_SESSIONS = 3  # as many tables as an import of people fills


def refresh_statistics(*, with_indexes: bool = True) -> int:
    """Look at every table of which a tenth or more is new; says how many. `with_indexes` also puts search indexes in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_stat_force_next_flush()"
        )  # what this session wrote is counted once the statement ends
        cursor.execute("select tables_to_look_at()")
        tables = [table for (table,) in cursor.fetchall()]
    if connection.in_atomic_block:  # whose rows no other session sees
        return sum(_refresh(table, with_indexes) for table in tables)
    with ThreadPoolExecutor(_SESSIONS) as threads:
        return sum(threads.map(_refresh_elsewhere, tables, [with_indexes] * len(tables)))


def _refresh(table: str, with_indexes: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select refresh_statistics(%s, %s)", [table, with_indexes])
        return bool(cursor.fetchone()[0])


def _refresh_elsewhere(table: str, with_indexes: bool) -> bool:
    try:
        return _refresh(table, with_indexes)
    finally:
        connection.close()
