"""What happens behind fields of one's own: indexes that make lists sortable, words of the search, and purging."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from rapport.audit.models import AuditEvent
from rapport.commerce.lists import ORDERS
from rapport.commerce.models import Order, OrderKind
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields import actions
from rapport.records.custom_fields.indexes import index_name
from rapport.records.custom_fields.jobs import KEEP_ARCHIVED, index_field, purge_fields, search_field
from rapport.records.lists.querying import fetch_page
from rapport.records.models import CustomField, FieldLayout
from rapport.records.registry import UnknownField
from rapport.records.tests.own_fields import make_field
from rapport.records.tests.test_layouts import hide
from rapport.records.tests.test_lists import ask
from tests.world import NOW


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select indexname from pg_indexes where indexname like 'records_own_%'")
        return [row[0] for row in cursor.fetchall()]


def make_order(number: str, customer: Any, **custom: Any) -> Any:
    with acting(SYSTEM):
        return Order.objects.create(
            source_id=1, external_id=number, kind=OrderKind.SALE, customer=customer, channel="web_shop", currency="GBP",
            total_micros=10**6, line_count=1, placed_at=NOW, custom=custom,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("number", ["9", "10", "100"]),
        ("money", [9_000_000, 10_000_000, 100_000_000]),
        ("date", ["2025-12-31", "2026-01-01", "2026-10-01"]),
        ("text", ["alpha", "Beta", "gamma"]),
    ],
)
def test_a_list_is_sorted_once_the_index_is_there_and_by_it(ada: Any, kind: str, values: list[Any]) -> None:
    field = make_field(ada, "Rank", kind, is_sorted=True)
    for place, value in enumerate(values):
        make_customer(f"Customer {2 - place}", custom={"c_rank": value})
    make_customer("Nobody")
    with pytest.raises(UnknownField):
        ask(CUSTOMERS, ada, sort="c_rank")

    index_field(field.pk)
    asked = ask(CUSTOMERS, ada, sort="-c_rank")
    names = [row["name"] for row in fetch_page(asked, columns=[asked.fields["name"]]).rows]
    with connection.cursor() as cursor:
        cursor.execute("set enable_seqscan = off")
        sort = asked.sort.sort_sql or asked.sort.sql
        cursor.execute(
            f"explain select r.id from customers_customer r where {sort} is not null order by {sort} desc, r.id desc limit 50"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("set enable_seqscan = on")
    actions.change_field(field, by=ada, label="Rank", is_sorted=False)
    index_field(field.pk)

    assert names == ["Customer 0", "Customer 1", "Customer 2", "Nobody"]
    assert index_name(field, "sort") in plan
    assert indexes() == []
    with pytest.raises(UnknownField):
        ask(CUSTOMERS, ada, sort="c_rank")


@pytest.mark.django_db(transaction=True)
def test_an_index_that_a_kill_left_unfinished_is_built_anew(ada: Any) -> None:
    field = make_field(ada, "Rank", "number", is_sorted=True)
    index_field(field.pk)
    index_field(field.pk)

    assert indexes() == [index_name(field, "sort")]
    actions.change_field(field, by=ada, label="Rank", is_sorted=False)
    index_field(field.pk)


@pytest.mark.django_db(transaction=True)
def test_orders_are_found_by_the_beginning_of_an_own_field(ada: Any) -> None:
    field = make_field(ada, "Voucher", object_name="order", is_searched=True)
    customer = make_customer("Ana")
    make_order("1", customer, c_voucher="SPRING-26")
    make_order("2", customer, c_voucher="AUTUMN-25")
    search_field(field.pk)

    asked = ask(ORDERS, ada, q="spring")

    assert [row["number"] for row in fetch_page(asked, columns=[asked.fields["number"]]).rows] == ["1"]
    assert indexes() == [index_name(field, "search")]
    actions.archive_field(field, by=ada, now=NOW)
    search_field(field.pk)
    assert indexes() == []


@pytest.mark.django_db(transaction=True)
def test_an_archived_field_is_purged_with_its_values_after_the_time_of_keeping(ada: Any, alice: Any) -> None:
    gone, kept = make_field(ada, "Gone", is_sorted=True), make_field(ada, "Kept")
    fresh = make_field(ada, "Fresh")
    customer = make_customer("Ana", custom={"c_gone": "x", "c_kept": "y", "c_fresh": "z"})
    hide("c_gone", "c_kept", role=alice.role, by=ada)
    index_field(gone.pk)
    actions.archive_field(gone, by=ada, now=utc_now() - KEEP_ARCHIVED - timedelta(hours=1))
    actions.archive_field(fresh, by=ada, now=utc_now() - KEEP_ARCHIVED + timedelta(hours=1))

    purge_fields(0)

    assert sorted(CustomField.objects.values_list("name", flat=True)) == ["c_fresh", "c_kept"]
    assert Customer.objects.get(pk=customer.pk).custom == {"c_kept": "y", "c_fresh": "z"}
    assert Profile.objects.get(customer=customer).custom == {"c_kept": "y", "c_fresh": "z"}
    assert FieldLayout.objects.get().hidden == ["c_kept"]
    assert indexes() == []
    assert AuditEvent.objects.filter(reason="field purged", operation="delete", row_id=str(gone.pk)).exists()
    assert kept.archived_at is None
