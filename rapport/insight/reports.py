"""The numbers of the marts as plain values, computed once per snapshot and question and kept beside the snapshot."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ibis import ir

from rapport.core.clock import utc_now
from rapport.insight.marts import monthly_revenue, newest_order, rfm, segments, top_share
from rapport.insight.marts.rfm import AVERAGE
from rapport.insight.marts.segments import Rules
from rapport.insight.models import Snapshot
from rapport.insight.queries import snapshot_folder
from rapport.insight.rfm.segments import BANDS, NOT_YET, Segment
from rapport.insight.warehouse.engine import WEB_MEMORY, WEB_THREADS, SnapshotMissing, Warehouse, open_warehouse
from rapport.insight.warehouse.lineage import LINEAGE, note_asked

Report = dict[str, Any]


class NotYetMade(LookupError):
    """The answer is made by the worker, and is not there yet."""


@dataclass(frozen=True)
class Engine:
    """How much of the machine a computation may take; web workers take the defaults."""

    threads: int = WEB_THREADS
    memory: str = WEB_MEMORY


class Reports:
    """The reports of one snapshot under one map of segments.

    An answer that was given before is read from beside the snapshot. For any other the engine is opened, once, and what
    several answers need (the customers who bought up to a day, and their segments) is computed once. With `afresh`
    nothing is read back. With `only_kept` nothing but what is quick is computed: the rest raises NotYetMade.
    """

    def __init__(
        self, snapshot: Snapshot, *, rules: Rules, opened: ExitStack, engine: Engine, afresh: bool, only_kept: bool
    ) -> None:
        self.snapshot, self.rules = snapshot, rules
        self._opened, self._engine, self._afresh, self._only_kept = opened, engine, afresh, only_kept

    def rfm(self, *, as_of: date, monetary: str) -> Report:
        """Customers, counts per band, the matrix, segments and the top fifth, as of the end of a business day."""

        def compute() -> Report:
            named = self.segmented(as_of=as_of, monetary=monetary)
            top = rows(top_share.top_share(named))[0]
            return {
                "mart": f"rfm v{rfm.VERSION}",
                "as_of": as_of.isoformat(),
                "time_zone": self.snapshot.time_zone,
                "currency": self.snapshot.currency,
                "monetary": monetary,
                "customers": top["customers"] or 0,
                "value_micros": top["value_micros"] or 0,
                **_counts(rows(segments.cell_totals(named))),
                "segments": _in_order(rows(segments.segment_totals(named))),
                "top_fifth": {"customers": top["top_customers"] or 0, "value_micros": top["top_micros"] or 0},
                "left_out": self._left_out(),
            }

        return self.answer("rfm", (as_of, monetary), compute)

    def moves(self, *, as_of: date, since: date) -> Report:
        """How many customers are in which segment now, by the segment they were in on the day `since`."""

        def compute() -> Report:
            moves = segments.segment_moves(self.segment_changes(as_of=as_of, since=since))
            found = rows(moves, order_by=("segment_before", "segment"))
            return {"mart": "segment_moves", "as_of": as_of.isoformat(), "since": since.isoformat(), "moves": found}

        return self.answer("moves", (as_of, since), compute)

    def revenue(self, *, as_of: date) -> Report:
        """Revenue of every month with orders, up to the end of a business day."""

        def compute() -> Report:
            months = monthly_revenue.monthly_revenue(self.warehouse.orders(), as_of=as_of)
            found = rows(months, order_by=("year", "month"))
            return {"mart": "monthly_revenue", "as_of": as_of.isoformat(), "months": found}

        return self.answer("revenue", (as_of,), compute)

    def newest_order_on(self) -> date | None:
        """The day of the newest order of all; None where no order counts."""

        def compute() -> Report:
            orders, currency = self.warehouse.table("orders"), self.warehouse.currency
            newest = rows(newest_order.newest_order(orders, currency=currency))[0]["newest_on"]
            return {"mart": "newest_order", "newest_on": newest and newest.isoformat()}

        newest = self.answer("newest_order", (), compute, is_quick=True)["newest_on"]
        return date.fromisoformat(newest) if newest else None

    def oldest_on(self, table: str, day: str) -> date | None:
        """The oldest day in the column `day` of a table of the snapshot; None where there is none."""

        def compute() -> Report:
            facts = self.warehouse.table(table)
            oldest = rows(facts.aggregate(oldest_on=facts[day].min()))[0]["oldest_on"]
            return {"mart": f"oldest of {table}", "oldest_on": oldest and oldest.isoformat()}

        oldest = self.answer("oldest", (table, day), compute, is_quick=True)["oldest_on"]
        return date.fromisoformat(oldest) if oldest else None

    def segmented(self, *, as_of: date, monetary: str = AVERAGE) -> ir.Table:
        """The marts `rfm` and `segments`: one row per customer who bought up to the end of `as_of`."""

        def compute() -> ir.Table:
            buyers, edges = self._buyers(as_of, monetary), self.edges(as_of=as_of, monetary=monetary)
            return segments.segments(rfm.banded(buyers, edges), rules=self.rules)

        return self.warehouse.keep(f"segmented_{monetary}_{as_of:%Y%m%d}", compute)

    def segment_changes(self, *, as_of: date, since: date) -> ir.Table:
        now, then = (self.segmented(as_of=day) for day in (as_of, since))
        return segments.segment_changes(now, then, not_yet=NOT_YET)

    def edges(self, *, as_of: date, monetary: str = AVERAGE) -> ir.Table:
        """Where the bands begin: one row."""
        return self.warehouse.keep(
            f"edges_{monetary}_{as_of:%Y%m%d}", lambda: rfm.all_edges(self._buyers(as_of, monetary))
        )

    @cached_property
    def warehouse(self) -> Warehouse:
        return self._opened.enter_context(
            open_warehouse(
                snapshot_folder(self.snapshot),
                currency=self.snapshot.currency,
                threads=self._engine.threads,
                memory=self._engine.memory,
            )
        )

    def _buyers(self, as_of: date, monetary: str) -> ir.Table:
        customers = self.warehouse.keep(
            f"customers_{as_of:%Y%m%d}", lambda: rfm.customers(self.warehouse.orders(), as_of=as_of)
        )
        return rfm.measured(customers, as_of=as_of, monetary=monetary)

    def _left_out(self) -> dict[str, int]:
        return {row["currency"]: row["orders"] for row in rows(self.warehouse.left_out(), order_by="currency")}

    def answer(
        self, name: str, question: tuple[object, ...], compute: Callable[[], Report], *, is_quick: bool = False
    ) -> Report:
        """What `compute` says to `question`, which is kept beside the snapshot under `name`."""
        path = self._path(name, question)
        note_asked(path)
        if not self._afresh and path.exists():
            kept: Report = json.loads(path.read_text())
            return kept
        if self._only_kept and not is_quick:
            if not snapshot_folder(self.snapshot).is_dir():
                raise SnapshotMissing(snapshot_folder(self.snapshot))
            raise NotYetMade(name)
        with self.noted(name, question) as told:
            report = compute()
            told["mart"] = str(report.get("mart", name))
        _keep(path, report)
        return report

    @contextmanager
    def noted(self, name: str, question: tuple[object, ...]) -> Iterator[Report]:
        """What is computed inside is told on the lineage page: from which tables of the snapshot, when, in how long."""
        told: Report = {"mart": name, "question": [str(part) for part in question]}
        began = time.monotonic()
        with self.warehouse.noting() as reading:
            yield told
        told |= {
            "reads": sorted(reading.tables),
            "steps": reading.steps,
            "seconds": round(time.monotonic() - began, 3),
            "at": utc_now().isoformat(),
            "engine": self.warehouse.engine,
            "made_by": version("rapport"),
        }
        _keep(self._path(name, question).with_suffix(LINEAGE), told)

    def _path(self, name: str, question: tuple[object, ...]) -> Path:
        asked = [rfm.VERSION, self.snapshot.currency, [str(part) for part in question], sorted(self.rules.items())]
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:24]
        return snapshot_folder(self.snapshot) / "answers" / f"{name}-{digest}.json"


@contextmanager
def reports(
    snapshot: Snapshot, *, rules: Rules, engine: Engine | None = None, afresh: bool = False, only_kept: bool = False
) -> Iterator[Reports]:
    """Ask reports of `snapshot`; what was opened for them is closed at the end."""
    with ExitStack() as opened:
        yield Reports(
            snapshot, rules=rules, opened=opened, engine=engine or Engine(), afresh=afresh, only_kept=only_kept
        )


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


def rows(table: ir.Table, *, order_by: str | tuple[str, ...] = ()) -> list[Report]:
    """The rows of a mart that is small, in an order of their own."""
    found: list[Report] = table.to_pyarrow().to_pylist()
    keys = (order_by,) if isinstance(order_by, str) else order_by
    return sorted(found, key=lambda row: tuple(row[key] for key in keys))


def _keep(path: Path, report: Report) -> None:
    """An answer that cannot be written down (a full disk) is still an answer."""
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        beside.write_text(json.dumps(report))
        beside.replace(path)
    except OSError:
        return
