"""Whether tables that were carried on from snapshot to snapshot are the same as all their rows copied at this moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from rapport.insight.warehouse.parts import parts_of, visible

Sums = dict[str, Any]


def compare(engine: duckdb.DuckDBPyConnection, carried: Path, whole: Path) -> dict[str, dict[str, Sums]]:
    """By table: how many rows each folder has, and a checksum over every value of every row, in whatever order."""
    return {
        table.name: {"carried": _sums(engine, carried / table.name), "whole": _sums(engine, table)}
        for table in sorted(whole.iterdir())
    }


def different(compared: dict[str, dict[str, Sums]]) -> list[str]:
    return [table for table, sums in compared.items() if sums["carried"] != sums["whole"]]


def _sums(engine: duckdb.DuckDBPyConnection, folder: Path) -> Sums:
    rows = visible(engine, parts_of(folder))
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    # the sum tells of a row that is there twice, the exclusive or of one that makes up for another
    told = f"count(*) as n, coalesce(sum(hash({columns})::hugeint), 0) as added, coalesce(bit_xor(hash({columns})), 0) as mixed"
    count, added, mixed = rows.aggregate(told).fetchall()[0]
    return {"rows": int(count), "sum": f"{int(added):x}-{int(mixed):x}"}
