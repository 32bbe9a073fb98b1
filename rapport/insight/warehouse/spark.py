"""The same marts on Spark, where one machine is outgrown: an optional extra, chosen by RAPPORT_WAREHOUSE_ENGINE=spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis import ir
from ibis.backends.pyspark import Backend
from pyspark import SparkConf
from pyspark import __version__ as spark_version
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from rapport.core import environment
from rapport.insight.warehouse.engine import UnableToCompute, Warehouse
from rapport.insight.warehouse.parts import Parts, key_of

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a number that does not fit is an error, as everywhere else
}


class ExactBackend(Backend):
    """Ibis fetches from Spark through pandas, where a whole number beside a missing one becomes inexact; this does not."""

    def to_pyarrow(self, expr: ir.Expr, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        table = expr.as_table()
        found = self.frame(table, params=params, limit=limit, **kwargs).toArrow()
        schema = _with_time_zones(table.schema(), found.schema)
        return expr.__pyarrow_result__(found.cast(schema.to_pyarrow()), schema=schema)

    def frame(self, table: ir.Table, **options: Any) -> DataFrame:
        self._run_pre_execute_hooks(table)  # small tables that a mart brings along
        return self._session.sql(self.compile(table, **options))


class SparkWarehouse(Warehouse):
    """An open snapshot on Spark."""

    def batches(self, table: ir.Table, *, rows: int) -> pa.RecordBatchReader:
        found = self.backend.to_pyarrow(table)
        return pa.RecordBatchReader.from_batches(found.schema, found.to_batches(max_chunksize=rows))

    def _materialize(self, name: str, table: ir.Table) -> ir.Table:
        self.backend.frame(table).persist().createOrReplaceTempView(name)
        return self.backend.table(name)


@contextmanager
def open_on_spark(tables: dict[str, Parts], *, currency: str, threads: int, memory: str) -> Iterator[SparkWarehouse]:
    """Open a snapshot in a session of its own; the Spark behind it is started once in a process."""
    session = _spark(threads=threads, memory=memory).newSession()
    for name, value in _SETTINGS.items():
        if name.startswith("spark.sql."):
            session.conf.set(name, value)
    try:
        for name, parts in tables.items():
            _visible(session, parts).createOrReplaceTempView(name)
        backend = ExactBackend()
        backend.register_options()
        backend.do_connect(session)
        yield SparkWarehouse(backend, currency, f"Spark {spark_version}")
    except PySparkException as error:
        raise UnableToCompute(error) from error
    finally:
        session.catalog.clearCache()


def _with_time_zones(schema: ibis.Schema, found: pa.Schema) -> ibis.Schema:
    """Ibis takes Spark's instants for times without a zone; they come as instants, and stay such."""
    zones = {field.name: field.type.tz for field in found if pa.types.is_timestamp(field.type)}
    return ibis.schema({name: dt.Timestamp(zones[name]) if zones.get(name) else kind for name, kind in schema.items()})


def _spark(*, threads: int, memory: str) -> SparkSession:
    """As spark-defaults.conf says; where that names no master, in this machine."""
    spill = environment.home() / "tmp" / "spark"
    builder = SparkSession.builder.appName("rapport")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if not SparkConf().contains("spark.master"):
        local = {
            "spark.local.dir": str(spill),
            "spark.sql.warehouse.dir": str(spill / "tables"),
            "spark.driver.memory": f"{max(1024, _megabytes(memory))}m",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(threads),
        }
        builder = builder.master(f"local[{threads}]")
        for name, value in local.items():
            builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _megabytes(memory: str) -> int:
    number, unit = int(memory[:-2]), memory[-2:].upper()
    return number * 1024 if unit == "GB" else number


def _visible(session: SparkSession, parts: Parts) -> DataFrame:
    """The rows of a table; as rapport.insight.warehouse.parts.visible says it for DuckDB."""
    rows = _read(session, parts.base)
    if parts.hidden is not None:
        hidden, columns = _read(session, [parts.hidden]), rows.columns
        rows = rows.join(hidden, key_of(parts.hidden), "left_anti").select(*columns)
    return rows if parts.changed is None else rows.unionByName(_read(session, [parts.changed]))


def _read(session: SparkSession, files: list[Path]) -> DataFrame:
    return session.read.parquet(*(file.as_uri() for file in files))
