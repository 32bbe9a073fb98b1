"""`rapport report forecast`, the versions that are kept, and the page that says how far they can be trusted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.insight.forecast.computing import revenue_forecast
from rapport.insight.models import LearnedModel
from rapport.insight.preparing import prepare_newest
from rapport.insight.queries import current_snapshot, segment_rules
from rapport.insight.reports import reports
from rapport.insight.tests.returning_shop import CLOSED, open_returning_shop
from rapport.insight.tests.shop import make_customer, make_order, make_orders
from rapport.insight.tests.test_commands import rapport
from rapport.insight.tests.test_traits import refresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
NOW = datetime.combine(CLOSED, datetime.min.time(), UTC) + timedelta(hours=12)
EARLIER = date(2024, 10, 31)


def report(capsys: Any, *arguments: str) -> Any:
    capsys.readouterr()
    assert rapport("report", "forecast", *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_a_day_never_sees_what_came_after_it(home: Path, business: Any, capsys: Any) -> None:
    open_returning_shop(120)
    before = report(capsys, "--as-of", EARLIER.isoformat())
    with_more = make_customer("Late")
    make_orders(with_more, [date(2024, 11, 5), date(2024, 11, 6)], 5000)

    after = report(capsys, "--as-of", EARLIER.isoformat())

    assert "refused" not in before
    assert {**before, "snapshot": ""} == {**after, "snapshot": ""}
    assert (before["period"], before["until"]) == ("week", EARLIER.isoformat())
    assert all(origin["until"] <= EARLIER.isoformat() for origin in before["origins"])
    assert len(before["origins"]) >= 3
    assert {each["name"] for each in before["candidates"]} == {"last", "mean", "drift", "damped", "customers"}
    assert set(before["not_tried"]) == {"seasonal", "winters"}
    assert sum(each["chosen"] for each in before["candidates"]) == 1
    for each in before["forecast"]:
        assert 0 <= each["low_95"] <= each["low_80"] <= each["expected_micros"] <= each["high_80"] <= each["high_95"]
    assert before["total_micros"] == sum(each["expected_micros"] for each in before["forecast"])
    rapport("report", "forecast", "--as-of", EARLIER.isoformat())
    printed = capsys.readouterr().out
    for words in (
        "Net revenue in GBP as of 2024-10-31",
        "MASE",
        "is believed",
        "Like a year before: Too little was known",
    ):
        assert words in printed


def test_what_cannot_be_foretold_is_refused_in_words(home: Path, business: Any, capsys: Any) -> None:
    assert "no orders up to 2024-05-01" in report(capsys, "--as-of", "2024-05-01")["refused"]
    make_orders(make_customer(), [date(2024, 1, 1), date(2024, 3, 1)])
    assert "8 complete periods are known" in report(capsys, "--as-of", "2024-03-02")["refused"]
    assert "The orders end on 2024-03-01" in report(capsys, "--as-of", "2024-12-02")["refused"]
    assert rapport("report", "forecast", "--as-of", "2024-12-02") == 0
    assert capsys.readouterr().out.startswith("No forecast of revenue as of 2024-12-02: The orders end on 1 Mar 2024")


def test_a_forecast_is_made_once_a_day_and_that_of_yesterday_can_be_made_again(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    open_returning_shop(120)
    client = as_user(ada)
    assert "No numbers yet" in client.get("/worth/forecast/").text
    refresh(NOW)
    assert "It is being made" in client.get("/worth/forecast/").text
    prepare_newest(now=NOW)
    prepare_newest(now=NOW + timedelta(hours=1))
    kept = LearnedModel.objects.get(kind="forecast")
    make_order(make_customer("Tomorrow"), NOW + timedelta(days=1), 300)
    refresh(NOW + timedelta(days=1))
    prepare_newest(now=NOW + timedelta(days=1))

    assert LearnedModel.objects.filter(kind="forecast").count() == 2
    snapshot = current_snapshot()
    assert snapshot is not None
    with reports(snapshot, rules=segment_rules()) as answers:
        again = revenue_forecast(answers, as_of=kept.as_of)
    assert {**again, "snapshot": ""} == {**kept.report, "snapshot": ""}

    page = client.get("/worth/forecast/").text
    newest = LearnedModel.objects.filter(kind="forecast").latest("id").report
    for words in (
        "is believed",
        "As a table",
        "revenue_days v1",
        "Did it come?",
        "Net revenue by week",
        "week to 9 Jan 2025",
    ):
        assert words in page
    assert page.count('class="forecast-dot"') == len(newest["forecast"])
    assert page.count(">taken<") == 1
    assert 'href="/worth/forecast/"' in client.get("/worth/?as_of=2024-12-31").text


def test_the_naive_way_and_months_and_a_refusal_are_told_too(
    home: Path, business: Any, as_user: Any, ada: Any, rita: Any
) -> None:
    open_returning_shop(120)
    refresh(NOW)
    prepare_newest(now=NOW)
    kept = LearnedModel.objects.get(kind="forecast")
    told = kept.report
    told |= {"chosen": told["baseline"], "period": "month", "held_out": None, "currency": ""}
    for each in told["candidates"]:
        each["chosen"] = each["name"] == told["baseline"]
    LearnedModel.objects.filter(pk=kept.pk).update(report=told)

    page = as_user(ada).get("/worth/forecast/").text

    assert "no other way was nearer" in page
    assert "Net revenue by month" in page
    refused = {"refused": "Too little.", "refusal": {"words": "Too %(what)s.", "figures": {"what": "little"}}}
    LearnedModel.objects.filter(pk=kept.pk).update(report=refused, is_refused=True)
    assert "Too little." in as_user(ada).get("/worth/forecast/").text
    assert as_user(rita).get("/worth/forecast/").status_code == 403
