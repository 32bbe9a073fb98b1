"""Making a snapshot: every room's extracts, of one moment, streamed into Parquet files, then named as current."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import adbc_driver_manager
import pyarrow as pa
import pyarrow.parquet as pq
from adbc_driver_postgresql import dbapi
from django.db import OperationalError, connection
from psycopg import ClientCursor, conninfo

from rapport.core.extracts import ColumnType, Extract, all_extracts
from rapport.insight.engine import files_of
from rapport.insight.models import Snapshot
from rapport.insight.queries import seen_changes, snapshot_folder, warehouse_folder

SNAPSHOTS_KEPT = 2
ROWS_PER_GROUP = 1 << 17
_LOCK = 7263101
_BUILDING = "building-"
_ARROW = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.TEXT: pa.string(),
    ColumnType.DATE: pa.date32(),
    ColumnType.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class UnableToRefresh(RuntimeError):
    """The warehouse was not refreshed; what was current before still is."""


@dataclass(frozen=True)
class Progress:
    """How far a refresh has come: a table, and its rows so far."""

    table: str
    rows: int
    seconds: float
    finished: bool = False


Listener = Callable[[Progress], None]


def make_snapshot(*, zone: ZoneInfo, currency: str | None, now: datetime, listener: Listener | None = None) -> Snapshot:
    """Copy what the rooms contribute, as of one transaction, into a new snapshot and make it the current one.

    `currency` None: the one that most orders are in. A failure at any point, also kill -9, leaves the snapshot before.
    """
    with _alone():
        _remove_unfinished()
        name = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        building = warehouse_folder() / f"{_BUILDING}{name}"
        try:
            building.mkdir(parents=True)
            seen = seen_changes()
            counts = _write_tables(building, zone, listener or (lambda progress: None))
            chosen = currency if currency is not None else _most_used_currency(building)
            building.rename(warehouse_folder() / name)
            _sync(warehouse_folder())
        except OSError as error:
            raise _explained(error) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)
        made = Snapshot.objects.create(
            folder=name, time_zone=zone.key, currency=chosen, counts=counts, seen_changes=seen, started_at=now,
            finished_at=now,
        )  # fmt: skip
        _remove_old()
        return made


@contextmanager
def _alone() -> Iterator[None]:
    """One refresh at a time. Waits for `lock_timeout`: the server needs a moment to see that a killed one is gone."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
        except OperationalError as error:
            raise UnableToRefresh("The warehouse is being refreshed already. Try again when that is done.") from error
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def _write_tables(folder: Path, zone: ZoneInfo, listener: Listener) -> dict[str, int]:
    """Every extract as one Parquet file, all of them read in one transaction. Returns the rows of each."""
    counts = {}
    try:
        with closing(dbapi.connect(_database_uri())) as source, closing(source.cursor()) as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            for extract in sorted(all_extracts(), key=lambda item: item.name):
                counts[extract.name] = _write_table(cursor, extract, folder, zone, listener)
    except adbc_driver_manager.Error as error:
        raise UnableToRefresh(f"The database broke off: {error}") from error
    return counts


def _write_table(cursor: Any, extract: Extract, folder: Path, zone: ZoneInfo, listener: Listener) -> int:
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in extract.columns])
    path = folder / extract.name / "0.parquet"
    path.parent.mkdir()
    started, rows = time.monotonic(), 0
    cursor.execute(_statement(extract, zone))
    with cursor.fetch_record_batch() as batches, path.open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd", compression_level=1) as writer:
            for batch in batches:
                table = pa.Table.from_batches([batch]).rename_columns(schema.names).cast(schema)
                writer.write_table(table, row_group_size=ROWS_PER_GROUP)
                rows += batch.num_rows
                listener(Progress(extract.name, rows, time.monotonic() - started))
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)
    listener(Progress(extract.name, rows, time.monotonic() - started, finished=True))
    return rows


def _statement(extract: Extract, zone: ZoneInfo) -> str:
    """The SELECT with its time zone as a literal: a statement with parameters would not stream."""
    connection.ensure_connection()
    return str(ClientCursor(connection.connection).mogrify(extract.select, {"time_zone": zone.key}))


def _database_uri() -> str:
    known = connection.settings_dict
    options = known.get("OPTIONS", {})
    return conninfo.make_conninfo(
        dbname=known["NAME"],
        user=known["USER"] or None,
        password=known["PASSWORD"] or None,
        host=known["HOST"] or None,
        port=known["PORT"] or None,
        sslmode=options.get("sslmode"),
        options="-c timezone=UTC",
        application_name="rapport-refresh",
    )


def _most_used_currency(folder: Path) -> str:
    """The currency of most orders (of equals the first by letters), or nothing where there are no orders."""
    counted: dict[str, int] = {}
    for path in files_of(folder).get("orders", []):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["currency"]):
                for item in batch.column(0).value_counts().to_pylist():
                    counted[item["values"]] = counted.get(item["values"], 0) + item["counts"]
    return min(counted, key=lambda currency: (-counted[currency], currency), default="")


def _remove_unfinished() -> None:
    """Folders that a killed refresh left: begun ones, and finished ones that never got their name into the database."""
    folder = warehouse_folder()
    if not folder.is_dir():
        return
    named = set(Snapshot.objects.values_list("folder", flat=True))
    for path in folder.iterdir():
        if path.is_dir() and path.name not in named:
            shutil.rmtree(path, ignore_errors=True)


def forget_earlier_snapshots() -> int:
    """Keep nothing but the current snapshot: the ones before hold rows of somebody who was erased since."""
    with _alone():
        return _remove_old(kept=1)


def _remove_old(*, kept: int = SNAPSHOTS_KEPT) -> int:
    old = list(Snapshot.objects.order_by("-id")[kept:])
    Snapshot.objects.filter(id__in=[snapshot.pk for snapshot in old]).delete()
    for snapshot in old:
        shutil.rmtree(snapshot_folder(snapshot), ignore_errors=True)
    return len(old)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError) -> UnableToRefresh:
    if error.errno in _NO_ROOM or "No space left" in str(error):
        return UnableToRefresh(
            f"There is no room left for the warehouse in {warehouse_folder()}. Make room and refresh again;"
            " until then the numbers stay those of the last refresh."
        )
    return UnableToRefresh(f"The warehouse in {warehouse_folder()} cannot be written: {error.strerror or error}")
