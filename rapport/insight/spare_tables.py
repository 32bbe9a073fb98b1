"""Filling a table beside the live one and swapping it in: readers see the old rows or the new ones, never none.

A table `name` of this kind has a `name_spare`, made by a migration. Functions of the database (migrations/sql/spare_tables.sql)
empty it, index it as the live one is, and swap both, since the application's role can neither create nor rename.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.csv
from django.db import OperationalError, connection, transaction
from psycopg import sql

from rapport.insight.warehouse.refresh import UnableToRefresh

_SWAP_TRIES = 5


def replace_rows(name: str, columns: tuple[str, ...], parts: Iterable[pa.Table], *, called: str) -> int:
    """Let `parts` take the place of all rows of the table `name`; how many they are. `called` names the rows in a refusal.

    The spare table is filled without indexes, then indexed, then takes the place of the live one by renaming.
    """
    _call("insight_empty_spare", name)
    written = _copy(name, columns, parts)
    _call("insight_index_spare", name)
    _swap(name, called)
    return written


def _copy(name: str, columns: tuple[str, ...], parts: Iterable[pa.Table]) -> int:
    written = 0
    statement = sql.SQL("copy {table} ({columns}) from stdin (format csv)").format(
        table=sql.Identifier(f"{name}_spare"), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in parts:
            target = io.BytesIO()
            pyarrow.csv.write_csv(part, target, pyarrow.csv.WriteOptions(include_header=False))
            copy.write(target.getvalue())
            written += part.num_rows
    return written


def _swap(name: str, called: str) -> None:
    """Renaming waits for readers at most `lock_timeout`, then lets them pass and tries again."""
    for attempt in range(_SWAP_TRIES):
        try:
            with transaction.atomic():
                _call("insight_swap_spare", name)
            return
        except OperationalError as error:
            if attempt == _SWAP_TRIES - 1:
                raise UnableToRefresh(
                    f"The {called} of customers are being read without a pause; they stay as they were."
                ) from error


def _call(function: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select {}(%s)").format(sql.Identifier(function)), [table])
