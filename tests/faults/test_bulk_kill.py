"""An act on many rows whose worker is killed goes on by itself, and treats each row exactly once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from bench.imports import write_people
from tests.faults.house import ADA, House, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("lasting-faults")]

PEOPLE = 5_000


def ask(house: House, query: str) -> Any:
    with house.database() as database:
        return (database.execute(query).fetchone() or (None,))[0]


def give_everybody_to_ada(house: House) -> None:
    """As the page leaves it: an act that waits with all its rows."""
    with house.database() as database:
        ada, public_id = database.execute("select id, public_id::text from accounts_user").fetchone() or (0, "")
        (selection,) = database.execute(
            "insert into records_selection (public_id, object, rows, query, is_everything, made_by_id)"
            " values (gen_random_uuid(), 'customer', '[]', '', true, %s) returning id",
            [ada],
        ).fetchone() or (0,)
        (run,) = database.execute(
            "insert into records_bulkrun (public_id, selection_id, act, answers, state, total, done, refused, undone,"
            " resumptions, failure) values (gen_random_uuid(), %s, 'assign', %s, 'draft', %s, 0, 0, 0, 0, '') returning id",
            [selection, Jsonb({"owner": public_id}), PEOPLE],
        ).fetchone() or (0,)
        database.execute(
            "insert into records_bulkitem (run_id, number, keys, state, reason, undo)"
            " select %s, row_number() over (order by id), jsonb_build_array(id), 'waiting', '', '{}' from customers_customer",
            [run],
        )
        database.execute("update records_bulkrun set state = 'running', started_at = now()")


def test_an_act_whose_worker_is_killed_goes_on_and_treats_each_row_once(house: House, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    write_people(path, PEOPLE)
    with house.cluster.in_use():
        house.run(ADA)
        brought = house.rapport("import", str(path), "--preset", "people", "--source", "shop")
        assert brought.returncode == 0, brought.stderr
    house.start()
    versions = ask(house, "select sum(version) from customers_customer")
    give_everybody_to_ada(house)

    wait_for(lambda: ask(house, "select done from records_bulkrun") >= 300, within=90)
    for process in house.children("rapport.config.cli worker"):
        process.kill()
    reached = ask(house, "select done from records_bulkrun")
    wait_for(lambda: ask(house, "select state = 'done' from records_bulkrun"), within=120)

    assert 300 <= reached < PEOPLE
    assert ask(house, "select done from records_bulkrun") == PEOPLE
    assert ask(house, "select count(*) from records_bulkitem where state = 'done'") == PEOPLE
    assert ask(house, "select count(*) from customers_customer where owner_id is not null") == PEOPLE
    assert ask(house, "select sum(version) from customers_customer") == versions + PEOPLE
