"""The journeys page: what it shows, what it can be asked, and what it says where there is nothing to draw."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from rapport.insight import actions, queries
from rapport.insight.queries import warehouse_folder
from rapport.insight.tests.shop import make_customer, make_orders

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh() -> None:
    actions.refresh(settings=queries.report_settings(), now=NOW)


def touch(customer: Any, *contacts: tuple[float, str, str]) -> None:
    """Contacts of a customer: days before now, kind, channel."""
    with connection.cursor() as cursor:
        for days, kind, channel in contacts:
            cursor.execute(
                "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel)"
                " values (%s, %s, %s, %s, %s)",
                [NOW - timedelta(days=days), customer.pk, customer.profile.pk, kind, channel],
            )


@pytest.fixture
def travelers(home: Path, business: Any) -> list[Any]:
    made = [make_customer(f"Traveler {number}") for number in range(1, 4)]
    for customer in made[:2]:
        touch(customer, (20, "page_view", "web"), (19, "order", "web"), (5, "case", "email"))
        make_orders(customer, [(NOW - timedelta(days=19)).date()])
    touch(made[2], (200, "campaign", "email"), (30, "page_view", "web"))
    refresh()
    return made


def test_the_page_draws_the_ways_of_customers_and_says_the_same_in_tables(
    travelers: Any, ada: Any, as_user: Any
) -> None:
    page = as_user(ada).get("/customer-journeys/").text

    assert page.count('class="step"') == 4
    assert "Web visit → Order · taken: 2 (100\u00a0% of what leads on) · half within 24 hours" in page
    assert "Campaign response · taken: 1 · first of a journey: 1 · last: 1 (100\u00a0%)" in page
    assert "half within 2 weeks" in page, "from the order to the case"
    assert "From the mart journeys v1, as of the end of 2 Mar 2026" in page


def test_a_longer_gap_makes_one_journey_of_two_and_a_filter_leaves_the_others_out(
    travelers: Any, ada: Any, as_user: Any
) -> None:
    client = as_user(ada)

    assert "Campaign response → Web visit" not in client.get("/customer-journeys/").text
    assert "Campaign response → Web visit" in client.get("/customer-journeys/?gap=180").text
    lacking = client.get("/customer-journeys/?outcome=without:order").text
    assert "Web visit → Order" not in lacking
    assert "Campaign response · taken: 1" in lacking
    assert "Web visit → Order" in client.get("/customer-journeys/?channel=email&outcome=with:case").text
    assert "No journeys like these" in client.get("/customer-journeys/?outcome=with:visit").text
    assert "No journeys like these" in client.get("/customer-journeys/?segment=champions").text


def test_a_question_that_is_not_understood_is_told_and_nothing_is_lost(travelers: Any, ada: Any, as_user: Any) -> None:
    answer = as_user(ada).get("/customer-journeys/?as_of=2026-02-31&channel=%27--&ways=none")

    assert answer.status_code == 400
    assert "Enter a valid date" in answer.text
    assert "2026-02-31" in answer.text


def test_where_nothing_can_be_drawn_the_page_says_why(home: Path, business: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/customer-journeys/").text

    refresh()
    assert "No contacts yet" in client.get("/customer-journeys/").text

    touch(make_customer(), (1, "call", "phone"))
    refresh()
    shutil.rmtree(warehouse_folder())
    assert client.get("/customer-journeys/").status_code == 503


def test_who_may_not_see_reports_does_not_see_journeys(home: Path, business: Any, rita: Any, as_user: Any) -> None:
    seen = as_user(rita).get("/customer-journeys/").status_code
    assert seen == as_user(rita).get("/worth/").status_code
