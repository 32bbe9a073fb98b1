"""Who is one customer: what finding it out costs after an import, and merging and splitting customers with long timelines.

BENCH_SCALE is the number of people in the first file (1,000,000); the second has a tenth as many, four in five of them
known from the first by e-mail or phone.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.imports import COLUMNS, write_people

TOUCHPOINTS = 10_000


def run() -> None:
    scale = int(os.environ.get("BENCH_SCALE", "1000000"))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        home, first, second = Path(folder) / "home", Path(folder) / "shop.csv", Path(folder) / "till.csv"
        home.mkdir(mode=0o700)
        Path(folder).chmod(0o755)
        write_people(first, scale)
        _write_overlapping(first, second, scale // 10)
        environment = os.environ | {"RAPPORT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        environment.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-m", "bench.identity", str(first), str(second)], check=True, env=environment)


def _write_overlapping(first: Path, second: Path, count: int) -> None:
    """A file of another source: four in five of its people are in the first one, under other ids."""
    import csv

    chance = random.Random(11)
    with first.open(encoding="utf-8", newline="") as known, second.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, row in enumerate(csv.reader(known)):
            if number == 0:
                continue
            if number > count:
                break
            is_new = chance.random() < 0.2
            email = f"new{number}@elsewhere.com" if is_new else row[2]
            writer.writerow(
                [f"T{number:08}", row[1], email, "" if is_new else row[3], *row[4:9], "" if is_new else row[9]]
            )


def measure(first: Path, second: Path) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    import django

    django.setup()
    from rapport.config.databases import embedded_cluster
    from rapport.config.migrations import migrate

    with embedded_cluster().in_use():
        migrate()
        seconds, job = _timed(lambda: _import(first, "shop"))
        print(f"   first file imported                                   {seconds:8.1f} s")
        _look("   identity after it", job)
        seconds, job = _timed(lambda: _import(second, "till"))
        print(f"   second file imported                                  {seconds:8.1f} s")
        _look("   identity after it", job)
        _merge_and_split()


def _look(words: str, job: Any) -> None:
    from rapport.core.clock import utc_now
    from rapport.identity.queries import profiles_to_resolve
    from rapport.identity.resolving import IDENTITY, resolve_profiles

    finding, profiles = _timed(lambda: profiles_to_resolve(job.pk))
    deciding, done = _timed(lambda: resolve_profiles(profiles, by=IDENTITY, now=utc_now()))
    print(
        f"{words:<56}{finding + deciding:8.1f} s  (finding {len(profiles):,} profiles {finding:.1f} s;"
        f" moved {done.moved:,}, in doubt {done.doubts:,})"
    )


def _merge_and_split() -> None:
    from django.db import connection

    from rapport.core.acting import SYSTEM, acting
    from rapport.core.clock import utc_now
    from rapport.identity.actions import merge_customers, split_customer

    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("select id, customer_id from customers_profile where home_id is null order by id desc limit 2")
        (_p, other), (_q, keep) = cursor.fetchall()
        cursor.execute("select touchpoint_partitions(current_date - 750, current_date)")
        cursor.execute(
            "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel)"
            " select now() - n * interval '100 minutes', customer_id, id, 'page_view', 'web' from customers_profile,"
            " generate_series(1, %s) n where customer_id in (%s, %s)",
            [TOUCHPOINTS, keep, other],
        )
        cursor.execute("analyze customers_touchpoint")
    merging, _done = _timed(lambda: merge_customers(keep, [other], by=SYSTEM, now=utc_now()))
    splitting, _done = _timed(lambda: split_customer(keep, [other], by=SYSTEM, now=utc_now()))
    print(f"   merge of two customers with {TOUCHPOINTS:,} touchpoints each     {merging * 1000:8.0f} ms")
    print(f"   and their split                                       {splitting * 1000:8.0f} ms")


def _timed(deed: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = deed()
    return time.perf_counter() - started, result


def _import(path: Path, source: str) -> Any:
    from rapport.core.acting import SYSTEM
    from rapport.core.clock import utc_now
    from rapport.core.files import store_path
    from rapport.records.actions import MOST_BYTES, answer_import, begin_import, start_import
    from rapport.records.running import run_import

    job = begin_import(store_path(path, at_most=MOST_BYTES), file_name=path.name, by=None, now=utc_now())
    start_import(job, answer_import(job, {"source": source}))
    return run_import(job, by=SYSTEM, report=lambda _stage, _at: None)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), Path(sys.argv[2]))
