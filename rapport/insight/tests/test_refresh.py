"""A refresh: one moment of the database in new files, which become current only when all are there."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq
import pytest
from django.db import connection, connections

from rapport.core.acting import SYSTEM, acting
from rapport.insight.models import Snapshot
from rapport.insight.queries import current_snapshot, refresh_is_due, seen_changes, snapshot_folder, warehouse_folder
from rapport.insight.tests.shop import make_customer, make_order
from rapport.insight.warehouse.engine import open_warehouse
from rapport.insight.warehouse.refresh import (
    Progress,
    UnableToRefresh,
    make_snapshot,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def snapshot(**changes: Any) -> Snapshot:
    return make_snapshot(**({"zone": LONDON, "currency": "GBP", "now": NOW} | changes))


def read(made: Snapshot, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(snapshot_folder(made) / table / "0.parquet").to_pylist()
    return found


def test_a_snapshot_holds_what_the_database_held(home: Path) -> None:
    customer = make_customer()
    order = make_order(customer, NOW, 12.5)

    made = snapshot()

    (row,) = read(made, "orders")
    assert row == {
        "order_id": order.pk, "profile_id": customer.profile.pk, "direct_customer_id": None, "kind": "sale",
        "placed_at": NOW, "placed_on": date(2026, 3, 2), "total_micros": 12_500_000, "currency": "GBP",
        "channel": "web_shop", "line_count": 1, "reverses_id": None, "delivered_on": None,
    }  # fmt: skip
    assert read(made, "profile_customers") == [{"profile_id": customer.profile.pk, "customer_id": customer.pk}]
    assert made.counts.items() >= {"order_lines": 0, "orders": 1, "products": 0, "profile_customers": 1}.items()
    assert current_snapshot() == made


@pytest.mark.parametrize(
    ("placed_at", "day"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),  # the hour that is skipped
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),  # summer time: midnight is at 23:00 UTC
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),  # the day of 25 hours
        (datetime(2026, 10, 26, 0, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_a_day_ends_where_the_business_is(home: Path, placed_at: datetime, day: date) -> None:
    make_order(make_customer(), placed_at)

    assert [row["placed_on"] for row in read(snapshot(), "orders")] == [day]


def test_all_tables_are_of_one_moment(home: Path) -> None:
    customer = make_customer()
    make_order(customer, NOW)

    def somebody_orders(progress: Progress) -> None:
        if progress.table == "order_lines" and progress.finished:
            other = threading.Thread(target=_order_elsewhere)
            other.start()
            other.join()

    made = snapshot(listener=somebody_orders)

    assert made.counts["orders"] == 1
    assert made.counts["profile_customers"] == 1


def _order_elsewhere() -> None:
    make_order(make_customer("Bo Li"), NOW)
    connections.close_all()


def test_merged_and_trashed_customers_have_no_orders_of_their_own(home: Path) -> None:
    merged, trashed = make_customer("Ann"), make_customer("Bob")
    survivor = make_customer("Anna")
    with acting(SYSTEM):
        merged.merged_into, merged.version = survivor, 2
        merged.save(update_fields=["merged_into", "version"])
        merged.profile.customer = survivor
        merged.profile.save(update_fields=["customer"])
        trashed.trashed_at = NOW
        trashed.save(update_fields=["trashed_at"])

    made = snapshot()

    assert {row["customer_id"] for row in read(made, "profile_customers")} == {survivor.pk}
    assert len(read(made, "profile_customers")) == 2


def test_without_a_currency_the_one_of_most_orders_is_taken(home: Path) -> None:
    customer = make_customer()
    for currency in ("USD", "EUR", "EUR"):
        make_order(customer, NOW, currency=currency)

    assert snapshot(currency=None).currency == "EUR"


def test_two_snapshots_are_kept_and_older_ones_removed(home: Path) -> None:
    made = [snapshot(now=NOW + timedelta(hours=hour)) for hour in range(3)]

    assert not snapshot_folder(made[0]).exists()
    assert list(Snapshot.objects.order_by("id")) == made[1:]
    assert sorted(path.name for path in warehouse_folder().iterdir()) == sorted(one.folder for one in made[1:])


def test_a_second_refresh_at_the_same_time_is_refused(home: Path) -> None:
    refused: list[str] = []

    def try_another(progress: Progress) -> None:
        if refused:
            return
        other = threading.Thread(target=_expect_refusal, args=(refused,))
        other.start()
        other.join()

    snapshot(listener=try_another)

    assert set(refused) == {"The warehouse is being refreshed already. Try again when that is done."}
    assert Snapshot.objects.count() == 1


def _expect_refusal(refused: list[str]) -> None:
    try:
        snapshot()
    except UnableToRefresh as error:
        refused.append(str(error))
    connections.close_all()


def test_a_full_disk_is_told_in_words_and_the_last_snapshot_stays(home: Path) -> None:
    customer = make_customer()
    for _ in range(30):
        make_order(customer, NOW)
    before = snapshot()
    make_order(customer, NOW)

    with files_no_larger_than(512), pytest.raises(UnableToRefresh, match="no room left for the warehouse"):
        snapshot(now=NOW + timedelta(hours=1))

    assert current_snapshot() == before
    assert [path.name for path in warehouse_folder().iterdir()] == [before.folder]
    assert len(read(before, "orders")) == 30
    assert snapshot(now=NOW + timedelta(hours=2)) != before


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, previous)


_KILLED_IN_THE_MIDDLE = """
import os, signal
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = os.environ["KILLED_DATABASE"]
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from rapport.insight.warehouse.refresh import make_snapshot

