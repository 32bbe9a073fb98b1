"""What scores propose to do next: who is valuable and at risk, and champions who slipped; with what is at stake."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from rapport.core.acting import SYSTEM, acting
from rapport.insight.models import CustomerLifetime, CustomerWorth, SettledGroup, TraitRun
from rapport.insight.next_actions import RULES, yearly_micros
from rapport.insight.tests.shop import MICROS, make_customer

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def customers(alice: Any, business: Any) -> list[Any]:
    with acting(SYSTEM):
        TraitRun.objects.create(
            snapshot_folder="x", as_of=TODAY, since=TODAY, currency="GBP", monetary="average", customers=4, edges={},
            finished_at=NOW,
        )  # fmt: skip
    return [make_customer(f"Customer {number}", owner=alice) for number in range(5)]


def know(customer: Any, segment: str, *, alive: float | None, band: int = 5, **group: Any) -> None:
    """Forty orders that came to 1,460.00 within 730 days: 730.00 a year."""
    with acting(SYSTEM):
        CustomerWorth.objects.create(
            customer=customer, segment=segment, segment_before=segment, recency_band=1, frequency_band=band,
            monetary_band=band, purchases=40, reversals=0, gross_micros=1_460 * MICROS, value_micros=1_460 * MICROS,
            first_purchase_on=date(2023, 12, 1), last_purchase_on=date(2025, 11, 30), months=[0] * 12,
        )  # fmt: skip
        if alive is not None:
            CustomerLifetime.objects.create(customer=customer, alive_percent=alive, expected_purchases=1)
        if group:
            SettledGroup.objects.create(
                customer=customer, recency_band=1, frequency_band=band, segment=segment, **group
            )


def found(rule: str, customers: list[Any]) -> dict[int, Any]:
    find = next(each.find for each in RULES if each.name == rule)
    return dict(find([customer.pk for customer in customers], NOW))


def test_the_valuable_at_risk_have_their_yearly_value_times_the_risk_at_stake(customers: list[Any]) -> None:
    first, second, poor, fine, unknown = customers
    know(first, "at_risk", alive=20)
    know(second, "loyal", alive=49)
    know(poor, "at_risk", alive=20, band=2)
    know(fine, "champions", alive=95)
    know(unknown, "at_risk", alive=None)

    told = found("valuable_at_risk", customers)

    assert {key: (each.micros, each.currency, round(each.likelihood, 6)) for key, each in told.items()} == {
        first.pk: (730 * MICROS, "GBP", 0.8),
        second.pk: (730 * MICROS, "GBP", 0.51),
        unknown.pk: (730 * MICROS, "GBP", 0.5),
    }
    assert "from 40 orders so far" in told[first.pk].reason
    assert "80\u00a0% likely that this is over" in told[first.pk].reason
    assert "likely that" not in told[unknown.pk].reason
    assert found("champion_slipped", customers) == {}


def test_a_champion_who_slipped_lately_stands_in_her_own_rule_alone(customers: list[Any]) -> None:
    slipped, long_ago = customers[:2]
    know(slipped, "at_risk", alive=40, changed_on=date(2026, 2, 1), left_champions_on=date(2025, 12, 1))
    know(long_ago, "at_risk", alive=40, changed_on=date(2025, 12, 1), left_champions_on=date(2025, 11, 1))

    assert set(found("champion_slipped", customers)) == {slipped.pk}
    assert "A champion until lately" in found("champion_slipped", customers)[slipped.pk].reason
    assert set(found("valuable_at_risk", customers)) == {long_ago.pk}


def test_who_is_as_good_as_gone_does_not_fill_the_day(customers: list[Any]) -> None:
    gone, hardly, slipped = customers[:3]
    know(gone, "at_risk", alive=4.9)
    know(hardly, "at_risk", alive=5)
    know(slipped, "at_risk", alive=1, changed_on=date(2026, 2, 1), left_champions_on=date(2025, 12, 1))

    assert set(found("valuable_at_risk", customers)) == {hardly.pk}
    assert found("champion_slipped", customers) == {}


def test_before_the_first_refresh_nothing_is_said(db: None) -> None:
    assert found("valuable_at_risk", [make_customer()]) == {}


def test_a_short_history_counts_as_a_year() -> None:
    assert yearly_micros(100 * MICROS, days=0) == 100 * MICROS
    assert yearly_micros(100 * MICROS, days=365) == 100 * MICROS
    assert yearly_micros(100 * MICROS, days=3650) == 10 * MICROS
