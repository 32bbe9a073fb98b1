"""The care of the queue: what stalled goes back, what failed stays for a while."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from django.db import connection
from procrastinate import App, JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job

from rapport.core.jobs import remove_finished, retry_stalled


def given_job(status: str, *, sign_of_life: str = "now()") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"insert into procrastinate_workers (last_heartbeat) values ({sign_of_life}) returning id")
        worker = cursor.fetchone()[0]
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name) values ('events', 'core.nothing') returning id"
        )
        job = cursor.fetchone()[0]
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s where id = %s", [worker, job])
        if status != "doing":
            cursor.execute("update procrastinate_jobs set status = %s where id = %s", [status, job])
    return int(job)


def statuses() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("select id, status::text from procrastinate_jobs")
        return dict(cursor.fetchall())


def care_for(task: Any) -> None:
    """Run `task` as the worker does: on connections of its own, which see what is committed."""

    async def run(ready: App) -> None:
        async with ready.open_async():
            job = Job(
                id=None, queue="care", lock=None, queueing_lock=None, task_name=task.name, worker_id=None, task_kwargs={}
            )  # fmt: skip
            await task(JobContext(app=ready, job=job, start_timestamp=0.0, abort_reason=lambda: None), timestamp=0)

    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as ready:
        asyncio.run(run(ready))


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_gave_no_sign_of_life_goes_back_into_the_queue() -> None:
    stalled = given_job("doing", sign_of_life="now() - interval '21 seconds'")
    running = given_job("doing", sign_of_life="now() - interval '15 seconds'")

    care_for(retry_stalled)

    assert statuses() == {stalled: "todo", running: "doing"}


@pytest.mark.django_db(transaction=True)
def test_a_stalled_job_that_is_queued_again_already_does_not_hold_up_the_others() -> None:
    doubled, other = (given_job("doing", sign_of_life="now() - interval '21 seconds'") for _ in range(2))
    waiting = given_job("doing")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set queueing_lock = 'one' where id in (%s, %s)", [doubled, waiting])
        cursor.execute("update procrastinate_jobs set status = 'todo' where id = %s", [waiting])

    care_for(retry_stalled)

    assert statuses() == {other: "todo", waiting: "todo"}


@pytest.mark.django_db(transaction=True)
def test_a_failed_job_stays_for_a_month(home: object) -> None:
    old, recent, waiting = given_job("failed"), given_job("failed"), given_job("doing")
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_events set at = now() - interval '31 days' where job_id = any(%s)", [[old, waiting]]
        )

    care_for(remove_finished)

    assert set(statuses()) == {recent, waiting}
