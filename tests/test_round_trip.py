"""What was exported comes in again and changes nothing; what was changed in the file changes the same rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from rapport.commerce.models import Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import ensure_source
from rapport.customers.models import Customer, Profile, Source
from rapport.customers.tests.world import make_customer
from rapport.records.models import Import
from rapport.records.tests.test_exporting import NAUGHTY, content_of, export
from tests.import_files import import_text, undo

pytestmark = pytest.mark.usefixtures("db", "home")
COLUMNS = [
    "name",
    "number",
    "organization",
    "city",
    "country",
    "email",
    "phone",
    "kind",
    "owner_name",
    "owner",
    "created",
]
TABLES = (
    "customers_customer",
    "customers_profile",
    "customers_identifier",
    "customers_source",
    "commerce_product",
    "commerce_order",
    "commerce_orderline",
)


def everything() -> dict[str, Any]:
    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"select to_jsonb(t)::text from {table} t order by id")
            found[table] = cursor.fetchall()
    return found


def again(content: bytes) -> Import:
    return import_text(content, source=None)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_customers_that_come_in_again_as_they_were_exported_change_nothing(
    ada: Any, alice: Any, as_user: Any, file_format: str
) -> None:
    for number, name in enumerate(NAUGHTY):
        make_customer(name, external_id=f"{number}", phone="+82-10-1234-5678", city=name, owner=alice)
    make_customer("", organization="Engines Ltd", kind="organization", country="GB", email="info@engines.example")
    client = as_user(ada)
    before = everything()

    job = again(content_of(client, export(client, column=COLUMNS, format=file_format, mark="on")))

    assert job.answers["format"] == "rapport-customers"
    assert job.counts["phases"]["people"]["same"] == len(NAUGHTY) + 1
    assert everything() == before


def changed(content: bytes, old: str, new: str) -> bytes:
    assert old.encode() in content
    return content.replace(old.encode(), new.encode())


def test_what_was_changed_in_the_file_changes_the_same_customer_and_can_be_undone(ada: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        Source.objects.update_or_create(name="Spreadsheet", defaults={"label": "Spreadsheet", "priority": 1})
    make_customer("Grace", city="Leeds", email="grace@example.com")
    make_customer("Ada", city="York")
    client = as_user(ada)
    content = content_of(client, export(client, column=COLUMNS))
    before = everything()

    job = again(changed(content, '"Leeds"', '"Bath"'))

    assert Customer.objects.count() == 2
    grace = Customer.objects.get(name="Grace")
    assert (grace.city, grace.email) == ("Bath", "grace@example.com")
    assert {"changed": 1, "same": 1, "new": 0}.items() <= job.counts["phases"]["people"].items()
    undo(job)
    assert {k: v for k, v in everything().items() if k != "customers_customer"} == {
        k: v for k, v in before.items() if k != "customers_customer"
    }
    assert set(Customer.objects.values_list("name", "city")) == {("Grace", "Leeds"), ("Ada", "York")}


def test_a_second_change_keeps_the_first(ada: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        Source.objects.update_or_create(name="Spreadsheet", defaults={"label": "Spreadsheet", "priority": 1})
    make_customer("Grace", city="Leeds", organization="Navy")
    client = as_user(ada)

    again(changed(content_of(client, export(client, column=COLUMNS)), '"Leeds"', '"Bath"'))
    again(changed(content_of(client, export(client, column=COLUMNS)), '"Navy"', '"Army"'))

    assert set(Customer.objects.values_list("city", "organization")) == {("Bath", "Army")}
    assert Profile.objects.count() == 2


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_products_that_come_in_again_change_nothing_and_a_change_is_one(
    ada: Any, as_user: Any, file_format: str
) -> None:
    with acting(SYSTEM):
        for number, currency in enumerate(("GBP", "EUR", "")):
            source = ensure_source(f"shop {number}", label="Shop", priority=100).pk
            Product.objects.create(
                source_id=source, code=f"=P{number}", name="-Mug", category="1.234", currency=currency,
                price_micros=1_234_000_000 if currency else None,
            )  # fmt: skip
    client = as_user(ada)
    columns = ["code", "name", "category", "price", "cost", "currency", "source"]
    content = content_of(client, export(client, "product", column=columns, format=file_format))
    before = everything()

    job = again(content)

    assert job.counts["phases"]["products"]["same"] == 3
    assert everything() == before


def test_a_price_changed_in_the_file_changes_that_product(ada: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        source = ensure_source("shop", label="Shop", priority=100).pk
        Product.objects.create(source_id=source, code="P1", name="Mug", price_micros=4_250_000, currency="GBP")
    client = as_user(ada)
    content = content_of(client, export(client, "product", column=["code", "name", "price"]))

    again(changed(content, '"4.25"', '"5.00"'))

    product = Product.objects.get()
    assert (product.price_micros, product.currency, product.source_id) == (5_000_000, "GBP", source)
