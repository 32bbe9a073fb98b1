"""Probes: the process, and what it stands on; a stranger learns ok or not ok."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client

from rapport.core import health
from rapport.core.health import Health


@pytest.fixture
def disk(home: object, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A disk of 100, of which `free` is free."""
    usage = SimpleNamespace(total=100, free=50)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: usage)
    return usage


def test_the_process_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_place_where_all_is_well_is_ready(client: Client, disk: SimpleNamespace) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_a_disk_that_is_nearly_full_is_not_ready_and_only_the_log_says_why(
    client: Client, disk: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    disk.free = 9

    with caplog.at_level(logging.WARNING):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"ok": False})
    assert "9.0% of the disk" in caplog.text


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_is_not_ready(client: Client, disk: SimpleNamespace) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction read only")

        assert client.get("/readyz").status_code == 503
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_job_that_waits_too_long_is_not_ready(client: Client, disk: SimpleNamespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name) values ('care', 'core.nothing') returning id"
        )
        job = cursor.fetchone()[0]
        assert client.get("/readyz").status_code == 200

        cursor.execute("update procrastinate_events set at = now() - interval '16 minutes' where job_id = %s", [job])

        assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_a_job_for_later_is_not_late(client: Client, disk: SimpleNamespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " values ('care', 'core.nothing', now() + interval '1 day')"
        )
        cursor.execute("update procrastinate_events set at = now() - interval '16 minutes'")

    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_probe_only_asks(client: Client, method: str) -> None:
    assert getattr(client, method)("/healthz").status_code == 405


def test_troubles_are_said_in_words() -> None:
    assert Health(True, 0.5, 0).troubles == ()
    assert Health(False, 0.05, 1000).troubles == (
        "the database cannot be written",
        "only 5.0% of the disk is free",
        "a job has been waiting for 1000 s",
    )
