"""The analytics engine: an in-memory DuckDB of this process over one snapshot, closed to everything else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from ibis import ir
from ibis.backends.duckdb import Backend
from ibis.common.exceptions import TableNotFound
from ibis.expr.operations import DatabaseTable
from ibis.expr.schema import Schema

from rapport.core import environment
from rapport.insight.marts import facts
from rapport.insight.warehouse.parts import Parts, parts_of, visible

WEB_THREADS, WEB_MEMORY = 2, "512MB"
NEEDED = {"orders", "profile_customers"}
_FACTS = "the orders that count"


class SnapshotMissing(RuntimeError):
    """The files of a snapshot are not where they should be."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The warehouse files in {folder} are missing. `rapport refresh` makes them anew.")


class UnableToCompute(RuntimeError):
    """The engine gave up: a file that cannot be read, or no room in memory or on the disk."""

    def __init__(self, error: Exception) -> None:
        first_line = str(error).split("\n", 1)[0]
        super().__init__(f"The analytics engine could not finish, and nothing was changed: {first_line}")


class DescribingBackend(Backend):
    """Ibis asks for the columns of a table in a way that DuckDB will drop; this asks for them as rows."""

    def get_schema(self, table_name: str, *, catalog: str | None = None, database: str | None = None) -> Schema:
        place = ".".join(_quoted(part) for part in (catalog, database, table_name) if part)
        try:
            columns = self.con.sql("describe " + place).fetchall()
        except duckdb.CatalogException as error:
            raise TableNotFound(table_name) from error
        type_of = self.compiler.type_mapper.from_string
        return Schema({name: type_of(kind, nullable=null == "YES") for name, kind, null, *_ in columns})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass
class Reading:
    """What was read of a snapshot for an answer: which tables, and which marts were computed on the way."""

    tables: set[str] = field(default_factory=set)
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Warehouse:
    """An open snapshot. `currency` is the reporting currency its orders are read in."""

    backend: Any
    currency: str
    engine: str = ""
    _described: dict[str, ir.Table] = field(default_factory=dict)
    _kept: dict[str, ir.Table] = field(default_factory=dict)
    _behind: dict[str, set[str]] = field(default_factory=dict)
    _readings: list[Reading] = field(default_factory=list)

    def table(self, name: str) -> ir.Table:
        self._note({name})
        if name not in self._described:
            self._described[name] = self.backend.table(name)
        return self._described[name]

    @contextmanager
    def noting(self) -> Iterator[Reading]:
        """Tells what is read inside."""
        reading = Reading()
        self._readings.append(reading)
        try:
            yield reading
        finally:
            self._readings.pop()

    def orders(self) -> ir.Table:
        of_all, customers = self.table("orders"), self.table("profile_customers")
        if _FACTS not in self._described:
            self._described[_FACTS] = facts.orders(of_all, customers, currency=self.currency)
        return self._described[_FACTS]

    def left_out(self) -> ir.Table:
        return facts.left_out(self.table("orders"), currency=self.currency)

    def batches(self, table: ir.Table, *, rows: int) -> pa.RecordBatchReader:
        """The rows of `table` bit by bit."""
        return self.backend.con.sql(self.backend.compile(table)).to_arrow_reader(rows)

    def keep(self, name: str, compute: Callable[[], ir.Table]) -> ir.Table:
        """The table `name`, computed when it is first asked for and kept for the life of this warehouse."""
        if name not in self._kept:
            began = time.monotonic()
            with self.noting() as reading:
                table = compute()
                self._kept[name] = self._materialize(name, table)
            for read in {node.name for node in table.op().find(DatabaseTable)}:
                reading.tables |= self._behind.get(read, {read})
            rows = int(self._kept[name].count().to_pyarrow().as_py())
            seconds = round(time.monotonic() - began, 3)
            step = {"mart": name, "rows": rows, "seconds": seconds, "reads": sorted(reading.tables)}
            self._behind[name] = reading.tables
            for outer in self._readings[-1:]:
                outer.steps += [*reading.steps, step]
        self._note(self._behind[name])
        return self._kept[name]

    def _materialize(self, name: str, table: ir.Table) -> ir.Table:
        return self.backend.create_table(name, table, temp=True)

    def _note(self, tables: set[str]) -> None:
        for reading in self._readings:
            reading.tables |= tables


@contextmanager
def open_warehouse(
    folder: Path, *, currency: str, threads: int = WEB_THREADS, memory: str = WEB_MEMORY
) -> Iterator[Warehouse]:
    """Open the snapshot in `folder` to read; queries inside can reach no other file, extension or setting."""
    tables = tables_of(folder)
    if not tables.keys() >= NEEDED:
        raise SnapshotMissing(folder)
    if environment.warehouse_engine() == "spark":
        with _on_spark()(tables, currency=currency, threads=threads, memory=memory) as opened:
            yield opened
        return
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
        for name, parts in tables.items():
            visible(connection, parts).create_view(name)
        backend = DescribingBackend.from_connection(connection)
        _close_to_the_outside(connection, [file for parts in tables.values() for file in parts.files])
        yield Warehouse(backend, currency, f"DuckDB {duckdb.__version__}")
    except duckdb.Error as error:
        if not all(file.exists() for parts in tables.values() for file in parts.files):
            raise SnapshotMissing(folder) from error  # refreshes went on meanwhile, and this one is forgotten
        raise UnableToCompute(error) from error
    finally:
        connection.close()


def _on_spark() -> Callable[..., AbstractContextManager[Warehouse]]:
    try:
        module = import_module("rapport.insight.warehouse.spark")
    except ImportError as error:
        raise UnableToCompute(SparkMissing(error)) from error
    found: Callable[..., AbstractContextManager[Warehouse]] = module.open_on_spark
    return found


class SparkMissing(Exception):
    """RAPPORT_WAREHOUSE_ENGINE asks for what is not installed."""

    def __init__(self, error: ImportError) -> None:
        super().__init__(
            f"Spark is not installed ({error}). `pip install 'rapport[spark]'` brings it; it needs Java 17."
        )


def tables_of(folder: Path) -> dict[str, Parts]:
    """The files of a snapshot by table."""
    found = {path.name: parts_of(path) for path in sorted(folder.glob("*/"))}
    return {name: parts for name, parts in found.items() if parts.base}


def _close_to_the_outside(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """The order matters: paths can only be allowed while external access is on, and nothing changes after the lock.

    The files one by one, not their folder: in an allowed folder a query could also write.
    """
    quoted = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    connection.execute(f"set allowed_paths = [{quoted}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
