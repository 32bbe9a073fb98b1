"""The values of the worth page, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from rapport.insight import actions, queries
from rapport.insight.rfm.computing import Question
from rapport.insight.rfm.page import WorthPage, worth_page
from rapport.insight.tests.shop import make_customer, make_order, make_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)
QUARTER_BEFORE = date(2025, 12, 10)


def page(as_of: date = TODAY, since: date = QUARTER_BEFORE) -> WorthPage:
    snapshot = queries.current_snapshot() or actions.refresh(settings=queries.report_settings(), now=NOW).snapshot
    question = Question(as_of, since, "average")
    return worth_page(snapshot, question=question, run=queries.newest_run(), rules=queries.segment_rules())


@pytest.fixture
def shop(home: Path, business: Any) -> None:
    """One customer left two years ago, one came back, one is new."""
    left, back, new = make_customer("Left"), make_customer("Back"), make_customer("New")
    make_orders(left, [date(2024, 3, 1), date(2024, 4, 1)], 100)
    make_orders(back, [date(2025, 2, 10), date(2025, 11, 5), date(2026, 2, 28)], 40)
    make_orders(new, [date(2026, 3, 9)], 30)
    make_order(None, datetime(2026, 2, 1, tzinfo=UTC), 5)
    make_order(back, datetime(2026, 3, 1, tzinfo=UTC), -40, kind="return")


def test_revenue_compares_whole_months_with_whole_months(shop: None) -> None:
    revenue = page().tiles[3]

    # March 2025 to February 2026 against March 2024 to February 2025; the open March counts in neither
    assert (revenue["value"], revenue["note"]) == ("£85", "−65\u00a0% on the 12 months before")


def test_a_month_counts_from_its_last_day_on(shop: None) -> None:
    assert page(as_of=date(2026, 2, 28)).tiles[3]["value"] == "£85"
    assert page(as_of=date(2026, 2, 27)).tiles[3]["value"] == "£80"


def test_the_chart_shows_twelve_months_and_the_open_one(shop: None) -> None:
    found = page()

    assert len(found.months) == 13
    assert found.months[0][:2] == ("Mar 2025", 0)
    assert found.months[-2] == ("Feb 2026", 45_000_000, "£45", "", "")
    assert found.months[-1] == ("Mar 2026", -10_000_000, "−£10", "open", "")
    assert not page(as_of=date(2026, 2, 28)).month_is_open


def test_growth_and_loss_of_segments_add_up_to_the_newcomers(shop: None) -> None:
    found = page()

    assert sum(segment.moved for segment in found.segments) == 1
    assert [(str(move.before), str(move.now), move.customers) for move in found.moves if "not" in str(move.before)] == [
        ("Had not bought", "New", 1)
    ]


def test_shares_of_value_add_up(shop: None) -> None:
    assert sum(segment.share for segment in page().segments) == pytest.approx(1)


def test_only_the_day_of_the_traits_can_be_listed(shop: None) -> None:
    today, earlier = page(), page(as_of=date(2026, 3, 9))

    assert any(move.href for move in today.moves)
    assert any(cell.get("href") for _label, cells in today.matrix for cell in cells)
    assert not any(cell.get("href") for _label, cells in earlier.matrix for cell in cells)
    assert not any(segment.href for segment in earlier.segments)


def test_who_moved_since_another_day_cannot_be_listed(shop: None) -> None:
    assert not any(move.href for move in page(since=date(2026, 1, 1)).moves)