def listener(progress):
    if progress.table == "orders":
        os.kill(os.getpid(), signal.SIGKILL)

make_snapshot(zone=ZoneInfo("UTC"), currency="GBP", now=datetime(2026, 3, 2, 13, tzinfo=UTC), listener=listener)
"""


@pytest.mark.fault
def test_a_killed_refresh_leaves_the_last_snapshot_and_the_next_one_sweeps_up(home: Path) -> None:
    make_order(make_customer(), NOW)
    before = snapshot()
    make_order(make_customer("Bo Li"), NOW)

    killed = subprocess.run(
        [sys.executable, "-c", _KILLED_IN_THE_MIDDLE],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "rapport.config.settings",
            "KILLED_DATABASE": connection.settings_dict["NAME"],
            "RAPPORT_HOME": str(home),
        },
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert current_snapshot() == before
    assert len(list(warehouse_folder().iterdir())) == 2
    after = snapshot(now=NOW + timedelta(hours=2))
    assert {path.name for path in warehouse_folder().iterdir()} == {before.folder, after.folder}
    assert (after.counts["orders"], after.tables["orders"]["how"]) == (2, "carried on")


def test_what_was_seen_differs_once_somebody_wrote(home: Path) -> None:
    make_order(make_customer(), NOW)
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")
    before = seen_changes()

    make_order(make_customer("Bo Li"), NOW)
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")

    assert seen_changes() != before


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from sniff_csv('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from '/etc/passwd'",
        "copy (select 1) to '/tmp/rapport-escape.csv'",
        "copy orders to '{folder}/escape.parquet'",
        "attach '/tmp/rapport-escape.db'",
        "install httpfs",
        "load httpfs",
        "create persistent secret (type s3)",
        "set enable_external_access = true",
        "set allowed_paths = ['/etc/passwd']",
        "set memory_limit = '64GB'",
        "set threads = 64",
        "reset lock_configuration",
        "export database '/tmp/rapport-escape'",
    ],
)
def test_a_statement_cannot_leave_the_warehouse(home: Path, statement: str) -> None:
    made = snapshot()

    with open_warehouse(snapshot_folder(made), currency="GBP") as warehouse, pytest.raises(duckdb.Error):
        warehouse.backend.con.execute(statement.format(folder=snapshot_folder(made)))

    assert not list(Path("/tmp").glob("rapport-escape*"))
    assert not (snapshot_folder(made) / "escape.parquet").exists()


def test_a_refresh_is_due_at_once_then_after_changes_and_every_hour(home: Path, business: Any) -> None:
    assert refresh_is_due(now=NOW)
    _write_and_be_counted(lambda: None)  # what the test before has left
    snapshot()
    _write_and_be_counted(lambda: None)
    assert not refresh_is_due(now=NOW + timedelta(minutes=59))
    assert refresh_is_due(now=NOW + timedelta(hours=1))

    _write_and_be_counted(lambda: make_order(make_customer(), NOW))
    assert refresh_is_due(now=NOW + timedelta(seconds=1))  # there was nothing to show

    snapshot()
    _write_and_be_counted(lambda: make_order(make_customer("Bo Li"), NOW))
    assert not refresh_is_due(now=NOW + timedelta(minutes=4))
    assert refresh_is_due(now=NOW + timedelta(minutes=5))


def _write_and_be_counted(write: Callable[[], Any]) -> None:
    write()
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")
