"""Copying rows out of PostgreSQL into Parquet files, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection
from psycopg import ClientCursor, conninfo

from rapport.core.extracts import ColumnType, Extract
from rapport.insight.warehouse.parts import ROWS_PER_FILE, ROWS_PER_GROUP

_ARROW = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.TEXT: pa.string(),
    ColumnType.DATE: pa.date32(),
    ColumnType.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
}
# one look into an index for each key that changed, whatever the planner thinks of so many
_SCANS = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_material", "jit")
_BY_INDEX = tuple(f"set local {name} = off" for name in _SCANS)
_AS_PLANNED = tuple(f"set local {name} to default" for name in _SCANS)


@dataclass(frozen=True)
class Progress:
    """How far a refresh has come: a table, and its rows so far."""

    table: str
    rows: int
    seconds: float
    finished: bool = False


Listener = Callable[[Progress], None]


def schema_of(extract: Extract) -> pa.Schema:
    return pa.schema([(name, _ARROW[kind]) for name, kind in extract.columns])


def copy_all(cursor: Any, extract: Extract, folder: Path, *, statement: str, listener: Listener) -> int:
    """Every row of the extract, in files 0.parquet, 1.parquet … of `folder`. Returns how many there are."""
    schema, started, rows = schema_of(extract), time.monotonic(), 0
    batches = _batches(cursor, statement, schema)
    for number in range(1 << 20):
        written, is_last = _write_file(batches, schema, folder / f"{number}.parquet", most=ROWS_PER_FILE)
        rows += written
        listener(Progress(extract.name, rows, time.monotonic() - started))
        if is_last:
            break
    return rows


def copy_some(cursor: Any, extract: Extract, file: Path, *, statement: str) -> int:
    """The rows of a statement that asks for a few of many, in one file."""
    with _looked_up(cursor, by_index=not extract.instant):
        schema = schema_of(extract)
        return _write_file(_batches(cursor, statement, schema), schema, file, most=None)[0]


def copy_none(extract: Extract, file: Path) -> None:
    """A file without rows."""
    pq.write_table(schema_of(extract).empty_table(), file)


def statement_of(extract: Extract, zone: ZoneInfo) -> str:
    """The SELECT with its time zone as a literal: a statement with parameters would not stream."""
    connection.ensure_connection()
    return str(ClientCursor(connection.connection).mogrify(extract.select, {"time_zone": zone.key}))


def database_uri() -> str:
    known = connection.settings_dict
    options = known.get("OPTIONS", {})
    return conninfo.make_conninfo(
        dbname=known["NAME"],
        user=known["USER"] or None,
        password=known["PASSWORD"] or None,
        host=known["HOST"] or None,
        port=known["PORT"] or None,
        sslmode=options.get("sslmode"),
        options="-c timezone=UTC -c lock_timeout=60s",
        application_name="rapport-refresh",
    )


def _batches(cursor: Any, statement: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """A batch is read while the one before it is written."""
    cursor.execute(statement)
    with cursor.fetch_record_batch() as reader, ThreadPoolExecutor(1, "rapport-reading") as reading:
        coming = reading.submit(next, reader, None)
        while (batch := coming.result()) is not None:
            coming = reading.submit(next, reader, None)
            yield pa.Table.from_batches([batch]).rename_columns(schema.names).cast(schema)


def _write_file(batches: Iterator[pa.Table], schema: pa.Schema, path: Path, *, most: int | None) -> tuple[int, bool]:
    """Write until the batches end, or `most` rows are reached. Says how many were written, and whether that was all."""
    rows, is_last = 0, True
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for table in batches:
            writer.write_table(table, row_group_size=ROWS_PER_GROUP)
            rows += table.num_rows
            if most is not None and rows >= most:
                is_last = False
                break
    return rows, is_last


@contextmanager
def _looked_up(cursor: Any, *, by_index: bool) -> Iterator[None]:
    if not by_index:
        yield
        return
    for statement in _BY_INDEX:
        cursor.execute(statement)
    yield
    for statement in _AS_PLANNED:
        cursor.execute(statement)
