"""Two requests about one import at the same moment: the second one never changes what the first one started."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.clock import utc_now
from rapport.core.files import store
from rapport.customers.models import Customer, Source
from rapport.records.imports import actions, progress
from rapport.records.jobs import import_file
from rapport.records.models import Import, ImportState
from tests.import_files import draft, import_text

ROWS = b"id,name,email\n1,Ada,ada@example.com\n"
TRIES = 25


def new_draft(by: Any, rows: bytes = ROWS) -> Import:
    job = actions.begin_import(store([rows], at_most=1 << 20), file_name="people.csv", by=by, now=utc_now())
    actions.answer_import(job, {"source": "shop"})
    return job


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("home")
def test_a_check_that_is_sent_twice_at_once_never_becomes_an_import(ada: Any, as_user: Any) -> None:
    clients = [as_user(ada), as_user(ada)]
    together = Barrier(2)

    def check(client: Client, path: str) -> int:
        together.wait()
        try:
            return int(client.post(path, {"source": "shop", "check": ""}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        for _try in range(TRIES):
            job = new_draft(ada)
            sent = [threads.submit(check, client, f"/imports/{job.public_id}/answers/") for client in clients]
            assert [answer.result() for answer in sent] == [302, 302]
            import_file(job.pk)
            job.refresh_from_db()
            assert (job.state, job.stage) == (ImportState.DRAFT, "checked")

    assert not Customer.objects.exists()


@pytest.mark.usefixtures("db", "home")
def test_answers_that_come_late_do_not_change_an_import_that_was_started(ada: Any) -> None:
    job = new_draft(ada)
    late = Import.objects.get(pk=job.pk)
    actions.start_import(job, actions.plan_of(job), dry_run=True)

    with pytest.raises(actions.NotReady):
        actions.answer_import(late, {"source": "elsewhere", "mapping": {"external_id": 0, "name": 2}})

    stored = Import.objects.get(pk=job.pk)
    assert stored.answers == job.answers
    assert stored.answers["dry_run"] is True


@pytest.mark.usefixtures("db", "home")
def test_an_import_that_must_wait_for_another_of_its_source_leaves_its_place_in_the_worker(ada: Any) -> None:
    import_text("id,name\n1,Ada\n", preset="people", by=ada)
    job = draft("id,name\n2,Bob\n", preset="people", by=ada)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", [progress.SOURCE_LOCK, Source.objects.get(name="shop").pk])

    import_file(job.pk)

    job.refresh_from_db()
    assert (job.state, job.started_at) == (ImportState.WAITING, None)
    put_back = ProcrastinateJob.objects.get(task_name=actions.IMPORT_TASK)
    assert put_back.args == {"import_id": job.pk}
    assert put_back.scheduled_at is not None
    other.close()
    import_file(job.pk)
    job.refresh_from_db()
    assert job.state == ImportState.DONE
