"""Each mart against plain DuckDB SQL written by hand for the same answer, over the same Parquet files.

BENCH_SCALE=1 is 10,000,000 order lines in 2,500,000 orders of 1,000,000 customers, and 50,000,000 touchpoints. BENCH_MARTS
names those to measure, if not all.
"""

from __future__ import annotations

import os

from bench.apart import run_apart


def run() -> None:
    """In a process of its own, for its peak of memory."""
    run_apart("bench.marts", *os.environ.get("BENCH_MARTS", "").split())
