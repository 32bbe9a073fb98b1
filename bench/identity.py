"""The customer, whole, at size: an import with exact identity, the same file again, merges, splits, an erasure.

BENCH_SCALE is the number of people in the first file (1,000,000). It comes again unchanged (goal: at least 5 times faster
than the first time), and again with every tenth row changed, which is undone. A second source has a tenth as many people,
four in five of them known from the first by e-mail or phone.
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

from bench.apart import migrated_database
from bench.imports import COLUMNS, write_people

TOUCHPOINTS, GOAL_AGAIN = 10_000, 5.0


def run() -> None:
    scale = int(os.environ.get("BENCH_SCALE", "1000000"))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        home, *files = (Path(folder) / name for name in ("home", "shop.csv", "changed.csv", "till.csv"))
        first, changed, second = files
        home.mkdir(mode=0o700)
        Path(folder).chmod(0o755)
        write_people(first, scale)
        _write_changed(first, changed)
        _write_overlapping(first, second, scale // 10)
        environment = os.environ | {"RAPPORT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        environment.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-m", "bench.identity", *map(str, files)], check=True, env=environment)


def _write_changed(first: Path, changed: Path) -> None:
    """The same people, every tenth of whom has moved."""
    import csv

    with first.open(encoding="utf-8", newline="") as known, changed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for number, row in enumerate(csv.reader(known)):
            writer.writerow([*row[:4], "1 New Street", *row[5:]] if number and number % 10 == 0 else row)


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


def measure(first: Path, changed: Path, second: Path) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        importing, job = _timed(lambda: _import(first, "shop"))
        print(f"   first file imported                                   {importing:8.1f} s")
        identity = _look("   identity after it", job)
        again, job = _timed(lambda: _import(first, "shop"))
        faster = (importing + identity) / again
        verdict = "reached" if faster >= GOAL_AGAIN else "missed"
        print(
            f"   the same file again                                   {again:8.1f} s  {_what_came(job)}:"
            f" {faster:.1f} × faster than import and identity, goal {GOAL_AGAIN:g}: {verdict}"
            f" ({importing / again:.1f} × than the import alone)"
        )
        seconds, job = _timed(lambda: _import(changed, "shop"))
        print(f"   again with a tenth changed                            {seconds:8.1f} s  {_what_came(job)}")
        _look("   identity after it", job)
        seconds, _done = _timed(lambda: _undo(job))
        print(f"   undo of that                                          {seconds:8.1f} s")
        seconds, job = _timed(lambda: _import(second, "till"))
        print(f"   second source imported                                {seconds:8.1f} s  {_what_came(job)}")
        _look("   identity after it", job)
        _merge_and_split()
        _erase()


def _what_came(job: Any) -> str:
    counts = job.counts["phases"]["people"]
    return f"({counts['new']:,} new, {counts['changed']:,} changed, {counts['same']:,} the same)"


def _look(words: str, job: Any) -> float:
    """Seconds it took to find out who is one customer."""
    from rapport.core.clock import utc_now
    from rapport.identity.queries import profiles_to_resolve
    from rapport.identity.resolving import IDENTITY, resolve_profiles

    finding, profiles = _timed(lambda: profiles_to_resolve(job.pk))
    deciding, done = _timed(lambda: resolve_profiles(profiles, by=IDENTITY, now=utc_now()))
    print(
        f"{words:<56}{finding + deciding:8.1f} s  (finding {len(profiles):,} profiles {finding:.1f} s;"
        f" moved {done.moved:,}, in doubt {done.doubts:,})"
    )
    return finding + deciding


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


def _erase() -> None:
    from rapport.core.acting import SYSTEM, acting
    from rapport.core.clock import utc_now
    from rapport.customers.models import Customer
    from rapport.privacy.actions import erase
    from rapport.privacy.models import Erasure

    with acting(SYSTEM):
        person = Customer.objects.exclude(email=None).order_by("-pk").first()
        asked = Erasure.objects.create(customer_id=person.pk, actor_label="bench", asked_at=utc_now())
    seconds, _done = _timed(lambda: erase(asked, by=SYSTEM, now=utc_now()))
    asked.refresh_from_db()
    print(
        f"   erasure of one person                                 {seconds:8.1f} s  ({sum(asked.counts.values())} rows)"
    )


def _timed(deed: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = deed()
    return time.perf_counter() - started, result


def _import(path: Path, source: str) -> Any:
    from rapport.core.acting import SYSTEM
    from rapport.core.clock import utc_now
    from rapport.core.files import store_path
    from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import, start_import
    from rapport.records.imports.running import run_import

    job = begin_import(store_path(path, at_most=MOST_BYTES), file_name=path.name, by=None, now=utc_now())
    start_import(job, answer_import(job, {"source": source}))
    return run_import(job, by=SYSTEM, report=lambda _stage, _at: None)


def _undo(job: Any) -> Any:
    from rapport.core.acting import SYSTEM
    from rapport.records.imports.undoing import undo_import

    return undo_import(job, by=SYSTEM, report=lambda _stage, _at: None)


if __name__ == "__main__":
    measure(*map(Path, sys.argv[1:]))
