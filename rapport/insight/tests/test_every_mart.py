"""What holds for every mart: the order of rows and the number of threads change nothing, and a day never sees the next."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from rapport.insight.tests.every_mart import all_names, every_mart, told
from rapport.insight.tests.golden_tables import BEFORE, DAY, GOLDEN, Rows, write
from rapport.insight.warehouse.engine import SnapshotMissing, open_warehouse

pytestmark = pytest.mark.django_db
Told = dict[str, list[str]]


def ask(folder: Path, found: Rows, *, threads: int = 2) -> Told:
    write(folder, found)
    with open_warehouse(folder, currency="GBP", threads=threads) as warehouse:
        return {name: told(table) for name, table in every_mart(warehouse, as_of=DAY, before=BEFORE).items()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return ask(tmp_path_factory.mktemp("marts") / "as-it-is", GOLDEN["many"]())


def test_every_mart_is_asked_and_has_something_to_say(expected: Told) -> None:
    assert set(expected) == all_names()
    assert [name for name, rows in expected.items() if not rows] == []


@pytest.mark.parametrize("threads", [1, 4])
def test_the_order_of_rows_and_the_number_of_threads_change_nothing(
    tmp_path: Path, expected: Told, threads: int
) -> None:
    found = GOLDEN["many"]()
    for number, rows in enumerate(found.values()):
        random.Random(number).shuffle(rows)

    assert ask(tmp_path / "shuffled", found, threads=threads) == expected


def test_a_day_never_sees_what_comes_after_it(tmp_path: Path, expected: Told) -> None:
    found = GOLDEN["many"]()
    moved = {"orders": ("order_id", "placed"), "touchpoints": ("touchpoint_id", "occurred")}
    for table, (key, moment) in moved.items():
        later = timedelta(days=1 + (DAY - min(row[f"{moment}_on"] for row in found[table])).days)
        at, on = f"{moment}_at", f"{moment}_on"
        found[table] += [
            row | {key: row[key] + 100_000, at: row[at] + later, on: row[on] + later} for row in found[table]
        ]
    found["order_lines"] += [row | {"order_id": row["order_id"] + 100_000} for row in found["order_lines"]]
    after = DAY + timedelta(days=1)
    found["relationships"] += [
        row | {"relationship_id": row["relationship_id"] + 100_000, "since": after, "from_profile_id": row["to_profile_id"],
               "to_profile_id": row["from_profile_id"]}
        for row in found["relationships"]
    ]  # fmt: skip
    for row in found["orders"]:
        row["delivered_on"] = row["delivered_on"] or after

    assert ask(tmp_path / "later", found) == expected


@pytest.mark.parametrize("name", ["single", "nothing"])
def test_one_customer_and_nobody_are_answered(tmp_path: Path, name: str) -> None:
    assert set(ask(tmp_path / name, GOLDEN[name]())) == all_names()


def test_who_still_asks_a_snapshot_that_is_forgotten_is_told_that_it_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "earlier"
    write(folder, GOLDEN["many"]())

    def ask_what_is_gone() -> None:
        with open_warehouse(folder, currency="GBP") as warehouse:
            shutil.rmtree(folder)
            told(warehouse.orders())

    with pytest.raises(SnapshotMissing):
        ask_what_is_gone()
