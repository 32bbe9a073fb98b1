"""The files of one table of a snapshot, and how they are read as one: what stays, what is left out of it, what came since.

`0.parquet`, `1.parquet` … hold the rows as they were copied; snapshots that follow each other share them. Rows whose key is
in `hidden.keys` count no more: they are gone, or they stand in `changed.parquet` as they are now.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import duckdb

    from rapport.insight.warehouse.changes import Keys

CHANGED, HIDDEN = "changed.parquet", "hidden.keys"
ROWS_PER_GROUP = 1 << 17
ROWS_PER_FILE = 1 << 22


@dataclass(frozen=True)
class Parts:
    base: list[Path]
    changed: Path | None = None
    hidden: Path | None = None

    @property
    def files(self) -> list[Path]:
        return [*self.base, *(each for each in (self.changed, self.hidden) if each is not None)]


def parts_of(folder: Path) -> Parts:
    base = sorted(folder.glob("[0-9]*.parquet"), key=lambda file: int(file.stem))
    beside = [folder / name if (folder / name).exists() else None for name in (CHANGED, HIDDEN)]
    return Parts(base, *beside)


def visible(connection: duckdb.DuckDBPyConnection, parts: Parts) -> duckdb.DuckDBPyRelation:
    """The rows of a table."""
    rows = connection.read_parquet([str(file) for file in parts.base])
    if parts.hidden is not None:
        rows = _without(connection, rows, connection.read_parquet(str(parts.hidden)), key_of(parts.hidden))
    if parts.changed is not None:
        rows = rows.union(connection.read_parquet(str(parts.changed)))
    return rows


def rows_of(file: Path) -> int:
    return int(pq.read_metadata(file).num_rows)


def count_rows(connection: duckdb.DuckDBPyConnection, parts: Parts) -> int:
    """How many rows a table has: told by the files where nothing is hidden."""
    rows = sum(rows_of(file) for file in (*parts.base, *([parts.changed] if parts.changed else [])))
    if parts.hidden is None:
        return rows
    return rows - sum(_hidden_in(connection, file, parts.hidden) for file in parts.base)


def link_files(earlier: Path, folder: Path) -> None:
    """The same files under a second name; where the disk knows no such thing, copies of them."""
    for file in parts_of(earlier).files:
        _link(file, folder / file.name)


def carry_on(
    connection: duckdb.DuckDBPyConnection, *, earlier: Path, folder: Path, key: str, gone: Keys, fetched: Path
) -> None:
    """The table in `earlier` without the rows whose keys are `gone`, and with those in the file `fetched` as they are there."""
    before = parts_of(earlier)
    keys = np.union1d(gone, pq.read_table(fetched, columns=[key])[key].to_numpy())
    for file in before.base:
        _link(file, folder / file.name)
    rows = connection.read_parquet(str(fetched))
    if before.changed is not None:
        noted = connection.from_arrow(pa.table({key: keys}))
        rows = _without(connection, connection.read_parquet(str(before.changed)), noted, key).union(rows)
    _write(rows, folder / CHANGED)
    if not rows_of(folder / CHANGED):
        (folder / CHANGED).unlink()
    hidden = keys[keys <= _largest_key(before.base, key)]
    if before.hidden is not None:
        hidden = np.union1d(hidden, pq.read_table(before.hidden)[key].to_numpy())
    if hidden.size:
        pq.write_table(pa.table({key: hidden}), folder / HIDDEN, compression="zstd")


def settle(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Leave hidden rows out for good, and let changed ones take a place among the others. Nothing stands beside after that.

    A file in which nothing is hidden stays the one it was. Files of earlier snapshots are not touched.
    """
    parts = parts_of(folder)
    if parts.hidden is not None:
        key = key_of(parts.hidden)
        for file in parts.base:
            if _hidden_in(connection, file, parts.hidden):
                hidden = connection.read_parquet(str(parts.hidden))
                _replace(_without(connection, connection.read_parquet(str(file)), hidden, key), file)
        parts.hidden.unlink()
    if parts.changed is not None:
        last = parts.base[-1]
        if rows_of(last) + rows_of(parts.changed) <= ROWS_PER_FILE:
            _replace(connection.read_parquet(str(last)).union(connection.read_parquet(str(parts.changed))), last)
            parts.changed.unlink()
        else:
            parts.changed.rename(folder / f"{int(last.stem) + 1}.parquet")


def beside(parts: Parts) -> int:
    """How many rows stand beside the others, as changed or as hidden."""
    return sum(rows_of(file) for file in (parts.changed, parts.hidden) if file is not None)


def sync(folder: Path) -> None:
    """What is new in the folder, and the folder itself, survive a loss of power."""
    for path in (*(each for each in folder.iterdir() if each.stat().st_nlink == 1), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _without(
    connection: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, keys: duckdb.DuckDBPyRelation, key: str
) -> duckdb.DuckDBPyRelation:
    return rows.join(keys, condition=key, how="anti")


def _hidden_in(connection: duckdb.DuckDBPyConnection, file: Path, hidden: Path) -> int:
    rows = connection.read_parquet(str(file)).join(
        connection.read_parquet(str(hidden)), condition=key_of(hidden), how="semi"
    )
    return int(rows.aggregate("count(*) as n").fetchall()[0][0])


def _replace(rows: duckdb.DuckDBPyRelation, file: Path) -> None:
    """By another file under the same name: an earlier snapshot keeps the one it has."""
    written = file.with_suffix(".new")
    _write(rows, written)
    written.replace(file)


def _write(rows: duckdb.DuckDBPyRelation, file: Path) -> None:
    rows.write_parquet(str(file), compression="zstd", row_group_size=ROWS_PER_GROUP)


def _link(file: Path, to: Path) -> None:
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def key_of(hidden: Path) -> str:
    return str(pq.read_schema(hidden).names[0])


def _largest_key(files: list[Path], key: str) -> int:
    """The largest key that the files can hold, as they say of themselves."""
    largest = -1
    for file in files:
        told = pq.ParquetFile(file).metadata
        column = told.schema.names.index(key)
        for group in range(told.num_row_groups):
            statistics = told.row_group(group).column(column).statistics
            if statistics is None or not statistics.has_min_max:
                return int(np.iinfo(np.int64).max)
            largest = max(largest, statistics.max)
    return largest
