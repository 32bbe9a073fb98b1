"""The numbers of the marts as plain values, computed once per snapshot and question and kept beside the snapshot."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ibis import ir

from rapport.insight.engine import WEB_MEMORY, WEB_THREADS, Warehouse, open_warehouse
from rapport.insight.marts import monthly_revenue, rfm, segments, top_share
from rapport.insight.marts.segments import Rules
from rapport.insight.models import Snapshot
from rapport.insight.refresh import snapshot_folder
from rapport.insight.segments import BANDS, NOT_YET, Segment

Report = dict[str, Any]


@dataclass(frozen=True)
class Engine:
    """How much of the machine a computation may take; web workers take the defaults."""

    threads: int = WEB_THREADS
    memory: str = WEB_MEMORY


def rfm_report(snapshot: Snapshot, *, as_of: date, monetary: str, rules: Rules, engine: Engine | None = None) -> Report:
    """Customers, counts per band, the matrix, segments and the top fifth, as of the end of a business day."""

    def compute(warehouse: Warehouse) -> Report:
        buyers = warehouse.keep("buyers", _measured(warehouse, as_of, monetary))
        banded = rfm.banded(buyers, warehouse.keep("edges", rfm.all_edges(buyers)))
        named = warehouse.keep("segmented", segments.segments(banded, rules=rules))
        top = _rows(top_share.top_share(buyers))[0]
        return {
            "mart": f"rfm v{rfm.VERSION}",
            "as_of": as_of.isoformat(),
            "time_zone": snapshot.time_zone,
            "currency": snapshot.currency,
            "monetary": monetary,
            "customers": top["customers"] or 0,
            "value_micros": top["value_micros"] or 0,
            **_counts(_rows(segments.cell_totals(named))),
            "segments": _in_order(_rows(segments.segment_totals(named))),
            "top_fifth": {"customers": top["top_customers"] or 0, "value_micros": top["top_micros"] or 0},
            "left_out": {row["currency"]: row["orders"] for row in _rows(warehouse.left_out(), order_by="currency")},
        }

    return _cached(snapshot, "rfm", (as_of, monetary), rules, compute, engine)


def moves_report(snapshot: Snapshot, *, as_of: date, since: date, rules: Rules, engine: Engine | None = None) -> Report:
    """How many customers are in which segment now, by the segment they were in on the day `since`."""

    def compute(warehouse: Warehouse) -> Report:
        now, then = (segmented(warehouse, as_of=day, rules=rules) for day in (as_of, since))
        moves = segments.segment_moves(segments.segment_changes(now, then, not_yet=NOT_YET))
        rows = _rows(moves, order_by=("segment_before", "segment"))
        return {"mart": "segment_moves", "as_of": as_of.isoformat(), "since": since.isoformat(), "moves": rows}

    return _cached(snapshot, "moves", (as_of, since), rules, compute, engine)


def revenue_report(snapshot: Snapshot, *, as_of: date, engine: Engine | None = None) -> Report:
    """Revenue of every month with orders, up to the end of a business day."""

    def compute(warehouse: Warehouse) -> Report:
        months = monthly_revenue.monthly_revenue(warehouse.orders(), as_of=as_of)
        return {
            "mart": "monthly_revenue",
            "as_of": as_of.isoformat(),
            "months": _rows(months, order_by=("year", "month")),
        }

    return _cached(snapshot, "revenue", (as_of,), {}, compute, engine)


def _measured(warehouse: Warehouse, as_of: date, monetary: str) -> ir.Table:
    return rfm.measured(rfm.customers(warehouse.orders(), as_of=as_of), as_of=as_of, monetary=monetary)


def segmented(warehouse: Warehouse, *, as_of: date, rules: Rules) -> ir.Table:
    """The mart `segments` by average purchase, its per-customer part computed once."""
    buyers = warehouse.keep(f"buyers_{as_of:%Y%m%d}", _measured(warehouse, as_of, rfm.AVERAGE))
    return segments.segments(rfm.banded(buyers, rfm.all_edges(buyers)), rules=rules)


def _counts(cells: list[Report]) -> Report:
    def empty() -> dict[str, int]:
        return {str(band): 0 for band in BANDS}

    bands = {name: empty() for name in ("recency", "frequency", "monetary")}
    matrix = {str(recency): empty() for recency in BANDS}
    for cell in cells:
        for name, counts in bands.items():
            counts[str(cell[f"{name}_band"])] += cell["customers"]
        matrix[str(cell["recency_band"])][str(cell["frequency_band"])] += cell["customers"]
    return {"bands": bands, "matrix": matrix}


def _in_order(totals: list[Report]) -> list[Report]:
    found = {row["segment"]: row for row in totals}
    nothing = {"customers": 0, "purchases": 0, "gross_micros": 0, "value_micros": 0}
    known = [{"segment": segment.value} | nothing | found.pop(segment.value, {}) for segment in Segment]
    return known + [found[name] for name in sorted(found)]


def _rows(table: ir.Table, *, order_by: str | tuple[str, ...] = ()) -> list[Report]:
    rows: list[Report] = table.to_pyarrow().to_pylist()
    keys = (order_by,) if isinstance(order_by, str) else order_by
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def _cached(
    snapshot: Snapshot,
    name: str,
    question: tuple[object, ...],
    rules: Rules,
    compute: Callable[[Warehouse], Report],
    engine: Engine | None,
) -> Report:
    """A named engine computes afresh; without one, an answer that this snapshot gave before is good for ever."""
    limits = engine or Engine()
    folder = snapshot_folder(snapshot)
    key = json.dumps([rfm.VERSION, snapshot.currency, [str(part) for part in question], sorted(rules.items())])
    path = folder / "answers" / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
    if engine is None and path.exists():
        kept: Report = json.loads(path.read_text())
        return kept
    with open_warehouse(folder, currency=snapshot.currency, threads=limits.threads, memory=limits.memory) as warehouse:
        report = compute(warehouse)
    _keep(path, report)
    return report


def _keep(path: Path, report: Report) -> None:
    """An answer that cannot be written down (a full disk) is still an answer."""
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        beside.write_text(json.dumps(report))
        beside.replace(path)
    except OSError:
        return
