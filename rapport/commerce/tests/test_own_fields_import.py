"""Fields of the business's own come in with files of orders: said by a row, kept for the order, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.commerce.models import Order
from rapport.core.acting import SYSTEM, acting
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.imports.importing import importers
from rapport.records.tests.own_fields import EVERY_VALUE, make_every_kind, make_field
from tests.import_files import import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home", "business")
LINES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Gift
1,A,MUG,1,2010-12-01 08:26,2,5,
1,B,CUP,1,2010-12-01 08:26,2,5,yes
2,A,MUG,1,2010-12-01 09:00,2,5,
"""
ORDERS = """order id,order date,total,currency,My text,My number,My money,My date,My choice,My choices,My boolean,My link
A1,2024-03-12 09:14,120.50,EUR,Blue suede,12.5,1250.00,2026-03-14,Gold,"Gold, Bronze",yes,https://example.com/a?b=1
A2,2024-03-13 09:14,10.00,EUR,,,,,,,,
"""


def lines(text: str = LINES) -> Any:
    return import_text(text, preset="retail-lines", dates="ymd", currency="GBP", time_zone="UTC")


def orders(text: str = ORDERS) -> Any:
    return import_text(text, preset="orders", time_zone="UTC")


def said() -> dict[str, dict[str, Any]]:
    return dict(Order.objects.values_list("external_id", "custom"))


def test_an_order_has_what_the_first_of_its_lines_says_that_says_something(ada: Any) -> None:
    make_field(ada, "Gift", "boolean", object_name="order")

    lines()

    assert said() == {"1": {"c_gift": True}, "2": {}}


def test_every_kind_of_field_comes_in_with_orders(ada: Any) -> None:
    make_every_kind(ada, object_name="order")

    orders()

    assert said() == {"A1": EVERY_VALUE, "A2": {}}


@pytest.mark.parametrize("bring_in", [lines, orders])
def test_the_same_file_again_changes_nothing(ada: Any, bring_in: Any) -> None:
    make_field(ada, "Gift", "boolean", object_name="order")
    make_every_kind(ada, object_name="order")
    bring_in()
    before = row_hashes()

    job = bring_in()

    assert row_hashes() == before
    assert {"new": 0, "changed": 0, "same": 2}.items() <= job.counts["phases"]["orders"].items()


def test_a_file_without_the_column_leaves_the_value_and_one_with_it_changes_it_until_it_is_undone(ada: Any) -> None:
    make_field(ada, "My text", object_name="order")
    orders()
    with acting(SYSTEM):
        Order.objects.filter(external_id="A2").update(custom={"c_my_text": "typed in"})

    orders("order id,order date,total,currency\nA1,2024-03-12 09:14,120.50,EUR\nA2,2024-03-13 09:14,11.00,EUR\n")
    assert said() == {"A1": {"c_my_text": "Blue suede"}, "A2": {"c_my_text": "typed in"}}

    job = orders(ORDERS.replace("Blue suede", "Red"))
    assert said() == {"A1": {"c_my_text": "Red"}, "A2": {}}
    undo(job)
    assert said() == {"A1": {"c_my_text": "Blue suede"}, "A2": {"c_my_text": "typed in"}}


def test_what_a_file_does_not_say_of_the_delivery_stays(ada: Any) -> None:
    orders("order id,order date,total,currency,shipped\nA1,2024-03-12 09:14,1.00,EUR,2024-03-13 09:14\n")

    orders("order id,order date,total,currency\nA1,2024-03-12 09:14,2.00,EUR\n")

    assert f"{Order.objects.get().shipped_at:%Y-%m-%d}" == "2024-03-13"


def test_every_importer_of_objects_that_take_own_fields_takes_them() -> None:
    without = {
        name for name, each in importers().items() if each.object in custom_objects() and not each.takes_own_fields
    }

    assert without == set()
