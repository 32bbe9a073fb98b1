"""A job whose worker was killed is run again by itself (R1 in small); the queue lives through the loss of its database."""

from __future__ import annotations

import json

import pytest

from tests.faults.house import House, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]
AGAIN_WITHIN = 60


def defer(house: House, note: str, *, seconds: float) -> None:
    """As the application does it: a row in the queue."""
    with house.database() as database:
        database.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args) values ('faults', 'faults.take_long', %s)",
            [json.dumps({"note": note, "seconds": seconds})],
        )


def test_a_job_whose_worker_was_killed_is_run_again_within_a_minute(standing: House) -> None:
    defer(standing, "report", seconds=2)
    wait_for(lambda: "begun report" in standing.notes(), within=60)

    for process in standing.children("rapport.config.cli worker"):
        process.kill()

    wait_for(lambda: "done report" in standing.notes(), within=AGAIN_WITHIN)
    assert standing.notes().count("begun report") == 2
    with standing.database() as database:
        waiting = "select 1 from procrastinate_jobs where queue_name = 'faults'"
        wait_for(lambda: not database.execute(waiting).fetchall(), within=60)


def test_when_it_stops_a_short_job_is_let_to_its_end(house: House) -> None:
    house.start()
    defer(house, "letter", seconds=2)
    wait_for(lambda: "begun letter" in house.notes(), within=60)

    house.stop()

    assert house.notes() == ["begun letter", "done letter"]


def test_long_jobs_in_every_place_do_not_hold_up_the_care_of_the_queue(standing: House) -> None:
    before = len(standing.notes())
    for number in range(6):
        defer(standing, str(number), seconds=600)
    wait_for(lambda: len(standing.notes()) == before + 3, within=60)

    with standing.database() as database:
        seen = database.execute("select max(id) from procrastinate_periodic_defers").fetchone()
        wait_for(
            lambda: database.execute("select max(id) from procrastinate_periodic_defers").fetchone() != seen, within=60
        )
        wait_for(
            lambda: (
                database.execute(
                    "select count(*) from procrastinate_jobs where queue_name = 'care' and status in ('todo', 'doing')"
                ).fetchone()
                == (0,)
            ),
            within=60,
        )
