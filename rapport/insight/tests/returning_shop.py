"""A shop whose customers come back and leave by lot: enough of them for a model to learn from, made at one go."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rapport.commerce.models import Order
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Profile, Source
from rapport.insight.tests.shop import MICROS

OPENED, CLOSED = date(2024, 1, 1), date(2025, 1, 1)


def open_returning_shop(customers: int = 240, *, seed: int = 5) -> list[Any]:
    """Customers won in the first quarter of 2024, who buy up to its end every few weeks until each leaves for good."""
    draw = random.Random(seed)
    return _opened([_purchases(draw) for _each in range(customers)])


def open_mixed_shop(customers: int = 260, *, seed: int = 3) -> list[Any]:
    """As many won in the first quarter of 2023, who come back for years, as in that of 2024, of whom most never do."""
    draw = random.Random(seed)
    loyal = [_purchases(draw, opened=date(2023, 1, 1), leaves=(1, 40)) for _each in range(customers)]
    fleeting = [_purchases(draw, leaves=(4, 2)) for _each in range(customers)]
    return _opened(loyal + fleeting)


def _opened(purchases: list[list[tuple[date, float]]]) -> list[Any]:
    """One customer for each list of days and totals."""
    customers = len(purchases)
    with acting(SYSTEM):
        source, _ = Source.objects.get_or_create(name="shop", defaults={"label": "Shop", "priority": 10})
        made = Customer.objects.bulk_create(
            Customer(name=f"Buyer {number}", sort_key=f"buyer {number:05}") for number in range(customers)
        )
        seen = datetime(2026, 1, 1, tzinfo=UTC)
        profiles = Profile.objects.bulk_create(
            Profile(customer=each, source=source, external_id=str(each.public_id), name=each.name, seen_at=seen)
            for each in made
        )
        orders = [
            Order(
                source_id=source.pk, kind="sale", customer=each, profile_id=profile.pk, channel="web_shop", currency="GBP",
                total_micros=round(total * MICROS), line_count=1, placed_at=datetime.combine(day, time(12), UTC),
            )
            for each, profile, bought in zip(made, profiles, purchases, strict=True) for day, total in bought
        ]  # fmt: skip
        for number, each in enumerate(orders):
            each.external_id = str(number)
        Order.objects.bulk_create(orders)
    return made


def _purchases(
    draw: random.Random, *, opened: date = OPENED, leaves: tuple[float, float] = (1, 3)
) -> list[tuple[date, float]]:
    day, spends = opened + timedelta(days=draw.randrange(90)), draw.gammavariate(4, 10)
    gap, leaving = 1 / draw.gammavariate(1.2, 1 / 40), draw.betavariate(*leaves)
    found = []
    while day < CLOSED:
        found.append((day, draw.gammavariate(6, spends / 6)))
        if draw.random() < leaving:
            break
        day += timedelta(days=max(1, round(draw.expovariate(1 / gap))))
    return found
