"""An act on 100,000 rows and its undo, and a list of a million rows as a file beside `copy (select …) to stdout`.

BENCH_SCALE is the number of customers (1,000,000). The act gives a tenth of them, at most 100,000 and at least 10,000 where
there are so many, a city, as the worker does it, with audit and undo for each row. The goals: no file takes more than
100 MB of memory beyond what the process had, no act on rows more than 200 MB, and no undo takes twice as long as its act.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.apart import migrated_database, run_apart
from bench.lists import write_customers, write_staff

CUSTOMERS, MOST, FEWEST = 1_000_000, 100_000, 10_000
FILE_MB, ACT_MB, UNDO_TIMES = 100, 200, 2.0
COLUMNS = (
    "name", "organization", "email", "phone", "city", "country", "kind", "owner", "c_grade", "c_shoe_size", "created",
)  # fmt: skip
BY_HAND = """
copy (select r.public_id, r.name, r.organization, r.email, r.phone, r.city, r.country, r.kind, o.email,
             r.custom ->> 'c_grade', r.custom ->> 'c_shoe_size', r.created_at
        from customers_customer r left join accounts_user o on o.id = r.owner_id
       where r.merged_into_id is null and r.trashed_at is null
       order by r.sort_key, r.id)
  to stdout (format csv, header, force_quote *)
"""
_COUNT_ON = "select setval(pg_get_serial_sequence('customers_profile', 'id'), max(id)) from customers_profile"


def run() -> None:
    run_apart("bench.bulk", os.environ.get("BENCH_SCALE", str(CUSTOMERS)))


def measure(customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    from django.db import connection

    with migrated_database():
        administrator, _seller = write_staff()
        write_customers(customers)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_ON)
        connection.close()
        _measure_act(administrator, customers)
        _measure_files(administrator, customers)
        connection.close()


@dataclass
class Spent:
    """Seconds, and the most memory beyond what the process had before, in MB."""

    seconds: float = 0.0
    memory: float = 0.0


@contextmanager
def _watched() -> Iterator[Spent]:
    spent = Spent()
    before = _peak(anew=True)
    started = time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - started
    spent.memory = _peak() - before


def _peak(*, anew: bool = False) -> float:
    """The most memory of this process so far; on Linux since it was last asked to begin anew, elsewhere of its whole life."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _measure_act(administrator: Any, customers: int) -> None:
    from rapport.core.clock import utc_now
    from rapport.records.bulk import actions as bulk_actions
    from rapport.records.bulk.acts import find_act
    from rapport.records.bulk.running import carry_out, take_back
    from rapport.records.bulk.selecting import selectables

    rows = min(customers, MOST, max(FEWEST, customers // 10))
    selectable, act = selectables()["customer"], find_act("customer", "edit")
    assert act is not None
    query = f"filter=c_shoe_size.under:{30 + 20 * rows / customers:.2f}"
    selection = bulk_actions.select_rows(
        selectable, rows=[], query=query, is_everything=True, by=administrator, now=utc_now()
    )
    act_run = bulk_actions.draft_run(act, selection)
    with _watched() as choosing:
        bulk_actions.begin_run(
            act_run, selectable, answers={}, wanted={"values": {"city": "Porto"}}, by=administrator, now=utc_now()
        )
    print(
        f"   {act_run.total:,} of {customers:,} customers chosen by a filter and written down: {choosing.seconds:.1f} s"
    )
    with _watched() as doing:
        carry_out(act_run)
    act_run.refresh_from_db()
    _print_act("values written", act_run.done, doing)
    bulk_actions.undo_run(act_run)
    with _watched() as undoing:
        take_back(act_run)
    act_run.refresh_from_db()
    _print_act("taken back", act_run.undone, undoing)
    _expect(act_run.done == act_run.undone == act_run.total, f"{act_run.done} done, {act_run.undone} undone")
    times = undoing.seconds / doing.seconds
    print(f"   undo: {times:.2f} × the act   {_verdict(times <= UNDO_TIMES, f'{UNDO_TIMES:.0f} ×')}")


def _print_act(said: str, rows: int, spent: Spent) -> None:
    print(
        f"   {said:<16}{rows:>9,} rows{spent.seconds:8.1f} s{rows / spent.seconds:8,.0f} rows/s"
        f"{spent.memory:7.0f} MB   {_verdict(spent.memory <= ACT_MB, f'{ACT_MB} MB')}",
        flush=True,
    )


def _measure_files(administrator: Any, customers: int) -> None:
    from rapport.core.clock import utc_now
    from rapport.records.exporting.actions import begin_export, run_export
    from rapport.records.exporting.lists import CSV, XLSX, exported_lists
    from rapport.records.models import Export

    by_hand = _copied(Path(os.environ["RAPPORT_HOME"]) / "by-hand.csv")
    print(f"   copy (select …) to stdout: {by_hand:.1f} s")
    for file_format in (CSV, XLSX):
        with _watched() as spent:
            export = begin_export(
                exported_lists()["customer"], query="", columns=COLUMNS, file_format=file_format, with_mark=False,
                by=administrator, now=utc_now(),
            )  # fmt: skip
            run_export(export)
        done = Export.objects.get(pk=export.pk)
        _expect(done.rows_done == customers, f"{done.rows_done} rows: {done.failure}")
        print(
            f"   {file_format}: {done.rows_done:,} rows of {len(COLUMNS) + 1} columns in {spent.seconds:.1f} s,"
            f" {spent.seconds / by_hand:.1f} × copy, {done.file_size / 1e6:.0f} MB; {spent.memory:.0f} MB of memory"
            f"   {_verdict(spent.memory <= FILE_MB, f'{FILE_MB} MB')}",
            flush=True,
        )


def _copied(target: Path) -> float:
    """Seconds of the best that PostgreSQL can do by itself, the better of two."""
    from django.db import connection

    spent = []
    for _time in range(2):
        started = time.perf_counter()
        connection.ensure_connection()
        with connection.connection.cursor() as cursor, target.open("wb") as file, cursor.copy(BY_HAND) as rows:
            for block in rows:
                file.write(block)
        spent.append(time.perf_counter() - started)
    target.unlink()
    return min(spent)


def _verdict(is_reached: bool, goal: str) -> str:
    return f"goal {goal}: {'reached' if is_reached else 'missed'}"


def _expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise RuntimeError(otherwise)


if __name__ == "__main__":
    measure(int(sys.argv[1]))
