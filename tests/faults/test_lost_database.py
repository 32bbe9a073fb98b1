"""R21: every connection cut again and again, then the server killed: one retried page at most, nothing saved twice."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.faults.house import LONG, Answer, House, wait_for
from tests.faults.test_jobs import defer

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]
USERS = 4
CUTS, PAUSE = (30, 10.0) if LONG else (4, 0.0)
CUT_ALL = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = 'rapport' and pid <> pg_backend_pid() and usename = 'rapport_app'
"""


@dataclass
class Person(threading.Thread):
    """Saves something and looks at it, over and over; when told so, looks before saving again."""

    house: House
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    refusals: list[Answer] = field(default_factory=list)
    failed_reads: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self.stop.is_set():
            token = uuid.uuid4().hex
            self.save(token)
            self.look(token)
            self.stop.wait(0.05)

    def save(self, token: str) -> None:
        while not self.stop.is_set():
            self.attempts[token] += 1
            answer = self.house.post("/faults/add", token=token)
            if answer.status == 200:
                self.acknowledged.append(token)
                return
            self.refusals.append(answer)
            while self.look(token).status != 200 and not self.stop.is_set():
                time.sleep(0.1)
            if self.look(token).text != "0":
                return

    def look(self, token: str) -> Answer:
        answer = self.house.get("/faults/count", token=token)
        if answer.status != 200:
            self.failed_reads.append(answer)
        return answer


@pytest.fixture
def ledger(standing: House) -> Iterator[House]:
    with standing.database() as database:
        database.execute("create table faults_ledger (token text not null)")
        database.execute("grant select, insert on faults_ledger to rapport_app")
    yield standing
    with standing.database() as database:
        database.execute("drop table faults_ledger")


def wait_for_everybody_to_save(people: list[Person]) -> None:
    before = [len(person.acknowledged) for person in people]
    wait_for(lambda: all(len(p.acknowledged) > n for p, n in zip(people, before, strict=True)), within=30)


def saved(house: House) -> Counter[str]:
    with house.database() as database:
        return Counter(row[0] for row in database.execute("select token from faults_ledger").fetchall())


def test_cutting_every_connection_costs_each_user_at_most_one_retry_and_saves_nothing_twice(ledger: House) -> None:
    stop = threading.Event()
    people = [Person(ledger, stop) for _ in range(USERS)]
    for person in people:
        person.start()

    with ledger.database() as database:
        for _ in range(CUTS):
            wait_for_everybody_to_save(people)
            database.execute(CUT_ALL)
            time.sleep(PAUSE)
    wait_for_everybody_to_save(people)
    stop.set()
    for person in people:
        person.join(30)

    found = saved(ledger)
    assert max(found.values()) == 1
    for person in people:
        assert set(person.acknowledged) <= set(found)
        assert person.failed_reads == []  # what only reads is looked up again without a word
        assert max(person.attempts.values()) <= 2
        assert len(person.refusals) <= CUTS
        assert {answer.status for answer in person.refusals} <= {503}
        assert all(answer.retry_after and "try again" in answer.text for answer in person.refusals)


def test_a_server_killed_under_load_is_back_and_lost_nothing_it_acknowledged(ledger: House) -> None:
    stop = threading.Event()
    people = [Person(ledger, stop) for _ in range(USERS)]
    for person in people:
        person.start()
    wait_for_everybody_to_save(people)

    ledger.postmaster().kill()
    wait_for(lambda: "it runs again" in ledger.log, within=30)
    wait_for_everybody_to_save(people)
    stop.set()
    for person in people:
        person.join(30)

    found = saved(ledger)
    assert max(found.values()) == 1
    for person in people:
        assert set(person.acknowledged) <= set(found)
        assert {answer.status for answer in (*person.refusals, *person.failed_reads)} <= {503}
    defer(ledger, "after", seconds=0)
    wait_for(lambda: "done after" in ledger.notes(), within=30)


def test_the_worker_is_back_within_half_a_minute_of_a_cut(ledger: House) -> None:
    defer(ledger, "before", seconds=0)
    wait_for(lambda: "done before" in ledger.notes(), within=20)

    with ledger.database() as database:
        database.execute(CUT_ALL)
    defer(ledger, "after", seconds=0)

    wait_for(lambda: "done after" in ledger.notes(), within=30)
