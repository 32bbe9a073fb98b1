"""What takes longer than a page may: asked of the worker, made once, shown by itself; and the days of which there is nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.insight import actions, jobs, long_answers, queries
from rapport.insight.customer_base.computing import prepare_base
from rapport.insight.preparing import PAGES, answer_newest, prepare_newest
from rapport.insight.tests.shop import make_customer, make_orders
from rapport.insight.warehouse.engine import UnableToCompute

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
WORKED_OUT = {
    "/worth/?as_of=2026-02-16&since=2026-02-01": ("worth", "Recency × frequency"),
    "/customer-base/?as_of=2026-02-16&period=month": ("base", "Cohorts side by side"),
    "/customer-base/?as_of=2026-02-16&of=products": ("base", "Cohorts side by side"),
    "/customer-journeys/?as_of=2026-02-16&gap=30": ("journeys", "Process map"),
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh() -> None:
    actions.refresh(settings=queries.report_settings(), now=NOW)


@pytest.fixture
def shop(home: Path, business: Any) -> list[Any]:
    """Two customers, who looked, bought and called; the first order and the first contact are of 10 and 9 January."""
    made = [make_customer(f"Customer {number}") for number in (1, 2)]
    for customer in made:
        make_orders(customer, [datetime(2026, 1, 10).date(), datetime(2026, 2, 14).date()])
        with connection.cursor() as cursor:
            for days, kind in ((52, "page_view"), (51, "order"), (16, "call")):
                cursor.execute(
                    "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel)"
                    " values (%s, %s, %s, %s, 'web')",
                    [NOW - timedelta(days=days), customer.pk, customer.profile.pk, kind],
                )
    refresh()
    return made


@pytest.fixture
def large(shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(long_answers, "AT_ONCE", 0)
    return shop


def asked_jobs() -> Any:
    return ProcrastinateJob.objects.filter(task_name="insight.answer_page").order_by("id")


def work() -> None:
    """What the worker does with all that waits."""
    for job in asked_jobs().filter(status="todo"):
        jobs.answer_page(**job.args)
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs where id = %s", [job.pk])


def set_status(status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set status = %s::procrastinate_job_status"
            " where task_name = 'insight.answer_page'",
            [status],
        )


@pytest.mark.parametrize("address", WORKED_OUT)
def test_a_page_that_takes_long_says_so_asks_the_worker_once_and_comes_by_itself(
    large: Any, ada: Any, as_user: Any, address: str
) -> None:
    element, shown = WORKED_OUT[address]
    client, others = as_user(ada), as_user(ada)

    page = client.get(address)
    others.get(address)
    waiting = client.get(address, headers=HTMX)

    assert (page.status_code, shown in page.text) == (200, False)
    assert "is being worked out" in page.text or "are being worked out" in page.text
    assert f'<div id="{element}" data-poll="{address.replace("&", "&amp;")}" data-poll-seconds="2">' in page.text
    assert "Reload this page in a moment." in page.text, "for who has no JavaScript"
    assert 'name="as_of" value="2026-02-16"' in page.text, "what is asked can be changed meanwhile"
    assert client.get(address, headers=HTMX | {"If-None-Match": waiting["ETag"]}).status_code == 304
    assert asked_jobs().count() == 1
    set_status("doing")
    others.get(address)
    assert asked_jobs().count() == 1, "what is being made is not asked for again"

    set_status("todo")
    work()
    made = client.get(address, headers=HTMX | {"If-None-Match": waiting["ETag"]})

    assert (made.status_code, shown in made.text) == (200, True)
    assert "data-poll=" not in made.text
    assert f'<span id="{element}-when">' in made.text, "what stands above the page changes too"
    assert asked_jobs().count() == 0


@pytest.mark.parametrize("address", WORKED_OUT)
def test_the_worker_makes_the_same_as_the_page_itself(
    shop: Any, ada: Any, as_user: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(ada)
    monkeypatch.setattr(long_answers, "AT_ONCE", 0)
    client.get(address)
    work()
    by_worker = client.get(address, headers=HTMX).text
    refresh()
    monkeypatch.setattr(long_answers, "AT_ONCE", 200_000)

    by_page = client.get(address, headers=HTMX).text

    assert asked_jobs().count() == 0, "a small business waits for nothing"
    assert _numbers(by_worker) == _numbers(by_page)


def _numbers(page: str) -> str:
    return page.partition("worth-source")[0]


def test_what_is_asked_first_is_there_after_each_refresh(large: Any, ada: Any, as_user: Any) -> None:
    prepare_base()
    prepare_newest()

    for address in ("/worth/", "/customer-base/", "/customer-journeys/"):
        assert "being worked out" not in as_user(ada).get(address).text, address
    assert asked_jobs().count() == 0


def test_a_day_before_anything_happened_and_one_that_lies_ahead_are_told_at_once(
    large: Any, ada: Any, as_user: Any
) -> None:
    client = as_user(ada)
    for address, words in {
        "/worth/?as_of=2026-01-09": ("Nobody had bought by 9 Jan 2026", "is of 10 Jan 2026", "Look from 2 Mar 2026"),
        "/customer-base/?as_of=2026-01-09": ("Nothing had been bought by 9 Jan 2026", "is of 10 Jan 2026"),
        "/customer-base/?as_of=2026-01-09&of=products": ("Nothing had been bought by 9 Jan 2026",),
        "/customer-journeys/?as_of=2026-01-08": ("No contacts by 8 Jan 2026", "is of 9 Jan 2026"),
        "/customer-journeys/?as_of=2026-03-03": ("3 Mar 2026 lies ahead", "Contacts are known up to 2 Mar 2026"),
    }.items():
        page = client.get(address).text
        assert [each for each in words if each not in page] == [], address
        assert "being worked out" not in page, address
    assert asked_jobs().count() == 0

    for address in ("/worth/?as_of=2026-03-03", "/customer-base/?as_of=2026-03-03"):
        page = client.get(address).text
        assert "3 Mar 2026 lies ahead" in page, address
        assert "being worked out" in page, address


def test_a_small_business_is_told_of_a_day_before_anything_happened_as_well(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "Nobody had bought by 9 Jan 2026" in client.get("/worth/?as_of=2026-01-09").text
    assert "Nothing had been bought by 9 Jan 2026" in client.get("/customer-base/?as_of=2026-01-09").text
    assert "No contacts by 8 Jan 2026" in client.get("/customer-journeys/?as_of=2026-01-08").text
    lacking = client.get("/customer-journeys/?as_of=2026-02-16&outcome=with:visit").text
    assert "No journeys like these" in lacking


def test_what_the_worker_could_not_make_is_told_and_not_asked_again_until_there_are_new_numbers(
    large: Any, ada: Any, as_user: Any
) -> None:
    client, address = as_user(ada), "/customer-journeys/?as_of=2026-02-16"
    client.get(address)
    set_status("failed")

    page, polled = client.get(address), client.get(address, headers=HTMX)

    assert (page.status_code, polled.status_code) == (503, 200)
    for answer in (page, polled):
        assert "The numbers have to be made anew" in answer.text
        assert "the log of the worker says why" in answer.text
        assert "data-poll=" not in answer.text.partition('id="journeys"')[2]
    assert asked_jobs().count() == 1

    refresh()
    assert "being worked out" in client.get(address).text
    assert asked_jobs().count() == 2


def test_an_answer_that_cannot_be_kept_fails_where_it_is_made(
    large: Any, ada: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(ada).get("/worth/?as_of=2026-02-16")
    monkeypatch.setattr("rapport.insight.reports._keep", lambda path, report: None)

    with pytest.raises(LookupError):
        work()


def test_nobody_makes_the_worker_wait_with_questions_without_end(
    large: Any, ada: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_answers, "MOST_WAITING", 3)
    client = as_user(ada)
    for day in range(11, 20):
        assert "being worked out" in client.get(f"/worth/?as_of=2026-01-{day}").text
    assert asked_jobs().count() == 3

    work()
    client.get("/worth/?as_of=2026-01-19")
    assert asked_jobs().count() == 1


def test_what_was_asked_of_an_earlier_snapshot_is_not_made(large: Any) -> None:
    snapshot = queries.current_snapshot()
    assert snapshot is not None
    said = {"as_of": "2026-02-16", "since": "2026-02-01", "monetary": "average"}

    assert not answer_newest("worth", said, snapshot_id=snapshot.pk - 1)
    assert answer_newest("worth", said, snapshot_id=snapshot.pk)


def test_every_page_that_can_take_long_is_known_to_the_worker_by_its_name() -> None:
    assert {name: page.name for name, page in PAGES.items()} == {name: name for name in PAGES}
    assert issubclass(long_answers.NotAnswered, UnableToCompute)
