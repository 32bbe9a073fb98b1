"""Reports of order lines: what was sold of what, on which day and channel, what it brought, and the lines behind each part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from rapport.accounts.models import Role
from rapport.commerce.actions import Line, NewOrder, place_order
from rapport.commerce.models import Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.tests.world import make_customer
from rapport.insight.report_builder.questions import read_question
from rapport.insight.report_builder.result import Result, amounts, answer
from rapport.records.exporting.lists import every_list, read_query
from rapport.records.lists.querying import count_rows
from rapport.records.registry import UnknownField
from rapport.records.tests.test_layouts import hide
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")
FIRST = datetime(2024, 1, 31, 12, tzinfo=UTC)
CUP, POT, POST = ("Cup", "C1", 2_500_000), ("Pot", "P1", 9_000_000), ("Postage", "", 1_000_000)


def ask(query: str, user: Any) -> Result:
    return answer(read_question(QueryDict(f"of=order_line&{query}"), user=user), at=NOW)


def lines(*said: tuple[tuple[str, str, int], int]) -> list[Line]:
    return [Line(name, Decimal(count), price, code=code) for (name, code, price), count in said]


def sell(
    customer: Any, number: str, day: int, channel: str, *said: Any, kind: str = "sale", currency: str = "EUR"
) -> Any:
    order = NewOrder(
        source="shop", external_id=number, kind=kind, channel=channel, currency=currency,
        placed_at=FIRST + timedelta(days=day), lines=lines(*said), customer_id=customer.pk,
    )  # fmt: skip
    return place_order(order, by=SYSTEM, now=NOW)


@pytest.fixture
def sold(alice: Any, bob: Any, business: Any) -> None:
    """Alice: 3 cups and a pot with postage, a day later 2 cups in the store, and one cup back; Bob: a pot."""
    hers, his = make_customer("Ana", owner=alice), make_customer("Bruno", owner=bob)
    sell(hers, "1", 0, "web_shop", (CUP, 3), (POT, 1), (POST, 1))
    sell(hers, "2", 1, "store", (CUP, 2))
    sell(hers, "3", 2, "store", (CUP, -1), kind="return")
    sell(his, "4", 0, "web_shop", (POT, 1))
    with acting(SYSTEM):
        Product.objects.filter(code="C1").update(name="Cup", category="Crockery", cost_micros=1_000_000, currency="EUR")
        Product.objects.filter(code="P1").update(name="Pot", category="Crockery")


def said(result: Result) -> dict[tuple[str, ...], list[str]]:
    return {
        tuple(part.label for part in cell.parts): [result.shown(cell.sums, each) for each in result.question.measures]
        for cell in result.cells
    }


def count_behind(result: Result, href: str) -> int:
    listed = every_list()["order_line"]
    return count_rows(read_query(listed, href.partition("?")[2], user=result.question.user)).number


def test_what_was_sold_of_each_product_is_counted_and_summed(ada: Any, sold: Any) -> None:
    result = ask("by=product&measure=sum.quantity&measure=sum.amount&measure=sum.margin&sort=name", ada)

    assert said(result) == {
        ("Cup",): ["4", "€10", "€6"],  # 3 + 2 - 1 cups at 2.50, each of which cost 1
        ("Pot",): ["2", "€18", "—"],  # what it cost nobody knows
        ("Without a value",): ["1", "€1", "—"],
    }
    assert amounts(result.whole.sums, result.question.measures[2]) == {"EUR": 6_000_000}


def test_an_order_has_the_sum_of_its_lines(ada: Any, sold: Any) -> None:
    of_lines = ask("by=channel&measure=sum.amount", ada)
    of_orders = answer(read_question(QueryDict("of=order&by=channel&measure=sum.total"), user=ada), at=NOW)

    assert [amounts(each.whole.sums, each.question.measures[0]) for each in (of_lines, of_orders)] == [
        {"EUR": 29_000_000}
    ] * 2
    assert said(of_lines) == said(of_orders)


@pytest.mark.parametrize(
    "query",
    [
        "by=product&measure=count", "by=category&then=channel", "by=placed.day", "by=placed.month&then=kind",
        "by=code&measure=sum.amount", "by=channel&filter=product.is:Cup", "by=kind&filter=margin.empty:",
        "by=product&top=1",
    ],
)  # fmt: skip
def test_the_lines_behind_each_part_are_as_many_as_it_says(query: str, ada: Any, sold: Any, as_user: Any) -> None:
    result = ask(query, ada)

    assert sum(cell.sums.count for cell in result.cells) == result.whole.sums.count > 0
    assert count_behind(result, result.rows_href) == result.whole.sums.count
    for cell in result.cells:
        if cell.href:
            assert count_behind(result, cell.href) == cell.sums.count
            page = as_user(ada).get(cell.href)
            assert page.status_code == 200
            assert page.text.count('<a class="row-link"') == cell.sums.count


def test_nobody_counts_lines_of_orders_that_she_does_not_see(alice: Any, bob: Any, sold: Any) -> None:
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="Own alone", rights=["commerce.view"], scope="own")
        bob.save(update_fields=["role"])

    result = ask("by=product&measure=count&measure=sum.amount", bob)

    assert said(result) == {("Pot",): ["1", "€9"]}


def test_without_the_right_to_see_orders_there_are_no_lines(bob: Any, as_user: Any, sold: Any) -> None:
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="No orders", rights=["customers.view"], scope="all")
        bob.save(update_fields=["role"])

    with pytest.raises(UnknownField):
        ask("by=product", bob)
    assert as_user(bob).get("/orders/lines/").status_code == 403


def test_of_who_is_restricted_no_line_is_counted(ada: Any, alice: Any, sold: Any) -> None:
    held = make_customer("Held", owner=alice)
    restrict_processing(held, ground="disputed", by=SYSTEM, now=NOW)
    sell(held, "5", 0, "web_shop", (POT, 7))

    assert ask("by=product&measure=sum.quantity", ada).whole.sums.count == 6


def test_who_sees_no_cost_sees_no_margin_and_no_channel_is_told_that_is_hidden(ada: Any, alice: Any, sold: Any) -> None:
    hide("cost", role=alice.role, by=ada, object_name="product")
    hide("channel", "customer", role=alice.role, by=ada, object_name="order")

    seen = every_list()["order_line"].of(alice).fields_for(alice)

    assert {"margin", "channel", "customer", "customer_number", "customer_public_id"} & set(seen) == set()
    assert {"amount", "category", "product"} <= set(seen)
    for query in ("by=product&measure=sum.margin", "by=channel", "by=product&filter=margin.over:1"):
        with pytest.raises(UnknownField):
            ask(query, alice)
    assert "margin" in every_list()["order_line"].of(ada).fields_for(ada)


def test_amounts_of_two_currencies_are_not_added(ada: Any, alice: Any, sold: Any) -> None:
    sell(make_customer("Far", owner=alice), "6", 3, "web_shop", (CUP, 2), currency="GBP")

    result = ask("by=product&measure=sum.amount&measure=sum.margin&filter=product.is:Cup", ada)

    assert said(result) == {("Cup",): ["€10 · £5", "€6"]}


def test_the_page_of_order_lines_leads_to_orders_and_products_page_by_page(ada: Any, as_user: Any, sold: Any) -> None:
    page = as_user(ada).get("/orders/lines/").text

    assert page.index("Bruno") > page.index(">2<") > page.index(">3<")
    assert "Crockery" in page
    assert "/orders/lines/" in as_user(ada).get("/orders/").text
    assert "No order line found" in as_user(ada).get("/orders/lines/?filter=product.is:Spoon").text
    assert as_user(ada).get("/orders/lines/?filter=cost.over:1").status_code == 400
