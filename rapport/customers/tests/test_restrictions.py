"""Somebody who is restricted is kept, and nothing is done with her."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.audit.models import AuditEvent
from rapport.commerce.models import Order, OrderKind
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import ensure_source
from rapport.customers.consents import restrictions
from rapport.customers.consents.restrictions import lift_restriction, restrict_processing
from rapport.customers.models import Customer, Restriction
from rapport.customers.tests.test_bulk_acts import assign, owners
from rapport.customers.tests.test_consents import DAY, may, say
from rapport.customers.tests.world import add_profile, make_customer
from rapport.customers.whole_person import customers_in_trash
from rapport.identity.actions import merge_customers, split_customer
from rapport.records.tests.test_exporting import content_of, export, rows_of
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")


def restrict(customer: Customer, **values: Any) -> bool:
    return restrict_processing(customer, **{"ground": "disputed", "by": SYSTEM, "now": NOW - DAY, **values})


def test_nothing_counts_as_agreed_while_somebody_is_restricted_and_all_of_it_does_again_afterwards() -> None:
    customer = make_customer()
    say(customer, "granted", days_ago=9)
    assert may(customer)

    assert restrict(customer)
    assert not may(customer)

    assert lift_restriction(customer, by=SYSTEM, now=NOW)
    assert may(customer)
    assert not may(customer, now=NOW - DAY / 2)


def test_restricting_twice_is_once_and_lifting_what_is_not_restricted_is_nothing() -> None:
    customer = make_customer()

    assert not lift_restriction(customer, by=SYSTEM, now=NOW)
    assert restrict(customer)
    assert not restrict(customer, ground="claims")
    assert [each.ground for each in Restriction.objects.all()] == ["disputed"]


def test_a_merge_takes_the_restriction_along_and_a_split_leaves_it_where_it_was() -> None:
    held, free = make_customer("Ana"), make_customer("Ana S.")
    restrict(held)

    merge_customers(free.pk, [held.pk], by=SYSTEM, now=NOW)
    assert restrictions.is_restricted(free.pk, now=NOW)

    split_customer(free.pk, [held.pk], by=SYSTEM, now=NOW)
    assert restrictions.is_restricted(held.pk, now=NOW)
    assert not restrictions.is_restricted(free.pk, now=NOW)


def test_whoever_was_restricted_as_one_is_restricted_on_both_sides_of_a_split() -> None:
    one, other = make_customer("Ana"), make_customer("Ana S.")
    merge_customers(one.pk, [other.pk], by=SYSTEM, now=NOW)
    restrict(one)

    split_customer(one.pk, [other.pk], by=SYSTEM, now=NOW)

    assert restrictions.restricted_ids() == sorted([one.pk, other.pk])


def test_a_source_that_speaks_of_her_later_does_not_set_her_free() -> None:
    customer = make_customer()
    restrict(customer)

    add_profile(customer, source="till", external_id="9")

    assert restrictions.is_restricted(customer.pk, now=NOW)


def test_lists_that_go_out_as_files_leave_her_and_her_orders_out(ada: Any, as_user: Any, home: Any) -> None:
    held, free = make_customer("Held"), make_customer("Free")
    with acting(SYSTEM):
        source = ensure_source("shop", label="Shop", priority=100)
        for customer in (held, free):
            Order.objects.create(
                source_id=source.pk, external_id=f"order of {customer.name}", kind=OrderKind.SALE, customer=customer,
                channel="web_shop", currency="GBP", total_micros=1, line_count=0, placed_at=NOW,
            )  # fmt: skip
    restrict(held)
    client = as_user(ada)

    people = rows_of(content_of(client, export(client, column=["name"])))
    orders = rows_of(content_of(client, export(client, "order", column=["number"])))

    assert [row[1] for row in people[1:]] == ["Free"]
    assert [row[1] for row in orders[1:]] == ["order of Free"]


def test_acts_on_many_leave_her_alone_and_say_so(ada: Any, bob: Any, as_user: Any) -> None:
    held, free = make_customer("Held"), make_customer("Free")
    restrict(held)

    run = assign(as_user(ada), held, free, to=bob)

    assert owners(held, free) == [None, bob]
    assert "restricted" in as_user(ada).get(f"/selected/runs/{run.public_id}/").content.decode()


def test_the_list_finds_who_is_restricted(ada: Any, as_user: Any) -> None:
    restrict(make_customer("Held"))
    make_customer("Free")

    html = as_user(ada).get("/customers/?filter=restricted.is:yes").content.decode()

    assert "Held" in html
    assert "Free" not in html


def test_the_trash_keeps_who_is_restricted() -> None:
    held, free = make_customer("Held"), make_customer("Free")
    restrict(held)
    with acting(SYSTEM):
        Customer.objects.filter(pk__in=[held.pk, free.pk]).update(trashed_at=NOW - 2 * DAY)

    assert customers_in_trash(NOW) == [free.pk]


def test_the_trail_tells_who_restricted_and_lifted(ada: Any) -> None:
    customer = make_customer()

    restrict(customer, by=ada)
    lift_restriction(customer, by=ada, now=NOW)

    events = AuditEvent.objects.filter(table_name="customers_restriction").order_by("id")
    assert list(events.values_list("operation", "actor_label")) == [
        ("insert", ada.actor_label),
        ("update", ada.actor_label),
    ]
