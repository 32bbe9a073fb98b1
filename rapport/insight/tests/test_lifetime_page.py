"""The page that says how far lifetime values can be trusted, and what a customer's own page says of hers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.insight.models import CustomerLifetime, LearnedModel
from rapport.insight.tests.returning_shop import CLOSED, open_returning_shop
from rapport.insight.tests.shop import make_customer, make_orders
from rapport.insight.tests.test_traits import refresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
NOW = datetime.combine(CLOSED, datetime.min.time(), UTC) + timedelta(hours=12)


def test_the_page_shows_what_came_of_each_forecast_and_leads_there_from_worth(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    open_returning_shop(120)
    refresh(NOW)
    client = as_user(ada)

    page = client.get("/worth/lifetime/").text

    report = LearnedModel.objects.get().report
    assert "came nearest to what customers did" in page
    assert page.count('<rect class="column lifetime-came"') == len(report["by_frequency"])
    for words in (
        "BG/NBD",
        "MBG/NBD",
        "Pareto/NBD",
        "Same rate as before",
        "As a table",
        "Does the next order come when it is due?",
        "Her own rhythm so far",
        "purchase_days v2",
        "120 customers who bought",
    ):
        assert words in page
    assert 'href="/customers/?sort=-expected_value"' in page
    assert "Expected value, next 12 months" in client.get("/customers/?sort=-expected_value").text
    assert (
        "Expected value, next 12 months"
        not in client.get("/customers/").text.partition("</thead>")[0].partition("<thead>")[2]
    )
    assert 'href="/worth/lifetime/"' in client.get("/worth/?as_of=2024-12-31").text
    somebody = CustomerLifetime.objects.exclude(due_on=None).select_related("customer").first()
    assert somebody is not None
    hers = client.get(f"/customers/{somebody.customer.public_id}/").text
    assert "still a customer" in hers
    assert "next order due" in hers
    assert 'class="column expected"' in hers
    assert "about £" in hers
    arithmetic = client.get(f"/customers/{somebody.customer.public_id}/worth/").text
    assert arithmetic.count("of such cases") == 2
    assert "order nothing in that time" in arithmetic
    assert "Each customer has a range of orders" in page


def test_reports_with_something_to_be_careful_with_say_so(home: Path, business: Any, as_user: Any, ada: Any) -> None:
    open_returning_shop(120)
    refresh(NOW)
    learned = LearnedModel.objects.get()
    report = learned.report
    report["spending"]["correlation"] = 0.5
    report["acquired"]["first_on"] = "2019-01-01"
    next(each for each in report["models"] if each["model"] == report["model"])["at_limit"] = ["b"]
    report["baseline"]["rmse"] = 0.0001
    LearnedModel.objects.filter(pk=learned.pk).update(report=report)

    page = as_user(ada).get("/worth/lifetime/").text

    for words in ("also spends more", "won from 1 Jan 2019", "do not settle the parameter b", "No model came nearer"):
        assert words in page
    report["spending"] = {"model": "Gamma-Gamma", "refused": "Only 5"}
    report["spending"]["correlation"] = -0.5
    report["forecast"]["value"] = None
    LearnedModel.objects.filter(pk=learned.pk).update(report=report)
    page = as_user(ada).get("/worth/lifetime/").text
    assert "nothing is said of value" in page
    assert "spends less" in page


def test_before_a_refresh_and_where_data_cannot_carry_it_the_page_says_so(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/worth/lifetime/").text

    make_orders(make_customer(), [date(2024, 1, 1)])
    refresh(NOW)

    page = client.get("/worth/lifetime/").text
    assert "The data cannot carry a forecast" in page
    assert "who bought: 1." in page
