"""Many rows at once, by COPY, with ids reserved beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def reserve_ids(table: str, count: int) -> int:
    """The first of `count` consecutive ids of a table that nobody else writes to in this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(n) from (select nextval(pg_get_serial_sequence(%s, 'id')) as n from generate_series(1, %s)) reserved",
            [table, max(count, 1)],
        )
        return int(cursor.fetchone()[0])


def load_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
