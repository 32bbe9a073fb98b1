"""Fills a fresh database with the world of the browser tests, and prints it as JSON: session keys and ids.

Run as `python -m tests.browser.site_world` in the environment of the site.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from datetime import datetime, timedelta
from typing import Any

import django

from tests.browser.session import session_key
from tests.names import CITIES, FAMILY_NAMES, GIVEN_NAMES, LEADERS, PRODUCTS

CUSTOMERS = 60
LAPSED = 42  # Alice's: she bought much and often, and has not for long
LOST = 6  # the last of all, who came once: each looked around, bought, and has not been seen since a complaint
TEAM_OF = {"Alice": "North", "Bob": "North", "Charlie": "South", "Rita": "North", "Ada": None}
ROLE_OF = {"Ada": "Administrator", "Alice": "Sales", "Bob": "Sales", "Charlie": "Sales", "Rita": "Reader"}


def make_world() -> dict[str, Any]:
    from rapport.core.acting import SYSTEM, acting
    from rapport.core.clock import utc_now

    now = utc_now()
    with acting(SYSTEM):
        users = _write_staff(now)
        customers = _write_customers(users, now)
        _write_webhook(users["Ada"], now)
    return {"sessions": {name: session_key(user) for name, user in users.items()}, "customers": customers}


def _write_staff(now: datetime) -> dict[str, Any]:
    from rapport.accounts.models import Business, Role, Team, User
    from tests.world import PASSWORD

    Business.objects.create(id=1, name="Tiny Ltd", time_zone="Europe/London", currency="GBP", set_up_at=now)
    teams: dict[str | None, Any] = {None: None} | {name: Team.objects.create(name=name) for name in ("North", "South")}
    return {
        name: User.objects.create_user(
            f"{name.lower()}@example.com", PASSWORD, name=f"{name} Ames", role=Role.objects.get(name=role),
            team=teams[TEAM_OF[name]], joined_at=now,
        )
        for name, role in ROLE_OF.items()
    }  # fmt: skip


def _write_webhook(ada: Any, now: datetime) -> None:
    """An endpoint that is paused, so that nothing leaves, with a message that once was not accepted."""
    from rapport.webhooks.models import Attempt, Endpoint, EndpointState, Message, MessageState

    url = "https://hooks.example.com/customers/that/have/changed"
    paused = Endpoint.objects.create(
        url=url, description="Shop", types=["customer.changed", "person.erased"], owner=ada, made_at=now,
        state=EndpointState.PAUSED,
    )  # fmt: skip
    told = Message.objects.create(
        endpoint=paused, event_id=uuid.UUID(int=7, version=4), type="customer.changed", about="customer", try_count=1,
        ids=[str(uuid.UUID(int=1, version=4))], more={"changed": ["city"]}, state=MessageState.FAILED, next_try_at=None,
        ended_at=now,
    )  # fmt: skip
    Attempt.objects.create(
        message=told, number=1, tried_at=now, took_ms=214, status=500, problem="status", answer="Internal Server Error"
    )


def _write_customers(users: dict[str, Any], now: datetime) -> dict[str, str]:
    """Sixty people of a web shop; the first are known by name, all have bought, the first ones lately and often."""
    from rapport.commerce import demo as commerce
    from rapport.customers import demo as customers

    names = [*LEADERS, *(_name(place) for place in range(len(LEADERS), CUSTOMERS))]
    public_ids = [uuid.UUID(int=place + 1, version=4) for place in range(CUSTOMERS)]
    owners = [1 + place % 3 if place % 5 else None for place in range(CUSTOMERS)]
    staff_ids = [users[name].pk for name in ("Alice", "Bob", "Charlie")]
    sources = customers.write_sources([customers.SourceRow("shop", "Web shop", 50)])
    loaded = customers.write_customers(
        [customers.CustomerRow(public_ids[place], "person", owners[place], now) for place in range(CUSTOMERS)],
        [_profile(place, names[place], now) for place in range(CUSTOMERS)],
        [customers.IdentifierRow(1, _email(place), place + 1) for place in range(CUSTOMERS)],
        [_further_address(place) for place in (0, 32)],
        source_ids=sources, staff_ids=staff_ids,
    )  # fmt: skip
    customers.write_relationships(
        [customers.RelationshipRow(uuid.UUID(int=9001, version=4), "household", 1, 33, "sister", None)],
        customer_of=lambda place: loaded.first_customer + place - 1, first_profile=loaded.first_profile,
    )  # fmt: skip
    first_product = commerce.write_products(
        [
            commerce.ProductRow(uuid.uuid4(), f"P{place}", name, category, price * 10**6, price * 6 * 10**5, now)
            for place, (name, category, price) in enumerate(PRODUCTS)
        ],
        source_id=sources["shop"], currency="GBP",
    )  # fmt: skip
    orders = [order for place in range(CUSTOMERS) for order in _orders(place, now)]
    first_order = commerce.write_orders(
        orders, source_ids=sources, customer_of=lambda place: loaded.first_customer + place - 1,
        first_profile=loaded.first_profile, first_product=first_product, currency="GBP",
    )  # fmt: skip
    customers.write_touchpoints(
        [_touchpoint(order, first_order + number) for number, order in enumerate(orders)] + _of_the_lost(orders),
        customer_of=lambda place: loaded.first_customer + place - 1, first_profile=loaded.first_profile,
        from_day=(now - timedelta(days=800)).date(), to_day=now.date(),
    )  # fmt: skip
    return {names[place]: str(public_ids[place]) for place in range(CUSTOMERS)}


def _name(place: int) -> str:
    return f"{GIVEN_NAMES[place % len(GIVEN_NAMES)]} {FAMILY_NAMES[place % len(FAMILY_NAMES)]}"


def _email(place: int) -> str:
    return f"customer{place}@example.com"


def _further_address(place: int) -> Any:
    from rapport.customers import demo as customers

    parts = {
        "street": "Rua das Oliveiras 210",
        "postal_code": "50050-001",
        "city": "Recife",
        "region": "PE",
        "country": "BR",
    }
    value = ", ".join(parts.values())
    return customers.ContactPointRow(
        uuid.UUID(int=9100 + place, version=4), place + 1, "address", "billing", value, None, parts
    )


def _profile(place: int, name: str, now: datetime) -> Any:
    from rapport.customers.demo import ProfileRow

    city, country = CITIES[place % len(CITIES)]
    values = {"name": name, "email": _email(place), "phone": f"+4420794600{place:02}", "city": city, "country": country}
    return ProfileRow(place + 1, "shop", f"C{place}", "person", now, {"Name": name}, values)


def _orders(place: int, now: datetime) -> list[Any]:
    from rapport.commerce.demo import LineRow, OrderRow

    made = []
    for number in range(8 if place == LAPSED else 1 + (CUSTOMERS - place) // 12):
        placed = now - timedelta(days=3 + place * 4 + number * 40, hours=place % 9)
        product = (place + number) % len(PRODUCTS)
        quantity = 9 if place == LAPSED else 1 + number % 3
        line = LineRow(product + 1, PRODUCTS[product][0], quantity, PRODUCTS[product][2] * 10**6)
        made.append(
            OrderRow(
                uuid.uuid4(), "shop", f"{10_000 + place * 20 + number}", "sale", None, place + 1, "web_shop", placed,
                (placed + timedelta(days=3)).date(), placed + timedelta(days=1), placed + timedelta(days=3 + place % 3),
                (line,),
            )
        )  # fmt: skip
    return made


def _touchpoint(order: Any, record: int) -> Any:
    from rapport.customers.demo import TouchpointRow

    summary = f"Order {order.external_id}: {order.lines[0].description}"
    return TouchpointRow(order.placed_at, order.profile, "order", "web_shop", "in", record, summary)


def _of_the_lost(orders: list[Any]) -> list[Any]:
    """What was before and after the one order of each of the lost."""
    from rapport.customers.demo import TouchpointRow

    made = []
    for order in orders[-LOST:]:
        before, after = order.placed_at - timedelta(days=1), order.placed_at + timedelta(days=5)
        made.append(TouchpointRow(before, order.profile, "page_view", "web", "in", None, "Looked around"))
        made.append(TouchpointRow(after, order.profile, "case", "email", "in", None, "It came broken"))
    return made


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    json.dump(make_world(), sys.stdout)
