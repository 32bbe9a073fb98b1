"""What goes by itself does go: the rules are in the schedule of the queue, and the worker applies them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicDeferrer

from rapport.core.retention import retained
from rapport.customers.models import Touchpoint
from rapport.customers.tests.world import make_customer, touch
from rapport.privacy import actions, keeping
from rapport.privacy.models import RetentionRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
NIGHT = datetime(2026, 3, 2, 2, 41, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_night_yet(transactional_db: None) -> None:
    """The queue remembers which nights it has had, in a table without a model that nobody truncates."""
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_periodic_defers")


def schedule() -> dict[str, str]:
    return {name: each.cron for (name, _id), each in app.periodic_registry.periodic_tasks.items()}


def at_work(*, deferring_at: datetime) -> None:
    """As the worker: what the schedule says for this moment comes into the queue, and is done."""

    async def run(ready: App) -> None:
        async with ready.open_async():
            deferrer = PeriodicDeferrer(registry=ready.periodic_registry)
            nightly = [
                (each, int(deferring_at.timestamp()))
                for (name, _id), each in ready.periodic_registry.periodic_tasks.items()
                if name == actions.KEEP_TASK
            ]
            await deferrer.defer_jobs(nightly)
            await ready.run_worker_async(queues=["privacy"], wait=False, install_signal_handlers=False)

    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as ready:
        asyncio.run(run(ready))


def test_the_rules_are_in_the_schedule_at_the_time_that_the_page_names() -> None:
    assert schedule()[actions.KEEP_TASK] == keeping.NIGHTLY
    assert keeping.next_run(now=NIGHT - timedelta(minutes=1)) == NIGHT
    assert keeping.next_run(now=NIGHT) == NIGHT + timedelta(days=1)
    assert f"{NIGHT.minute} {NIGHT.hour} * * *" == keeping.NIGHTLY


def test_the_worker_takes_away_what_is_too_old_and_notes_every_rule(home: Path) -> None:
    customer = make_customer()
    touch(customer, "page_view")
    touch(customer, "visit")
    Touchpoint.objects.update(occurred_at=timezone.now() - timedelta(days=400))

    at_work(deferring_at=NIGHT)

    assert list(Touchpoint.objects.values_list("kind", flat=True)) == ["visit"]
    assert set(RetentionRun.objects.values_list("name", flat=True)) == {each.name for each in retained()}
    assert not ProcrastinateJob.objects.filter(task_name=actions.KEEP_TASK, status="todo").exists()


def test_several_workers_bring_one_night_into_the_queue_once(home: Path) -> None:
    for _worker in range(2):
        at_work(deferring_at=NIGHT)

    assert RetentionRun.objects.filter(name="sessions").count() == 1


def test_every_rule_has_a_purpose_in_words(db: Any) -> None:
    assert all(str(each.label) and str(each.purpose) for each in retained())
