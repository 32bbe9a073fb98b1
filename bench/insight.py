"""What a refresh costs, part by part, and the mart rfm against the plain two-level GROUP BY on the same Parquet.

BENCH_SCALE=1 is 10,000,000 order lines in 2,500,000 orders of 1,000,000 customers, made by PostgreSQL itself; the
refresh and the marts then read exactly these.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

LINES, ORDERS, CUSTOMERS = 10_000_000, 2_500_000, 1_000_000
ROUNDS = 5
THREADS = 4
AS_OF = date(2025, 12, 31)
GOAL, COMPARED = 2.0, "two-level GROUP BY, lines that name customer and day"

_AMOUNT = "(((o * 7919 + {n} * 104729) % 5000 + 100) * 10000)::bigint"
_GENERATE = (
    "set session_replication_role = replica",  # no triggers: the trail of generated rows is not what is measured
    "insert into customers_customer (id, name, sort_key) select c, 'Customer ' || c, 'customer ' || c"
    " from generate_series(1, {customers}) c",
    "insert into customers_profile (id, customer_id, source_id, external_id, seen_at)"
    " select c, c, 1, c::text, now() from generate_series(1, {customers}) c",
    "insert into commerce_order (id, source_id, external_id, kind, customer_id, profile_id, channel, currency,"
    " total_micros, line_count, placed_at) select o, 1, o::text,"
    " case when o % 33 = 0 then 'cancellation' else 'sale' end, who, who, 'web_shop', 'EUR',"
    f" (case when o % 33 = 0 then -1 else 1 end) * ({' + '.join(_AMOUNT.format(n=n) for n in range(4))}), 4,"
    " timestamptz '2023-01-01' + make_interval(hours => (o * 7907 % 26280)::int)"
    " from (select o, 1 + (o * 48271 % {customers} * (o % 7 + 1) / 7) % {customers} as who"
    " from generate_series(1::bigint, {orders}) o) made",
    "insert into commerce_orderline (order_id, number, quantity, unit_price_micros, amount_micros)"
    f" select o, n, case when o % 33 = 0 then -1 else 1 end, {_AMOUNT.format(n='n')},"
    f" (case when o % 33 = 0 then -1 else 1 end) * {_AMOUNT.format(n='n')}"
    " from generate_series(1::bigint, {orders}) o, generate_series(0, 3) n",
    "analyze",
)  # fmt: skip


def run() -> None:
    """In a process of its own, which can have its own database and its own peak of memory."""
    with tempfile.TemporaryDirectory(prefix="bench-insight-") as home:
        environment = os.environ | {"RAPPORT_HOME": home, "BENCH_INSIGHT": "1"}
        subprocess.run([sys.executable, "-m", "bench.insight"], env=environment, check=True)


def _measure(home: Path) -> None:
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    with _database(home) as owner_url:
        sizes = _generate(owner_url, scale)
        print(f"   {sizes['lines']:,} lines, {sizes['orders']:,} orders, {sizes['customers']:,} customers")
        _refresh(owner_url)
    _marts()


@contextmanager
def _database(home: Path) -> Iterator[str]:
    from rapport.core.postgres import APP_ROLE, OWNER_ROLE, Cluster

    cluster = Cluster(home / "postgres", fast=True)
    cluster.start()
    os.environ["DATABASE_URL"] = cluster.url(role=APP_ROLE)
    os.environ["DATABASE_OWNER_URL"] = cluster.url(role=OWNER_ROLE)
    try:
        subprocess.run([sys.executable, "-m", "rapport.config.cli", "migrate"], check=True, stderr=subprocess.DEVNULL)
        yield cluster.url(role=OWNER_ROLE)
    finally:
        cluster.stop()


def _generate(owner_url: str, scale: float) -> dict[str, int]:
    import psycopg

    sizes = {"lines": int(ORDERS * scale) * 4, "orders": int(ORDERS * scale), "customers": int(CUSTOMERS * scale)}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for statement in _GENERATE:
            connection.execute(statement.format(**sizes))
    return sizes


def _refresh(owner_url: str) -> None:
    """Each table by itself, then the traits; beside it the same lines by a bare COPY to nowhere."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.config.settings"
    django.setup()
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from rapport.insight import queries, traits
    from rapport.insight.reports import Engine, reports
    from rapport.insight.warehouse import refresh

    now = datetime(2025, 12, 31, 12, tzinfo=UTC)
    copied = _timed(lambda: _bare_copy(owner_url))
    parts: dict[str, float] = {}

    def note(progress: refresh.Progress) -> None:
        parts[progress.table] = progress.seconds

    began = time.perf_counter()
    snapshot = refresh.make_snapshot(zone=ZoneInfo("Europe/Amsterdam"), currency="EUR", now=now, listener=note)
    whole = time.perf_counter() - began
    lines = snapshot.counts["order_lines"]
    for table, seconds in parts.items():
        print(f"   refresh, {table:18} {seconds:7.2f} s  {snapshot.counts[table] / max(seconds, 0.001):12,.0f} rows/s")
    print(f"   refresh, all tables         {whole:7.2f} s  {lines / whole:12,.0f} lines/s")
    print(f"   the lines by bare COPY csv  {copied:7.2f} s;  order_lines / COPY = {parts['order_lines'] / copied:.2f}")
    engine = Engine(threads=2, memory="1GB")
    with reports(snapshot, rules=queries.segment_rules(), engine=engine, afresh=True) as answers:
        since = queries.months_before(AS_OF, 3)
        seconds = _timed(lambda: traits.write_traits(answers, as_of=AS_OF, since=since, now=now))
    print(f"   traits computed, copied, indexed, swapped (2 threads, 1 GB) {seconds:.2f} s")
    print(f"   peak memory of the refreshing process: {_peak_megabytes():,.0f} MB")
    os.environ["BENCH_SNAPSHOT"] = json.dumps(str(queries.snapshot_folder(snapshot)))


