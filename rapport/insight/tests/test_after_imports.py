"""An import that came to its end has the numbers made anew at once, and its page says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core import events
from rapport.core.acting import SYSTEM
from rapport.core.clock import utc_now
from rapport.core.events import hand_over
from rapport.customers.tests.world import make_customer
from rapport.records.imports.running import run_import
from rapport.records.models import Import
from tests.import_files import draft, import_text, silently, undo

pytestmark = pytest.mark.usefixtures("db", "home")

PEOPLE = "id,name,email\n1,Ada,ada@example.com\n"
WORDS = "The numbers of the worth page and the segments of customers are being refreshed."


def deliver() -> None:
    """What the worker does with the news that waits."""
    for job in ProcrastinateJob.objects.filter(task_name="core.deliver", status="todo"):
        hand_over(**job.args)


def refreshes_waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name="insight.refresh", status="todo").count()


def test_a_finished_import_asks_for_one_refresh() -> None:
    import_text(PEOPLE)
    import_text(PEOPLE)
    assert refreshes_waiting() == 0

    deliver()

    assert refreshes_waiting() == 1


def test_an_undone_import_asks_for_a_refresh() -> None:
    job = import_text(PEOPLE)
    undo(job)
    told = ProcrastinateJob.objects.filter(
        task_name="core.deliver", args__subscription__endswith="refresh_after_undoing"
    )
    latest = told.latest("id")

    hand_over(**latest.args)

    assert latest.args["payload"] == {"import_id": job.pk, "importer": "people"}
    assert refreshes_waiting() == 1


def test_a_file_that_was_only_checked_announces_nothing() -> None:

    run_import(draft(PEOPLE, dry_run=True), by=SYSTEM, report=silently)

    assert not ProcrastinateJob.objects.filter(task_name="core.deliver").exists()


def test_the_page_of_a_finished_import_says_that_the_numbers_are_being_refreshed(ada: Any, as_user: Any) -> None:
    job = import_text(PEOPLE, by=ada)

    assert WORDS in as_user(ada).get(f"/imports/{job.public_id}/").text


def test_the_page_of_an_import_of_last_week_says_nothing_of_a_refresh(ada: Any, as_user: Any) -> None:
    job = import_text(PEOPLE, by=ada)
    Import.objects.filter(pk=job.pk).update(finished_at=utc_now() - timedelta(days=7))

    assert WORDS not in as_user(ada).get(f"/imports/{job.public_id}/").text


def test_where_nobody_subscribes_the_page_promises_nothing(
    ada: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_subscriptions", dict)
    job = import_text(PEOPLE, by=ada)

    assert "being refreshed" not in as_user(ada).get(f"/imports/{job.public_id}/").text


def test_whoever_merges_is_told_that_the_worth_on_the_page_is_from_before(alice: Any, as_user: Any) -> None:
    one, other = make_customer("Ana", owner=alice), make_customer("Ann", owner=alice, external_id="2")
    client = as_user(alice)

    merged = client.post("/customers/merge/", {"id": [one.public_id, other.public_id], "keep": one.public_id})
    page = client.get(merged["Location"]).content.decode()

    assert "2 customers are one now. What they are worth is being counted anew." in page
