"""What orders propose to do next: late ones, the usual re-order, the usual product; each figure worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from rapport.commerce.models import Order, OrderKind, OrderLine, Product
from rapport.commerce.next_actions import RULES
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Source
from rapport.customers.next_best.rules import Found
from rapport.customers.tests.world import make_customer, touch
from tests.world import NOW

EURO = 1_000_000
TODAY = NOW.date()


@pytest.fixture
def ana(alice: Any, business: Any) -> Customer:
    return make_customer("Ana Souza", owner=alice)


def order(customer: Customer, days_ago: int, total: int = 10, **more: Any) -> Order:
    with acting(SYSTEM):
        return Order.objects.create(
            source_id=Source.objects.get(name="shop").pk, external_id=str(Order.objects.count() + 1), customer=customer,
            channel="store", currency="GBP", total_micros=total * EURO, line_count=1,
            placed_at=NOW - timedelta(days=days_ago), **({"kind": OrderKind.SALE} | more),
        )  # fmt: skip


def line(of: Order, name: str, amount: int = 10) -> None:
    with acting(SYSTEM):
        product, _new = Product.objects.get_or_create(source_id=of.source_id, code=name, defaults={"name": name})
        OrderLine.objects.create(
            order=of, number=OrderLine.objects.filter(order=of).count() + 1, product=product, quantity=1,
            unit_price_micros=amount * EURO, amount_micros=amount * EURO,
        )  # fmt: skip


def found(rule: str, customer: Customer, *, days_on: int = 0) -> Found | None:
    find = next(each.find for each in RULES if each.name == rule)
    return find([customer.pk], NOW + timedelta(days=days_on)).get(customer.pk)


def ahead(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_an_order_that_came_late_is_called_about_until_somebody_spoke_or_a_month_passed(ana: Customer) -> None:
    late = order(ana, 10, 386, promised_on=ahead(-5), delivered_at=NOW - timedelta(days=3))

    told = found("late_delivery", ana)

    assert told is not None
    assert (told.micros, told.currency) == (386 * EURO, "GBP")
    assert "came 2 days late" in told.reason
    assert f"Order {late.external_id} was promised for" in told.reason
    assert found("late_delivery", ana, days_on=27) is not None
    assert found("late_delivery", ana, days_on=28) is None
    touch(ana, "call", days_ago=4, direction="out")
    assert found("late_delivery", ana) is not None  # spoken before it came
    touch(ana, "call", days_ago=2, direction="out")
    assert found("late_delivery", ana) is None


def test_an_order_that_has_not_come_is_late_and_one_in_time_or_taken_back_is_not(ana: Customer) -> None:
    order(ana, 10, promised_on=ahead(-5), delivered_at=NOW - timedelta(days=5))
    order(ana, 10, promised_on=ahead(0))
    assert found("late_delivery", ana) is None
    missing = order(ana, 10, promised_on=ahead(-1))
    told = found("late_delivery", ana)
    assert told is not None
    assert "is 1 day late by now" in told.reason
    order(ana, 0, kind=OrderKind.CANCELLATION, reverses=missing)
    assert found("late_delivery", ana) is None


def test_the_usual_reorder_is_due_by_the_median_of_the_own_intervals(ana: Customer) -> None:
    for days_ago in (100, 90, 60, 60, 30):  # days of purchase 100, 90, 60 and 30 ago: intervals 10, 30 and 30
        order(ana, days_ago, 20)

    told = found("reorder_due", ana)

    assert told is not None
    assert "every 30 days (the median of 3 intervals)" in told.reason
    assert (told.micros, told.likelihood) == (20 * EURO, 0.5)  # by day: 20, 20, 40 and 20
    assert found("reorder_due", ana, days_on=-7) is not None
    assert found("reorder_due", ana, days_on=-8) is None
    assert found("reorder_due", ana, days_on=30) is not None
    assert found("reorder_due", ana, days_on=31) is None


def test_three_days_of_purchase_tell_no_rhythm_and_returns_are_none(ana: Customer) -> None:
    for days_ago in (60, 40, 20):
        order(ana, days_ago)
    order(ana, 10, kind=OrderKind.RETURN)

    assert found("reorder_due", ana) is None


def test_the_product_in_most_orders_is_offered(ana: Customer) -> None:
    baskets = {40: ("Oats",), 30: ("Oats", "Oats", "Rye"), 20: ("Rye", "Oats"), 10: ("Salt",)}
    for days_ago, names in baskets.items():
        made = order(ana, days_ago)
        for name in names:
            line(made, name)

    told = found("next_product", ana)

    assert told is not None
    assert (told.title, told.likelihood) == ("Offer Oats", 0.75)
    assert told.reason.startswith("It was in 3 of the last 4 orders (75 %)") or "75" in told.reason
    assert told.micros == 13_333_333  # four lines of 10 in three orders
    assert found("next_product", make_customer("Nobody")) is None


def test_a_day_in_the_past_does_not_see_what_came_later(ana: Customer) -> None:
    for days_ago in (100, 90, 60, 30):
        order(ana, days_ago)

    assert found("reorder_due", ana, days_on=-31) is None
