"""The supervisor: everything up, everything down, and whatever is killed comes back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from rapport.config.processes import SUPERVISED
from tests.faults.house import House, demolish, new_home, wait_for

FULL = Path("/dev/full")
pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]


def answers(house: House) -> bool:
    return house.get("/readyz").status == 200


def test_it_starts_everything_says_where_to_go_and_leaves_no_process(house: House) -> None:
    house.start()
    postmaster = house.postmaster()

    assert answers(house)
    assert f"http://localhost:{house.port}/setup/" in house.log
    assert len(house.children("granian")) == 3
    assert len(house.children("worker")) >= 1
    house.stop()

    assert house.children() == []
    assert not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE


def test_a_second_one_on_the_same_home_is_told_who_runs(standing: House) -> None:
    wait_for(lambda: answers(standing), within=60)

    second = standing.rapport("run")

    assert second.returncode == 1
    assert f"http://localhost:{standing.port}, as process {standing.supervisor.pid}" in second.stderr
    assert answers(standing)


def test_a_port_that_is_taken_is_said_in_words(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()

        refused = house.rapport("run")

    assert refused.returncode == 1
    assert f"Port {house.port} on 127.0.0.1 cannot be used" in refused.stderr
    assert not house.cluster.is_running()


def test_commands_work_beside_it_and_do_not_stop_its_database(standing: House) -> None:
    wait_for(lambda: answers(standing), within=60)

    beside = standing.rapport("manage", "check")

    assert beside.returncode == 0, beside.stderr
    assert answers(standing)


def test_when_it_is_killed_its_children_go_and_the_next_one_starts_clean(house: House) -> None:
    house.start()
    children = house.children()

    house.supervisor.kill()
    house.supervisor.wait()
    psutil.wait_procs(children, timeout=100)
    assert house.children() == []
    house.start()

    assert answers(house)
    house.stop()
    assert not house.cluster.is_running()


def test_what_an_earlier_run_left_behind_is_ended(house: House) -> None:
    left = subprocess.Popen(["sleep", "600"], env=os.environ | {SUPERVISED: str(house.home)})
    other = subprocess.Popen(["sleep", "600"], env=os.environ | {SUPERVISED: str(house.home) + "-other"})

    house.start()

    assert left.wait(timeout=60) == -signal.SIGTERM
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.parametrize("name", ["granian", "rapport.config.cli worker"])
def test_a_child_that_is_killed_comes_back(standing: House, name: str) -> None:
    wait_for(lambda: answers(standing), within=60)
    before = {process.pid for process in standing.children(name)}
    first = min(standing.children(name), key=lambda process: process.create_time())

    first.kill()

    wait_for(lambda: {p.pid for p in standing.children(name)} - before, within=60)
    wait_for(lambda: answers(standing), within=60)
    assert "ended by itself" in standing.log


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_log_that_cannot_be_written_keeps_nobody_from_serving(house: House) -> None:
    house.launch(FULL)
    wait_for(lambda: answers(house), within=90)
    before = house.children("rapport.config.cli worker")

    for process in before:
        process.kill()

    wait_for(lambda: set(house.children("rapport.config.cli worker")) - set(before), within=60)
    assert answers(house)


def test_a_database_that_is_killed_comes_back(standing: House) -> None:
    wait_for(lambda: answers(standing), within=60)

    standing.postmaster().kill()

    wait_for(lambda: "it runs again" in standing.log, within=60)
    wait_for(lambda: answers(standing), within=60)


def test_a_command_in_an_empty_home_finds_its_tables_and_stops_the_database_again() -> None:
    house = House(new_home())
    try:
        verified = house.rapport("audit", "verify")
        misspelled = house.rapport("audot", "verify")

        assert verified.returncode == 0, verified.stderr
        assert "Bringing the tables up to date" in verified.stderr
        assert misspelled.returncode == 2
        assert not house.cluster.is_running()
    finally:
        demolish(house)
