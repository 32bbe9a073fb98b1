"""The measurement itself: `python -m bench marts` starts it in a home of its own."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.marts.by_hand import BY_HAND
from bench.marts.cases import CASES, GROUPS, Case, kept
from bench.marts.shop import CURRENCY, Sizes, make_shop
from rapport.insight.tests.every_mart import all_names
from rapport.insight.warehouse.engine import Warehouse, open_warehouse

GOAL = 1.5
TRIFLE = 0.02  # seconds that are not worth a comparison
ROUNDS, ENOUGH = 5, 12.0
THREADS, MEMORY = 4, "4GB"


@dataclass
class Found:
    """Seconds of each round, those that it takes to write the query of the mart, and what the answers come to."""

    written: float = 0.0
    mart: list[float] = field(default_factory=list)
    hand: list[float] = field(default_factory=list)
    sums: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return min(self.mart) / min(self.hand)

    @property
    def is_reached(self) -> bool:
        return min(self.mart) <= GOAL * min(self.hand) + TRIFLE

    @property
    def is_same(self) -> bool:
        return len(set(self.sums)) == 1


def main(wanted: list[str]) -> int:
    folder, began = Path(os.environ["RAPPORT_HOME"]) / "shop", time.perf_counter()
    sizes = Sizes.of(float(os.environ.get("BENCH_SCALE", "1")))
    make_shop(folder, sizes)
    print(
        f"   {sizes.lines:,} lines, {sizes.orders:,} orders, {sizes.touchpoints:,} touchpoints, {sizes.customers:,} customers,"
        f" made in {time.perf_counter() - began:.0f} s\n   {THREADS} threads, {MEMORY}; goal {GOAL}, but for {TRIFLE} s",
        flush=True,
    )
    found = {name: each for group in GROUPS for name, each in _measure(folder, _asked(group, wanted))}
    missed = [name for name, each in found.items() if not each.is_reached]
    wrong = [name for name, each in found.items() if not each.is_same]
    forgotten = sorted(all_names() ^ set(CASES))
    told = f": all but {', '.join(missed)}; missed" if missed else ""
    print(f"   {len(found) - len(missed)} of {len(found)} marts reach the goal{told}")
    mart, hand = (sum(min(getattr(each, side)) for each in found.values()) for side in ("mart", "hand"))
    written = sum(each.written for each in found.values())
    print(
        f"   all together {mart:.1f} s, and {written:.1f} s to write their queries; by hand {hand:.1f} s: {mart / hand:.2f}"
    )
    print(
        f"   another answer than by hand: {', '.join(wrong) or 'none'}; not measured: {', '.join(forgotten) or 'none'}"
    )
    print(f"   peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    return 1 if wrong or forgotten else 0


def _asked(group: tuple[str, ...], wanted: list[str]) -> list[str]:
    return [name for name in CASES if name.split(".")[0] in group and (not wanted or name in wanted)]


def _measure(folder: Path, names: list[str]) -> Iterable[tuple[str, Found]]:
    """Marts that share what is kept on the way, in one warehouse."""
    with open_warehouse(folder, currency=CURRENCY, threads=THREADS, memory=MEMORY) as warehouse:
        for name in names:
            found = _compared(warehouse, CASES[name], BY_HAND[name])
            said = "reached" if found.is_reached else "missed"
            same = "" if found.is_same else "  ANOTHER ANSWER"
            print(
                f"   {name:34} {min(found.mart):7.3f} s, by hand {min(found.hand):7.3f} s: {found.ratio:5.2f}  {said:7}"
                f" {found.sums[0][0]:>11,} rows, written in {found.written:.2f} s{same}",
                flush=True,
            )
            yield name, found


def _compared(warehouse: Warehouse, case: Case, query: str) -> Found:
    """Rounds in turn, until there are enough of them or they have taken long enough. Both write their rows to a table."""
    con, found, types = warehouse.backend.con, Found(), {}
    read = [kept(warehouse, name) for name in case.reads]
    began = time.perf_counter()
    mart = case.mart(warehouse, *read)
    queries = (warehouse.backend.compile(mart), query)
    found.written = time.perf_counter() - began
    warehouse.backend._run_pre_execute_hooks(mart)  # tables that the query brings along
    for _ in range(ROUNDS):
        for side, asked in zip((found.mart, found.hand), queries, strict=True):
            began = time.perf_counter()
            con.execute(f"create temp table answer as {asked}")
            side.append(time.perf_counter() - began)
            if len(found.sums) < 2:
                types = types or dict(con.execute("select column_name, column_type from (describe answer)").fetchall())
                found.sums.append(_sum(con, types))
            con.execute("drop table answer")
        if sum(found.mart + found.hand) > ENOUGH:
            break
    return found


def _sum(con: Any, types: dict[str, str]) -> tuple[Any, ...]:
    """How many rows there are, and a checksum over every value of every row, in whatever order, of columns of these types."""
    columns = ", ".join(f'"{name}"::{kind}' for name, kind in types.items())
    told = f"select count(*), coalesce(sum(hash({columns})::hugeint), 0), coalesce(bit_xor(hash({columns})), 0) from answer"
    return tuple(con.execute(told).fetchone())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