def _bare_copy(owner_url: str) -> None:
    import psycopg

    with (
        psycopg.connect(owner_url) as connection,
        connection.cursor() as cursor,
        cursor.copy("copy commerce_orderline to stdout (format csv)") as copy,
    ):
        for _block in copy:
            pass


def _marts() -> None:
    """Alternating rounds in fresh engines, all with the same threads; every contender writes its rows to a table."""
    folder = Path(json.loads(os.environ["BENCH_SNAPSHOT"]))
    flat = _flat_lines(folder)
    contenders: dict[str, Callable[[], float]] = {
        "mart rfm: bands of R, F and M": lambda: _mart(folder),
        COMPARED: lambda: _plain(folder, _TWO_LEVELS_FLAT.format(flat=flat)),
        "two-level GROUP BY, lines joined to their orders": lambda: _plain(folder, _TWO_LEVELS_JOINED),
        "one-level GROUP BY over orders (no bands, no lines)": lambda: _plain(folder, _ONE_LEVEL),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            seconds[name].append(contender())
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    mart = next(iter(medians.values()))
    for name, median in medians.items():
        goal = ""
        if name == COMPARED:
            goal = f"  goal {GOAL:.0f}: {'reached' if mart <= GOAL * median else 'missed'}"
        print(f"   {name:54} {median:6.2f} s   mart / this = {mart / median:.2f}{goal}")


_TWO_LEVELS_FLAT = """
select customer_id, max(placed_on) as last_on, count(*) as purchases, avg(total) as average from (
    select customer_id, order_id, max(placed_on) as placed_on, sum(amount_micros) as total from read_parquet('{flat}')
     where kind = 'sale' and placed_on <= date '2025-12-31' group by customer_id, order_id) group by customer_id
"""
_TWO_LEVELS_JOINED = """
select customer_id, max(placed_on) as last_on, count(*) as purchases, avg(total) as average from (
    select p.customer_id, l.order_id, max(o.placed_on) as placed_on, sum(l.amount_micros) as total
      from order_lines as l join orders as o using (order_id) join profile_customers as p using (profile_id)
     where o.kind = 'sale' and o.placed_on <= date '2025-12-31' group by p.customer_id, l.order_id) group by customer_id
"""
_ONE_LEVEL = """
select p.customer_id, max(o.placed_on) as last_on, count(*) as purchases, avg(o.total_micros) as average
  from orders as o join profile_customers as p using (profile_id)
 where o.kind = 'sale' and o.placed_on <= date '2025-12-31' group by p.customer_id
"""


def _flat_lines(folder: Path) -> Path:
    """The same lines with what a GROUP BY needs beside them, as a file of its own."""
    import duckdb

    target = folder.parent / "flat.parquet"
    with duckdb.connect() as connection:
        _views(connection, folder)
        connection.execute(
            "copy (select p.customer_id, l.order_id, o.kind, o.placed_on, l.amount_micros from order_lines as l"
            " join orders as o using (order_id) join profile_customers as p using (profile_id) order by l.order_id)"
            f" to '{target}' (format parquet, compression zstd)"
        )
    return target


def _mart(folder: Path) -> float:
    from rapport.insight.marts import rfm
    from rapport.insight.warehouse.engine import open_warehouse

    with open_warehouse(folder, currency="EUR", threads=THREADS, memory="4GB") as warehouse:
        began = time.perf_counter()
        customers = warehouse.keep("customers", lambda: rfm.customers(warehouse.orders(), as_of=AS_OF))
        buyers = rfm.measured(customers, as_of=AS_OF)
        edges = warehouse.keep("edges", lambda: rfm.all_edges(buyers))
        warehouse.keep("rfm", lambda: rfm.banded(buyers, edges))
        return time.perf_counter() - began


def _plain(folder: Path, query: str) -> float:
    import duckdb

    with duckdb.connect(config={"threads": THREADS, "memory_limit": "4GB"}) as connection:
        _views(connection, folder)
        return _timed(lambda: connection.execute(f"create temp table answer as {query}"))


def _views(connection: object, folder: Path) -> None:
    for table in ("orders", "order_lines", "profile_customers"):
        connection.read_parquet(str(folder / table / "*.parquet")).create_view(table)  # type: ignore[attr-defined]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    home_of_bench = Path(os.environ["RAPPORT_HOME"])
    if os.environ.get("BENCH_INSIGHT") != "1":
        sys.exit("Run `python -m bench insight`: it measures in a home of its own.")
    try:
        _measure(home_of_bench)
    finally:
        shutil.rmtree(home_of_bench / "warehouse", ignore_errors=True)
