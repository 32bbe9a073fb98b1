"""What somebody can see, and why: the page's answer is the gate's, over random worlds, and it names the rule."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from rapport.accounts.models import Role, Share, Team, User
from rapport.commerce.lists import ORDERS
from rapport.commerce.models import Order, OrderKind, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import save_layout
from rapport.records.lists.querying import count_rows, fetch_page, read_request
from rapport.records.record_kinds import record_kinds, records_by_id
from rapport.work.models import Task
from rapport.work.seeing import answer_about
from rapport.work.sharing import share_record
from rapport.work.tests.world import record_of
from tests.world import NOW, without_tokens

RIGHTS = ["commerce.view", "customers.view", "work.view"]


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_equals_the_gate_for_every_person_and_record_of_a_random_world(ada: Any, seed: int) -> None:
    draw = random.Random(seed)
    with acting(SYSTEM):
        people, records = _random_world(draw)

    compared = 0
    for person in people:
        for kind, keys in records.items():
            seen = set(records_by_id(person, kind, keys))
            for key in keys:
                answer = answer_about(person, kind, key, reader=ada)
                assert answer.sees == (key in seen), (person.name, kind, key, answer)
                assert answer.rules
                assert any(rule.opens for rule in answer.rules) or not answer.sees
                compared += 1
        for of in (CUSTOMERS, ORDERS):
            if person.has_right("customers.view") and person.has_right("commerce.view"):
                asked = read_request(QueryDict(), of, user=person)
                found = [row.id for row in fetch_page(asked, columns=[]).rows]
                assert sorted(found) == sorted(set(records_by_id(person, of.name, records[of.name])))
                assert count_rows(asked).number == len(found)
    assert compared == len(people) * sum(len(keys) for keys in records.values())


def _random_world(draw: random.Random) -> tuple[list[Any], dict[str, list[int]]]:
    """A tree of teams, people of all kinds, and records of theirs, of nobody's, in the trash, merged and shared."""
    teams: list[Any] = []
    for number in range(4):
        teams.append(Team.objects.create(name=f"T{number}", parent=draw.choice([None, *teams])))
    roles = [
        Role.objects.create(name=f"R{number}", scope=draw.choice(["own", "team", "team", "all"]), rights=rights)
        for number, rights in enumerate((RIGHTS, RIGHTS, RIGHTS, ["customers.view", "work.view"]))
    ]
    made = [
        User.objects.create_user(
            f"p{number}@example.com", name=f"P{number}", role=draw.choice(roles), team=draw.choice([None, *teams]),
            joined_at=NOW, is_active=draw.random() < 0.9,
        )
        for number in range(6)
    ]  # fmt: skip
    customers = [Customer.objects.create(owner=draw.choice([None, *made]), name=f"C{number}") for number in range(8)]
    Customer.objects.filter(pk=customers[0].pk).update(trashed_at=NOW)
    Customer.objects.filter(pk=customers[1].pk).update(merged_into=customers[2])
    orders = [
        Order.objects.create(
            source_id=1, external_id=str(number), kind=OrderKind.SALE, customer=draw.choice([None, customers[0], *customers[2:]]),
            channel="store", currency="GBP", total_micros=0, line_count=0, placed_at=NOW,
        )
        for number in range(6)
    ]  # fmt: skip
    product = Product.objects.create(source_id=1, code="P")
    tasks = [_random_task(draw, made, customers[2:], orders, number) for number in range(6)]
    for _each in range(10):
        _random_share(draw, made, teams, customers, orders)
    people = list(User.objects.filter(pk__in=[each.pk for each in made]).select_related("role", "team"))
    return people, {
        "customer": [each.pk for each in customers],
        "order": [each.pk for each in orders],
        "product": [product.pk],
        "task": [each.pk for each in tasks],
    }


def _random_task(draw: random.Random, people: list[Any], customers: list[Any], orders: list[Any], number: int) -> Any:
    place: dict[str, Any] = draw.choice(
        [
            {},
            {"record_kind": "customer", "customer": draw.choice(customers)},
            {"record_kind": "order", "record_id": draw.choice(orders).pk},
        ]
    )
    return Task.objects.create(
        title=str(number), assignee=draw.choice([None, *people]), created_by=draw.choice(people), created_at=NOW,
        updated_at=NOW, trashed_at=draw.choice([None, None, None, NOW]), **place,
    )  # fmt: skip


def _random_share(
    draw: random.Random, people: list[Any], teams: list[Any], customers: list[Any], orders: list[Any]
) -> None:
    whom: dict[str, Any] = draw.choice([{"person": draw.choice(people)}, {"team": draw.choice(teams)}])
    of: dict[str, Any] = draw.choice(
        [
            {"record_kind": "customer", "customer_id": draw.choice(customers).pk},
            {"record_kind": "order", "record_id": draw.choice(orders).pk},
        ]
    )
    days = draw.choice([None, 1, -1])
    ends_at = timezone.now() + timedelta(days=days) if days is not None else None
    Share.objects.create(
        **whom, **of, may_edit=draw.random() < 0.5, ends_at=ends_at, shared_by=people[0], shared_at=NOW
    )


def test_the_page_names_the_rule_and_leads_to_where_it_is_set(
    ada: Any, alice: Any, bob: Any, charlie: Any, south: Any, as_user: Any
) -> None:
    souza = make_customer("Padaria Souza", owner=alice)
    ends_at = timezone.now() + timedelta(days=9)
    share_record(record_of(souza, by=alice), south, may_edit=True, ends_at=ends_at, by=alice, now=timezone.now())
    save_layout(
        bob.role, "customer", hidden=("phone",), ordering=(), columns=None, hidden_panels=(), panel_ordering=(), by=ada
    )
    client, link = as_user(ada), f"https://crm.example{reverse('customer', args=[souza.public_id])}?tab=files"

    def ask(whom: Any, link: str = "") -> str:
        kind = "role" if isinstance(whom, Role) else "person"
        answer = client.get(reverse("seeing"), {"whom": f"{kind}:{whom.public_id}", "link": link})
        assert answer.status_code == 200
        return without_tokens(answer)

    team, shared, alone = ask(bob, link), ask(charlie, link), ask(bob)

    assert "Bob sees this" in team
    assert "It belongs to Alice in North" in team
    assert "Charlie sees this" in shared
    assert "Alice shared it with the team South, to be changed" in shared
    raw = client.get(reverse("seeing"), {"whom": f"person:{charlie.public_id}", "link": link}).getvalue().decode()
    assert reverse("record_sharing", args=["customer", souza.public_id]) in raw
    assert re.search(r"Hidden fields:[^.]*Phone", " ".join(alone.split()))
    assert "reaches all records" in ask(ada, link)
    assert "visible now" not in ask(bob.role)
    with acting(SYSTEM):
        Share.objects.all().delete()
    closed = ask(charlie, link)
    assert "Charlie does not see this" in closed
    assert "It belongs to Alice" in closed
    assert "It is not shared with Charlie" in closed
    with acting(SYSTEM):
        User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert "deactivated" in ask(charlie, link)

    assert client.get(reverse("seeing")).status_code == 200
    unknown = client.get(reverse("seeing"), {"whom": f"person:{bob.public_id}", "link": "https://crm.example/"})
    assert unknown.status_code == 422
    assert as_user(alice).get(reverse("seeing")).status_code == 403
    assert all(kind.holding is not None for kind in record_kinds().values() if kind.name != "sample")
