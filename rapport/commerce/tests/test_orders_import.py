"""Files of orders: one row for each or one for each of their lines, whose they are, and what their status makes them."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.commerce.models import Order, OrderLine, Product
from rapport.core.files import store
from rapport.customers.models import Customer, Touchpoint
from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import
from rapport.records.tests.test_exporting import content_of, export
from tests.import_files import NOW, import_text, undo
from tests.test_round_trip import everything

pytestmark = pytest.mark.usefixtures("db", "home")
HEADS = """order id,order date,customer id,email,status,total,currency
A1,2024-03-12 09:14,7,,paid,120.50,EUR
A2,2024-03-13 10:00,,ada@example.com,cancelled,80.00,EUR
A3,2024-03-14 10:00,,,refund issued,-20.00,USD
"""
SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Total,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Vendor
#1001,ada@example.com,paid,2024-03-12 09:14:00 -0500,fulfilled,2024-03-13 09:14:00 -0500,USD,30,35.00,2024-03-12 09:13:59 -0500,\
2,Mug,10.00,MUG,Ada Lovelace,We
#1001,ada@example.com,,,,,,,,2024-03-12 09:13:59 -0500,1,Tea,10.00,,,We
#1002,grace@example.com,voided,,,,USD,5,5.00,2024-03-13 09:13:59 -0500,1,Tea,5.00,TEA,Grace Hopper,We
"""


def bring_in(text: str | bytes, **answers: Any) -> Any:
    return import_text(text, time_zone="UTC", **{"preset": "orders", **answers})


def test_orders_of_one_row_each_come_with_their_totals_and_customers() -> None:
    import_text("id,name\n7,Grace\n", preset="people")

    job = bring_in(HEADS)

    orders = Order.objects.order_by("external_id").values_list(
        "external_id", "kind", "total_micros", "currency", "line_count", "customer__name", "customer__email"
    )
    assert list(orders) == [
        ("A1", "sale", 120_500_000, "EUR", 0, "Grace", None),
        ("A2", "cancellation", 0, "EUR", 0, None, "ada@example.com"),
        ("A3", "sale", -20_000_000, "USD", 0, None, None),
    ]
    assert {"new": 3, "changed": 0, "same": 0, "rows": 3}.items() <= job.counts["phases"]["orders"].items()
    assert Touchpoint.objects.filter(kind="order").count() == 2


@pytest.mark.parametrize(
    ("header", "held"),
    [
        ("Order no,Order date,Customer No,Email,Product,Quantity,Total", "orders"),
        ("order_id,date,email,amount", "orders"),
        ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID", "retail-lines"),
        ("Number,Name,Email,Phone,City,Created at", "people"),
    ],
)
def test_orders_are_told_from_lines_and_from_people_by_their_headers(header: str, held: str) -> None:
    stored = store([f"{header}\n{','.join('1' for _name in header.split(','))}\n".encode()], at_most=MOST_BYTES)
    job = begin_import(stored, file_name="file.csv", by=None, now=NOW)

    answer_import(job, {"source": "shop"})

    assert job.answers["preset"] == held


def test_an_export_of_shopify_is_known_and_its_lines_are_those_of_one_order() -> None:
    job = import_text(SHOPIFY, source=None, time_zone="UTC")

    assert (job.answers["format"], job.answers["source"]) == ("shopify-orders", "Shopify")
    first = Order.objects.get(external_id="#1001")
    assert (first.total_micros, first.line_count, first.currency, first.kind) == (35_000_000, 2, "USD", "sale")
    assert first.customer.name == "Ada Lovelace"
    assert f"{first.placed_at:%H:%M:%S} {first.shipped_at:%d}" == "14:13:59 13"
    lines = OrderLine.objects.filter(order=first).order_by("number")
    assert [(line.description, int(line.quantity), line.amount_micros) for line in lines] == [
        ("Mug", 2, 20_000_000), ("Tea", 1, 10_000_000),
    ]  # fmt: skip
    voided = Order.objects.get(external_id="#1002")
    assert (voided.kind, voided.total_micros, voided.line_count) == ("cancellation", 0, 0)
    assert set(Product.objects.values_list("code", "name")) == {("MUG", "Mug"), ("TEA", "Tea")}


def test_the_same_file_again_changes_nothing_and_another_total_changes_that_order() -> None:
    bring_in(HEADS)

    again = bring_in(HEADS)
    changed = bring_in(HEADS.replace("120.50", "99.00"))

    assert {"new": 0, "changed": 0, "same": 3}.items() <= again.counts["phases"]["orders"].items()
    assert {"new": 0, "changed": 1, "same": 2}.items() <= changed.counts["phases"]["orders"].items()
    assert Order.objects.get(external_id="A1").total_micros == 99_000_000
    undo(changed)
    assert Order.objects.get(external_id="A1").total_micros == 120_500_000


def test_undo_takes_orders_customers_and_products_of_the_file_away() -> None:
    job = import_text(SHOPIFY, source=None, time_zone="UTC")

    undo(job)

    assert not Order.objects.exists()
    assert not Customer.objects.exists()
    assert not Product.objects.exists()
    assert not Touchpoint.objects.exists()


def test_a_dry_run_counts_orders_and_changes_nothing() -> None:
    job = bring_in(HEADS, dry_run=True)

    assert job.counts["preview"] == {"orders": 3, "known_orders": 0, "lines": 0}
    assert not Order.objects.exists()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_orders_that_come_in_again_as_they_were_exported_change_nothing(
    ada: Any, as_user: Any, file_format: str
) -> None:
    import_text(SHOPIFY, source=None, time_zone="UTC")
    client = as_user(ada)
    columns = [
        "number",
        "placed",
        "customer",
        "customer_number",
        "kind",
        "channel",
        "lines",
        "total",
        "currency",
        "source",
    ]
    content = content_of(client, export(client, "order", column=columns, format=file_format))
    before = everything()

    job = import_text(content, source=None)

    assert job.answers["format"] == "rapport-orders"
    assert {"new": 0, "changed": 0, "same": 2}.items() <= job.counts["phases"]["orders"].items()
    assert everything() == before
