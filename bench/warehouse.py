"""What a whole build of the warehouse costs against COPY of the same rows to nowhere, and a refresh after 0.1 % of change.

BENCH_SCALE=1 is 10,000,000 order lines in 2,500,000 orders and 50,000,000 touchpoints of 1,000,000 customers. What changes
is spread: half of it new, the rest orders, lines and contacts of any age that are written again or deleted, and merges.
Beside it what it costs to write, with the notes of what changed and without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import insight

TOUCHPOINTS = 50_000_000
GOAL_BUILD, GOAL_REFRESH = 0.4, 0.05
CHUNK, CHUNKS, ONE_BY_ONE, ROUNDS = 10_000, 10, 2_000, 7

_TOUCHPOINTS = (
    "select touchpoint_partitions('2023-01-01', '2025-12-31')",
    "set session_replication_role = replica",
    "drop index customers_touchpoint_timeline",  # made anew below: that is quicker than row by row
    "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, record_id, summary)"
    " select timestamptz '2023-01-01' + make_interval(secs => t * (94608000.0 / {touchpoints})), who, who,"
    " (array['page_view', 'order', 'email', 'call', 'visit', 'case', 'campaign'])[1 + t % 7],"
    " (array['web', 'web_shop', 'email', 'phone'])[1 + t % 4], t, 'Contact ' || t"
    " from (select t, 1 + t * 48271 % {customers} as who from generate_series(1::bigint, {touchpoints}) t) made",
    "set maintenance_work_mem = '512MB'",
    "create index customers_touchpoint_timeline on customers_touchpoint (customer_id, occurred_at, id)",
    "select setval(pg_get_serial_sequence('commerce_order', 'id'), {orders})",
    "select setval(pg_get_serial_sequence('commerce_orderline', 'id'), {lines})",
    "select setval(pg_get_serial_sequence('customers_customer', 'id'), {customers})",
    "set session_replication_role = origin",
    "vacuum (analyze)",
)
# of every thousand rows one; ids and ages without any order
_CHANGE = (
    "insert into commerce_order (source_id, external_id, kind, customer_id, profile_id, channel, currency, total_micros,"
    " line_count, placed_at) select 1, 'new ' || o, 'sale', 1 + o * 7919 % {customers}, 1 + o * 7919 % {customers}, 'web_shop',"
    " 'EUR', 4000000, 4, timestamptz '2025-12-31' from generate_series(1, {orders} / 2000) o",
    "insert into commerce_orderline (order_id, number, quantity, unit_price_micros, amount_micros)"
    " select o.id, n, 1, 1000000, 1000000 from commerce_order o, generate_series(0, 3) n where o.external_id like 'new %'",
    "update commerce_order set channel = 'till' where id in (select 1 + o * 104729 % {orders}"
    " from generate_series(1, {orders} / 4000) o)",
    "update commerce_orderline set amount_micros = amount_micros + 1 where order_id in (select 1 + o * 15485863::bigint % {orders}"
    " from generate_series(1, {orders} / 4000) o)",
    "delete from commerce_orderline where order_id in (select 1 + o * 32452843::bigint % {orders}"
    " from generate_series(1, {orders} / 4000) o)",
    "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel)"
    " select timestamptz '2025-12-30' + make_interval(secs => t % 86400), 1 + t % {customers}, 1 + t % {customers}, 'call', 'phone'"
    " from generate_series(1, {touchpoints} / 2000) t",
    "delete from customers_touchpoint where customer_id in (select 1 + c * 7919 % {customers}"
    " from generate_series(1, {customers} / 2000) c)",
    "update customers_profile set customer_id = 1 + (id + 1) % {customers} where id in (select 1 + c * 104729 % {customers}"
    " from generate_series(1, {customers} / 1000) c)",
    "update customers_customer set version = version + 1 where id in (select 1 + c * 104729 % {customers}"
    " from generate_series(1, {customers} / 1000) c)",
)


def run() -> None:
    """In a process of its own, which can have its own database and its own peak of memory."""
    with tempfile.TemporaryDirectory(prefix="bench-warehouse-") as home:
        environment = os.environ | {"RAPPORT_HOME": home, "BENCH_WAREHOUSE": "1"}
        subprocess.run([sys.executable, "-m", "bench.warehouse"], env=environment, check=True)


def _measure(home: Path) -> None:
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    with insight._database(home) as owner_url:
        began = time.perf_counter()
        sizes = insight._generate(owner_url, scale) | {"touchpoints": int(TOUCHPOINTS * scale)}
        _run(owner_url, _TOUCHPOINTS, sizes)
        print(
            f"   {sizes['lines']:,} lines, {sizes['touchpoints']:,} touchpoints, {sizes['customers']:,} customers,"
            f" made in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        whole, copied = _build(owner_url)
        print(
            f"   COPY / whole build = {copied / whole:.2f}  goal {GOAL_BUILD}: {_reached(copied / whole >= GOAL_BUILD)}"
        )
        _run(owner_url, ("set rapport.actor_id = 'bench'", "set rapport.bulk = 'on'", *_CHANGE), sizes)
        _refreshes(whole)
        _writing(owner_url)
        print(f"   peak memory of the refreshing process: {insight._peak_megabytes():,.0f} MB")


def _build(owner_url: str) -> tuple[float, float]:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.config.settings"
    django.setup()
    copied = insight._timed(lambda: _copy_to_nowhere(owner_url))
    print(f"   lines, touchpoints by COPY csv {copied:8.2f} s", flush=True)
    snapshot, whole = _snapshot("whole")
    for table, told in snapshot.tables.items():
        print(
            f"   built, {table:20} {told['seconds']:8.2f} s  {told['rows'] / max(told['seconds'], 0.001):12,.0f} rows/s"
        )
    print(f"   built, all tables         {whole:8.2f} s", flush=True)
    return whole, copied


def _copy_to_nowhere(owner_url: str) -> None:
    import psycopg

    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        for table in ("commerce_orderline", "customers_touchpoint"):
            with cursor.copy(f"copy (select * from {table}) to stdout (format csv)") as copy:
                for _block in copy:
                    pass


def _refreshes(whole: float) -> None:
    changed, seconds = _snapshot("usual")
    for table, told in changed.tables.items():
        print(f"   refreshed, {table:16} {told['seconds']:8.2f} s  {told['how']:10} {told['changed'] or 0:9,} keys")
    share = seconds / whole
    print(f"   refreshed, all tables     {seconds:8.2f} s = {share:.3f} of the build  goal {GOAL_REFRESH}: "
          f"{_reached(share <= GOAL_REFRESH)}", flush=True)  # fmt: skip
    print(f"   refreshed, nothing new    {_snapshot('usual')[1]:8.2f} s", flush=True)
    _compared, seconds = _snapshot("comparing")
    from rapport.insight.models import Comparison

    said = "the same" if Comparison.objects.latest("id").is_equal else "NOT THE SAME"
    print(f"   built and compared        {seconds:8.2f} s: {said}", flush=True)


def _snapshot(how: str) -> tuple[Any, float]:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from rapport.insight.warehouse import refresh

    began = time.perf_counter()
    made = refresh.make_snapshot(
        zone=ZoneInfo("Europe/Amsterdam"),
        currency="EUR",
        now=datetime(2025, 12, 31, 12, tzinfo=UTC),
        how=refresh.How(how),
    )
    return made, time.perf_counter() - began


def _writing(owner_url: str) -> None:
    """Alternating rounds: the same rows with the triggers that note changes, and without them; many at once, and one by one."""
    lines = (
        "insert into commerce_orderline (order_id, number, quantity, unit_price_micros, amount_micros)"
        f" select 1, 1000 + n, 1, 5, 5 from generate_series({{n}} * {CHUNK}, {{n}} * {CHUNK} + {CHUNK} - 1) n"
    )
    people = (
        "insert into customers_customer (name, sort_key, email, city, provenance) select 'Somebody ' || n, 'somebody ' || n,"
        " n || '@example.com', 'Leeds', jsonb_build_object('*', n)"
        f" from generate_series({{n}} * {CHUNK}, {{n}} * {CHUNK} + {CHUNK} - 1) n"
    )
    one = "update customers_customer set name = 'Renamed' where id = {n} + 1"
    work = {
        f"{CHUNKS} x {CHUNK:,} lines": ("commerce_orderline", lines, CHUNKS),
        f"{CHUNKS} x {CHUNK:,} customers": ("customers_customer", people, CHUNKS),
        f"{ONE_BY_ONE:,} x 1 customer changed": ("customers_customer", one, ONE_BY_ONE),
    }
    best: dict[tuple[str, str], float] = {}
    for _ in range(ROUNDS):
        for state in ("enable", "disable"):
            for what, told in work.items():
                seconds = _written(owner_url, state, *told)
                best[what, state] = min(best.get((what, state), seconds), seconds)
    for what in work:
        noted, bare = best[what, "enable"], best[what, "disable"]
        print(f"   {what:32} {bare:.3f} s, noted {noted:.3f} s ({noted / bare - 1:+.1%})", flush=True)


def _written(owner_url: str, state: str, table: str, statement: str, times: int) -> float:
    import psycopg

    with psycopg.connect(owner_url) as connection:
        connection.execute("select set_config('rapport.actor_id', 'b', true), set_config('rapport.bulk', 'on', true)")
        for trigger in ("insight_added", "insight_changed"):
            connection.execute(f"alter table {table} {state} trigger {trigger}")
        began = time.perf_counter()
        for n in range(times):
            connection.execute(statement.format(n=n))
        seconds = time.perf_counter() - began
        connection.rollback()
    return seconds


def _run(owner_url: str, statements: tuple[str, ...], sizes: dict[str, int]) -> None:
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.format(**sizes))


def _reached(is_reached: bool) -> str:
    return "reached" if is_reached else "missed"


if __name__ == "__main__":
    home_of_bench = Path(os.environ["RAPPORT_HOME"])
    if os.environ.get("BENCH_WAREHOUSE") != "1":
        sys.exit("Run `python -m bench warehouse`: it measures in a home of its own.")
    try:
        _measure(home_of_bench)
    finally:
        shutil.rmtree(home_of_bench / "warehouse", ignore_errors=True)
