"""Files of what was bought: one product a row, with or without order numbers, codes and prices."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.commerce.models import Order, OrderLine, Product
from rapport.customers.models import Profile
from rapport.records.models import Import, ImportProblem
from tests.import_files import import_text, undo

pytestmark = pytest.mark.usefixtures("db", "home")

GROCERIES = """Member_number,Date,itemDescription
1808,21-07-2015,tropical fruit
1808,21-07-2015,whole milk
1808,22-07-2015,whole milk
2552,05-01-2015,whole milk
2552,05-01-2015,whole milk
"""


def bring_in(text: str, **answers: Any) -> Import:
    return import_text(text, preset="baskets", currency="EUR", time_zone="UTC", **answers)


def baskets() -> list[tuple[str, str, list[str]]]:
    """Customer, day, codes of the products bought."""
    found = [
        (
            Profile.objects.get(pk=order.profile_id).external_id,
            order.placed_at.date().isoformat(),
            [line.product.code for line in OrderLine.objects.filter(order=order).order_by("line")],
        )
        for order in Order.objects.all()
    ]
    return sorted(found)


def test_what_a_customer_bought_on_a_day_is_one_order() -> None:
    job = bring_in(GROCERIES)

    assert baskets() == [
        ("1808", "2015-07-21", ["tropical fruit", "whole milk"]),
        ("1808", "2015-07-22", ["whole milk"]),
        ("2552", "2015-01-05", ["whole milk", "whole milk"]),
    ]
    assert {(order.kind, order.total_micros) for order in Order.objects.all()} == {("sale", 0)}
    assert Product.objects.get(code="whole milk").name == "whole milk"
    assert "1808" not in " ".join(Order.objects.values_list("external_id", flat=True))

    again = bring_in(GROCERIES)
    assert again.counts["phases"]["orders"]["same"] == 3
    undo(again)
    undo(job)
    assert not Order.objects.exists()


def test_order_numbers_codes_quantities_and_prices_are_taken_where_there_are_some() -> None:
    bring_in(
        "order_id,user_id,order_date,product_id,product_name\n7,1,2015-01-05,196,Soda\n7,1,2015-01-05,10258,Pistachios\n"
    )
    bring_in("basket,member id,day,item,quantity,price\n8,1,2015-01-06,Soda,3,1.50\n", decimal=".")

    assert baskets() == [("1", "2015-01-05", ["196", "10258"]), ("1", "2015-01-06", ["Soda"])]
    assert Product.objects.get(code="196").name == "Soda"
    assert Order.objects.get(external_id="8").total_micros == 4_500_000


def test_a_row_without_product_or_without_anything_to_belong_to_is_refused() -> None:
    bring_in("member id,transaction,day,item\n1,,2015-01-05,\n,,2015-01-05,Soda\n,9,2015-01-05,Soda\n")

    assert sorted(ImportProblem.objects.values_list("line", "column", "code")) == [
        (2, "item", "no_product"), (3, "transaction, member id", "no_order"),
    ]  # fmt: skip
    assert Order.objects.get().external_id == "9"


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("member id,day,price", "Description, Product code"),
        ("product id,day,price", "Customer number, E-mail of the customer, Order number"),
    ],
)
def test_what_no_row_could_do_without_is_asked_before_any_is_read(header: str, asked: str) -> None:
    with pytest.raises(AssertionError, match=f"one of these: {asked}"):
        bring_in(f"{header}\n7,2015-01-05,1.50\n")


def test_products_of_orders_in_another_file_are_refused_with_what_is_missing() -> None:
    with pytest.raises(AssertionError, match="A file without it cannot come in as “What was bought"):
        bring_in("order_id,product_id,add_to_cart_order,reordered\n7,196,1,0\n")
