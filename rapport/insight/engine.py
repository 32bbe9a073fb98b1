"""The analytics engine: an in-memory DuckDB of this process over one snapshot, closed to everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
from ibis import ir
from ibis.backends.duckdb import Backend

from rapport.core import environment
from rapport.insight.marts import facts

WEB_THREADS, WEB_MEMORY = 2, "512MB"
NEEDED = {"orders", "profile_customers"}


class SnapshotMissing(RuntimeError):
    """The files of a snapshot are not where they should be."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The warehouse files in {folder} are missing. `rapport refresh` makes them anew.")


class UnableToCompute(RuntimeError):
    """The engine gave up: a file that cannot be read, or no room in memory or on the disk."""

    def __init__(self, error: duckdb.Error) -> None:
        first_line = str(error).split("\n", 1)[0]
        super().__init__(f"The analytics engine could not finish, and nothing was changed: {first_line}")


@dataclass(frozen=True)
class Warehouse:
    """An open snapshot. `currency` is the reporting currency its orders are read in."""

    backend: Backend
    currency: str
    _kept: dict[str, ir.Table] = field(default_factory=dict)

    def table(self, name: str) -> ir.Table:
        return self.backend.table(name)

    def orders(self) -> ir.Table:
        return facts.orders(self.table("orders"), self.table("profile_customers"), currency=self.currency)

    def left_out(self) -> ir.Table:
        return facts.left_out(self.table("orders"), currency=self.currency)

    def batches(self, table: ir.Table, *, rows: int) -> pa.RecordBatchReader:
        """The rows of `table` bit by bit."""
        return self.backend.con.sql(self.backend.compile(table)).to_arrow_reader(rows)

    def keep(self, name: str, compute: Callable[[], ir.Table]) -> ir.Table:
        """The table `name`, computed when it is first asked for and kept for the life of this warehouse."""
        if name not in self._kept:
            self._kept[name] = self.backend.create_table(name, compute(), temp=True)
        return self._kept[name]


@contextmanager
def open_warehouse(
    folder: Path, *, currency: str, threads: int = WEB_THREADS, memory: str = WEB_MEMORY
) -> Iterator[Warehouse]:
    """Open the snapshot in `folder` to read; queries inside can reach no other file, extension or setting."""
    tables = files_of(folder)
    if not tables.keys() >= NEEDED:
        raise SnapshotMissing(folder)
    spill = environment.home() / "tmp" / "engine"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        for name, files in tables.items():
            connection.read_parquet([str(file) for file in files]).create_view(name)
        backend = ibis.duckdb.from_connection(connection)
        _close_to_the_outside(connection, [file for files in tables.values() for file in files])
        yield Warehouse(backend, currency)
    except duckdb.Error as error:
        raise UnableToCompute(error) from error
    finally:
        connection.close()


def files_of(folder: Path) -> dict[str, list[Path]]:
    """The Parquet files of a snapshot by table."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*/*.parquet")):
        found.setdefault(file.parent.name, []).append(file)
    return found


def _close_to_the_outside(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """The order matters: paths can only be allowed while external access is on, and nothing changes after the lock.

    The files one by one, not their folder: in an allowed folder a query could also write.
    """
    quoted = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    connection.execute(f"set allowed_paths = [{quoted}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
