"""R1, R7: an import that is killed goes on and brings every row in exactly once; one row in a hundred is bad."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.imports import write_people
from tests.faults.house import CHECKOUT, LONG, House, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("lasting-faults")]

PEOPLE = 1_000_000 if LONG else 60_000
TENTHS = [100, 500, 750] if LONG else [500]  # where a file has people alone, all of them are in at 812
WORDS = ("--preset", "people", "--source", "shop", "--json")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("import") / "people.csv"
    write_people(path, PEOPLE)
    return path


def ask(house: House, query: str) -> Any:
    with house.database() as database:
        return (database.execute(query).fetchone() or (None,))[0]


def progress_of(house: House) -> int:
    return ask(house, "select max(progress) from records_import") or 0


def start(house: House, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        house._command("import", *words), env=house._environment(), cwd=CHECKOUT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kill_at(house: House, path: Path, tenths: int) -> int:
    """Begin the import, kill its process at so many tenths, and say how far it then was."""
    importing = start(house, str(path), *WORDS)
    try:
        wait_for(lambda: progress_of(house) >= tenths or importing.poll() is not None, within=600)
    finally:
        importing.kill()
        importing.wait()
    return progress_of(house)


def assert_everybody_is_there_once(house: House, count: int) -> None:
    assert (
        ask(house, "select count(*) || '/' || count(distinct external_id) from customers_profile") == f"{count}/{count}"
    )
    assert ask(house, "select count(*) || '/' || count(provenance->'*') from customers_customer") == f"{count}/{count}"
    assert ask(house, "select count(*) from customers_identifier where kind = 1") == count
    assert ask(house, "select string_agg(state, ',') from records_import") == "done"
    assert ask(house, "select sum((counts->>'new')::int) from records_importchunk") == count
    assert (
        ask(
            house,
            "select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'staging'",
        )
        == 0
    )


@pytest.mark.parametrize("tenths", TENTHS)
def test_an_import_killed_part_of_the_way_goes_on_when_it_is_started_again(
    house: House, people: Path, tenths: int
) -> None:
    with house.cluster.in_use():
        reached = kill_at(house, people, tenths)
        seen: list[int] = []
        watching = threading.Event()

        def watch() -> None:
            while not watching.wait(0.1):
                seen.append(progress_of(house))

        watcher = threading.Thread(target=watch)
        watcher.start()
        again = house.rapport("import", str(people), *WORDS)
        watching.set()
        watcher.join()

        assert again.returncode == 0, again.stderr
        assert "it goes on" in again.stderr
        assert json.loads(again.stdout)["figures"]["people_new"] == PEOPLE
        assert seen == sorted(seen)
        assert min(seen, default=reached) >= reached
        assert_everybody_is_there_once(house, PEOPLE)


def test_an_import_that_was_killed_goes_on_by_itself_where_a_worker_runs(house: House, people: Path) -> None:
    house.start()
    kill_at(house, people, 500)

    wait_for(lambda: ask(house, "select bool_and(state = 'done') from records_import"), within=600 if LONG else 60)

    assert_everybody_is_there_once(house, PEOPLE)


def test_a_killed_import_is_undone_to_nothing(house: House, people: Path) -> None:
    with house.cluster.in_use():
        kill_at(house, people, 500)

        undone = house.rapport("import", "--undo", "1")

        assert undone.returncode == 0, undone.stderr
        for table in ("customers_customer", "customers_profile", "customers_identifier"):
            assert ask(house, f"select count(*) from {table}") == 0
        assert ask(house, "select count(*) from customers_source where name = 'shop'") == 0


def test_one_row_in_a_hundred_is_bad_and_is_mended_later(house: House, people: Path, tmp_path: Path) -> None:
    bad, refused = tmp_path / "bad.csv", tmp_path / "refused.csv"
    with people.open(encoding="utf-8") as good, bad.open("w", encoding="utf-8") as file:
        for number, line in enumerate(good):
            file.write(line.replace("@", " at ") if number % 100 == 50 else line)
    with house.cluster.in_use():
        importing = start(house, str(bad), *WORDS, "--refused", str(refused))
        most = _most_memory(importing)
        assert importing.returncode == 0
        assert most < 512e6
        with house.database() as database:
            found = database.execute('select line, "column", code from records_importproblem order by line').fetchall()
        assert found == [(number + 1, "email", "email") for number in range(50, PEOPLE + 1, 100)]
        assert ask(house, "select count(*) from customers_profile") == PEOPLE - len(found)

        refused.write_text(refused.read_text(encoding="utf-8").replace(" at example", "@example"), encoding="utf-8")
        mended = house.rapport("import", str(refused), *WORDS)

        assert mended.returncode == 0, mended.stderr
        assert json.loads(mended.stdout)["figures"]["people_new"] == len(found)
        assert (
            ask(house, "select count(*) || '/' || count(distinct external_id) from customers_profile")
            == f"{PEOPLE}/{PEOPLE}"
        )


def _most_memory(importing: subprocess.Popen[bytes]) -> int:
    """Until it ends, the most memory that the process and its children took, what they share counted once."""
    most = 0
    while importing.poll() is None:
        try:
            process = psutil.Process(importing.pid)
            most = max(most, sum(each.memory_full_info().pss for each in (process, *process.children(recursive=True))))
        except psutil.Error:
            continue
        time.sleep(0.2)
    return most


def test_a_cancelled_import_stops_and_can_be_undone(house: House, people: Path) -> None:
    with house.cluster.in_use():
        importing = start(house, str(people), *WORDS)
        wait_for(lambda: progress_of(house) >= (300 if LONG else 10) or importing.poll() is not None, within=600)
        with house.database() as database:
            database.execute("update records_import set state = 'cancelling' where state = 'running'")
        importing.wait(timeout=300)
        assert ask(house, "select state from records_import") == "cancelled"

        assert house.rapport("import", "--undo", "1").returncode == 0

        assert ask(house, "select count(*) from customers_customer") == 0


def test_two_imports_of_one_source_at_the_same_time_come_in_one_after_the_other(
    house: House, people: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(people.read_text(encoding="utf-8").replace("High Street", "Low Street"), encoding="utf-8")
    with house.cluster.in_use():
        both = [start(house, str(path), *WORDS) for path in (people, other)]

        assert [importing.wait(timeout=600) for importing in both] == [0, 0]

        assert (
            ask(house, "select count(*) || '/' || count(distinct external_id) from customers_profile")
            == f"{PEOPLE}/{PEOPLE}"
        )
        assert ask(house, "select string_agg(distinct state, ',') from records_import") == "done"
