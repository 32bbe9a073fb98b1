"""Acts on many rows: values, tags, owners and the trash for 100,000 customers, each done and undone, as the worker does it.

BENCH_SCALE is the number of customers (100,000). The goal: 2,000 rows a second, there and back; and a page of customers by their
tags at most 100 ms.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.lists import write_customers, write_staff

ROWS = 100_000
GOAL_A_SECOND, GOAL_PAGE_MS = 2_000, 100.0


def run() -> None:
    rows = int(os.environ.get("BENCH_SCALE", str(ROWS)))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        Path(folder).chmod(0o755)
        environment = os.environ | {
            "RAPPORT_HOME": f"{folder}/home",
            "RAPPORT_DATABASE_ROLE": "owner",
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "rapport.config.settings"),
        }
        environment.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-W", "ignore", "-m", "bench.bulk", str(rows)], check=True, env=environment)


def measure(rows: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    import django

    django.setup()
    from rapport.config.databases import embedded_cluster
    from rapport.config.migrations import migrate

    Path(os.environ["RAPPORT_HOME"]).mkdir(mode=0o700, exist_ok=True)
    with embedded_cluster().in_use():
        migrate()
        administrator, _seller = write_staff()
        write_customers(rows)
        print(f"   {rows:,} customers; seconds until they are written down, done, undone")
        _treat(administrator, "edit", wanted={"values": {"city": "Porto", "job_title": "Buyer"}})
        _treat(administrator, "assign", answers={"owner": str(administrator.public_id)})
        _treat(administrator, "trash")
        _treat(administrator, "tag", answers={"add": "Key account; West"}, is_undone=False)
        _print_page(administrator, "/customers/?filter=tags.has_all:key-account,west")
        _print_page(administrator, "/customers/?filter=tags.has_not:key-account")


def _treat(
    by: Any, name: str, *, wanted: Any = None, answers: dict[str, str] | None = None, is_undone: bool = True
) -> None:
    from rapport.core.clock import utc_now
    from rapport.records import bulk_actions
    from rapport.records.bulk import find_act
    from rapport.records.bulk_running import carry_out, take_back
    from rapport.records.bulk_selecting import selectables

    selectable, act = selectables()["customer"], find_act("customer", name)
    assert act is not None
    started = time.perf_counter()
    chosen = bulk_actions.select_rows(selectable, rows=[], query="", is_everything=True, by=by, now=utc_now())
    run = bulk_actions.draft_run(act, chosen)
    bulk_actions.begin_run(run, selectable, answers=answers or {}, by=by, now=utc_now(), wanted=wanted)
    written = time.perf_counter()
    carry_out(run)
    done = time.perf_counter()
    if is_undone:
        bulk_actions.undo_run(run)
        take_back(run)
    undone = time.perf_counter()
    run.refresh_from_db()
    if run.refused or (run.undone if is_undone else run.done) != run.total:
        raise RuntimeError(f"{name}: {run.state}, {run.done} done, {run.refused} refused, {run.undone} undone")
    rate = run.total / (done - written)
    verdict = f"{rate:,.0f} rows a second, goal {GOAL_A_SECOND:,}: {'reached' if rate >= GOAL_A_SECOND else 'missed'}"
    print(f"   {name:<10}{written - started:8.1f}{done - written:8.1f}{undone - done:8.1f}   {verdict}", flush=True)


def _print_page(by: Any, path: str) -> None:
    from django.test import Client

    client, spent = Client(HTTP_HOST="localhost"), []
    client.force_login(by)
    for _round in range(12):
        started = time.perf_counter()
        response = client.get(path)
        spent.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")
    middle = statistics.median(spent)
    verdict = "reached" if middle <= GOAL_PAGE_MS else "missed"
    print(f"   {path:<58}{middle:8.1f} ms   goal {GOAL_PAGE_MS:.0f}: {verdict}", flush=True)


if __name__ == "__main__":
    measure(int(sys.argv[1]))
