"""What is bought together, and the next product: golden tables by hand, looking back, and the printed report."""

from __future__ import annotations

import csv
import gzip
import json
import math
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pytest
from ibis import ir

from rapport.insight.marts.basket_items import basket_items
from rapport.insight.marts.customer_products import customer_products
from rapport.insight.marts.next_baskets import next_baskets
from rapport.insight.marts.product_counts import product_counts
from rapport.insight.marts.product_pairs import LIFT, LIKENESS, product_pairs, strongest_pairs
from rapport.insight.scores.next_product import OWN_FIRST, TOGETHER, best, histories_of, learn, scores_of
from rapport.insight.scores.next_product_check import check, measures
from rapport.insight.scores.next_product_ranker import Ranker, demand_of, ranked, seen, trained
from rapport.insight.tests.baskets import Basket, items_of, lines
from rapport.insight.tests.shop import order, orders, rows_of
from rapport.insight.warehouse.engine import DescribingBackend
from rapport.insight.warehouse.portable import unportable_parts

DAY = date(2026, 3, 10)
DATA = Path(__file__).parents[4] / "shared" / "data" / "online_retail.csv.gz"
A, B, C, D = 1, 2, 3, 4
FACTS = ibis.table(
    {
        "order_id": "int64",
        "customer_id": "int64",
        "kind": "string",
        "placed_on": "date",
        "total_micros": "int64",
        "reverses_id": "int64",
    },
    name="orders",
)
LINES = ibis.table({"order_id": "int64", "product_id": "int64", "quantity_micros": "int64"}, name="order_lines")
ITEMS = basket_items(FACTS, LINES, as_of=DAY)
ALL = {
    "basket_items": ITEMS,
    "customer_products": customer_products(ITEMS),
    "product_counts": product_counts(ITEMS),
    "product_pairs": strongest_pairs(product_pairs(ITEMS, least=5, one_in=1000), by=LIFT, top=10),
    "next_baskets": next_baskets(ITEMS, after=date(2026, 1, 1)),
}


@pytest.mark.parametrize("name", ALL)
def test_the_marts_use_only_what_means_the_same_on_every_engine(name: str) -> None:
    assert sorted(set(unportable_parts(ALL[name]))) == []
    for dialect in ("duckdb", "clickhouse"):
        assert "SELECT" in str(ibis.to_sql(ALL[name], dialect=dialect)).upper()


def test_a_product_is_in_a_purchase_once_and_neither_what_came_back_nor_what_comes_later_counts() -> None:
    sold = orders(
        order(7, date(2026, 3, 1)), order(7, date(2026, 3, 2), kind="return"), order(None, DAY), order(8, date(2026, 3, 11)),
        order(8, DAY, kind="cancellation"),
    )  # fmt: skip
    bought = lines(
        (1, A, 1), (1, A, 2), (1, B, 0), (1, C, -1), (1, None, 1), (2, A, 1), (3, B, 0.5), (4, A, 1), (5, A, 1)
    )

    found = rows_of(basket_items(sold, bought, as_of=DAY), by="order_id")

    assert [(row["order_id"], row["customer_id"], row["product_id"], row["lines"]) for row in found] == [
        (1, 7, A, 2), (3, None, B, 1),
    ]  # fmt: skip


FIVE = [
    (7, date(2026, 3, 1), (A, B)), (7, date(2026, 3, 3), (A, B)), (8, date(2026, 3, 3), (A, C)), (8, date(2026, 3, 4), (B,)),
    (None, date(2026, 3, 5), (A, B, C)),
]  # fmt: skip


def test_each_customers_products_and_each_products_customers_are_counted() -> None:
    items = items_of(*FIVE, as_of=DAY)

    hers = {
        (r["customer_id"], r["product_id"]): (r["purchases"], r["last_on"]) for r in rows_of(customer_products(items))
    }
    everybodys = [tuple(row.values()) for row in rows_of(product_counts(items), by="product_id")]

    assert hers == {
        (7, A): (2, date(2026, 3, 3)), (7, B): (2, date(2026, 3, 3)), (8, A): (1, date(2026, 3, 3)),
        (8, B): (1, date(2026, 3, 4)), (8, C): (1, date(2026, 3, 3)),
    }  # fmt: skip
    assert everybodys == [(A, 4, 2), (B, 4, 2), (C, 2, 1)]


def test_lift_and_likeness_are_those_computed_by_hand() -> None:
    found = pairs_of(product_pairs(items_of(*FIVE, as_of=DAY), least=1, one_in=100))

    assert found == {
        (A, B): (4, 4, 3, 5, 15 / 16, 9 / 16), (B, A): (4, 4, 3, 5, 15 / 16, 9 / 16),
        (A, C): (4, 2, 2, 5, 10 / 8, 4 / 8), (C, A): (2, 4, 2, 5, 10 / 8, 4 / 8),
        (B, C): (4, 2, 1, 5, 5 / 8, 1 / 8), (C, B): (2, 4, 1, 5, 5 / 8, 1 / 8),
    }  # fmt: skip


def test_rare_pairs_and_purchases_of_very_much_are_left_out() -> None:
    items = items_of(*FIVE, as_of=DAY)

    assert set(pairs_of(product_pairs(items, least=2, one_in=100))) == {(A, B), (B, A), (A, C), (C, A)}
    assert set(pairs_of(product_pairs(items, least=1, one_in=2))) == {(A, B), (B, A)}
    assert pairs_of(product_pairs(items, least=1, one_in=100, most_products=2)) == {
        (A, B): (3, 3, 2, 4, 8 / 9, 4 / 9), (B, A): (3, 3, 2, 4, 8 / 9, 4 / 9),
        (A, C): (3, 1, 1, 4, 4 / 3, 1 / 3), (C, A): (1, 3, 1, 4, 4 / 3, 1 / 3),
    }  # fmt: skip


def test_of_pairs_that_measure_alike_the_more_frequent_and_then_the_older_comes_first() -> None:
    baskets: list[Basket] = [(1, DAY, (A, D)), (1, DAY, (A, C)), (1, DAY, (A, B)), (1, DAY, (A, B)), (1, DAY, (B,))]
    placed = strongest_pairs(product_pairs(items_of(*baskets, as_of=DAY), least=1, one_in=100), by=LIFT, top=2)

    found = [(r["product_id"], r["with_id"], r["place"]) for r in rows_of(placed, by="place") if r["product_id"] == A]

    assert found == [(A, C, 1), (A, D, 2)]
    assert (
        len(
            rows_of(
                strongest_pairs(product_pairs(items_of(*baskets, as_of=DAY), least=1, one_in=100), by=LIKENESS, top=1),
                by="place",
            )
        )
        == 4
    )


def test_the_next_basket_is_that_of_the_first_day_after_of_those_who_had_bought_before() -> None:
    baskets = [
        (7, date(2026, 1, 1), (A,)), (7, date(2026, 2, 1), (B,)), (7, date(2026, 2, 1), (B, C)), (7, date(2026, 2, 2), (D,)),
        (8, date(2026, 2, 1), (A,)), (9, date(2026, 1, 31), (A,)), (None, date(2026, 2, 1), (A,)), (9, date(2026, 4, 1), (B,)),
    ]  # fmt: skip

    found = rows_of(next_baskets(items_of(*baskets, as_of=DAY), after=date(2026, 1, 31)), by="product_id")

    assert [(row["customer_id"], row["product_id"]) for row in found] == [(7, B), (7, C)]


def test_her_own_products_come_first_by_how_often_and_how_recently_and_then_those_of_everybody() -> None:
    baskets = [
        *FIVE,
        (9, date(2026, 3, 1), (D,)),
        (9, date(2026, 3, 2), (C,)),
        (9, date(2026, 3, 3), (D,)),
        (9, date(2026, 3, 4), (A,)),
    ]
    items = opened(items_of(*baskets, as_of=DAY))
    assortment = learn(items)
    histories = histories_of(items, assortment, [9, 404], as_of=DAY)

    named = assortment.products[best(scores_of(OWN_FIRST, assortment, histories))].tolist()

    assert named == [[D, A, C, B], [A, B, C, D]]


def test_what_goes_with_her_own_is_weighed_by_likeness() -> None:
    baskets: list[Basket] = [(number, DAY, (A, B)) for number in range(5)] + [
        (9, DAY, (A,)),
        (8, DAY, (C,)),
        (8, DAY, (C,)),
    ]
    items = opened(items_of(*baskets, as_of=DAY))
    assortment = learn(items)

    (scores,) = scores_of(TOGETHER, assortment, histories_of(items, assortment, [9], as_of=DAY))

    assert dict(zip(assortment.products.tolist(), scores.tolist(), strict=True)) == {
        A: 1.0, B: pytest.approx(5 / math.sqrt(30)), C: 0.0,
    }  # fmt: skip


def test_recall_gain_and_hit_of_one_customer() -> None:
    assert measures([A, B, C], {B, 99}) == [0.5, (1 / math.log2(3)) / (1 + 1 / math.log2(3)), 1.0]
    assert measures([A], {B}) == [0.0, 0.0, 0.0]
    assert all(math.isnan(value) for value in measures([A], set()))


def test_who_buys_the_same_again_is_foreseen_by_her_own_products() -> None:
    found = check(opened(items_of(*repeating(), as_of=DAY)), as_of=DAY)

    assert (found["chosen"], found["verdict"], found["floor"]) == ("own_first", "floor_holds", "own_first")
    assert [window["for"] for window in found["windows"]] == ["report", "choice", "choice"]
    figures = {row["method"]: row["report"] for row in found["methods"]}
    assert figures["own_first"]["repeat"] == {"customers": 80, "recall": 1.0, "ndcg": 1.0, "phr": 1.0}
    assert figures["own_first"]["explore"] == {"customers": 0, "recall": None, "ndcg": None, "phr": None}
    assert figures["everybodys"]["all"]["recall"] < 0.5


def test_who_buys_what_goes_with_it_is_foreseen_by_what_goes_together() -> None:
    found = check(opened(items_of(*completing(), as_of=DAY)), as_of=DAY)

    assert found["verdict"] == "better"
    assert found["chosen"] == found["compared"] != "own_first"
    figures = {row["method"]: row["report"]["explore"] for row in found["methods"]}
    assert figures[found["chosen"]]["recall"] > figures["own_first"]["recall"]


def test_who_buys_what_is_new_is_foreseen_by_what_was_learned_of_earlier_days() -> None:
    found = check(opened(items_of(*seasonal(), as_of=DAY)), as_of=DAY)

    assert (found["chosen"], found["verdict"]) == ("learned", "better")
    figures = {row["method"]: row["report"]["explore"] for row in found["methods"]}
    assert figures["learned"]["recall"] == 1.0
    assert figures["own_first"]["recall"] == 0.0


def test_what_was_learned_is_kept_as_plain_values_and_says_the_same_again() -> None:
    items = opened(items_of(*seasonal(), as_of=DAY))
    known = seen(items, until=DAY - timedelta(days=90))
    ranker = trained(known)
    assert ranker is not None
    histories = known.histories(known.customers[:20])

    again = Ranker.read(json.loads(json.dumps(ranker.said())))

    scores = ranked(ranker, known.assortment, histories, known.demand)
    assert ranked(again, known.assortment, histories, known.demand).tolist() == scores.tolist()
    assert known.after == DAY - timedelta(days=180)
    assert set(known.customers) == set(known.bought) == set(range(2000, 2120))
    floor = scores_of(OWN_FIRST, known.assortment, histories)
    assert ranked(None, known.assortment, histories, known.demand).tolist() == floor.tolist()


def test_demand_counts_what_was_bought_of_late_and_how_often_by_each() -> None:
    baskets = [*FIVE, (7, DAY - timedelta(days=90), (A,)), (7, DAY - timedelta(days=200), (D,))]
    items = opened(items_of(*baskets, as_of=DAY))
    assortment = learn(items)

    demand = demand_of(items, assortment, as_of=DAY)

    assert dict(zip(assortment.products.tolist(), demand.recent.tolist(), strict=True)) == {A: 4, B: 4, C: 2, D: 0}
    assert dict(zip(assortment.products.tolist(), demand.again.tolist(), strict=True)) == {A: 2.5, B: 2, C: 2, D: 1}


def test_too_few_customers_are_refused_and_the_floor_stays() -> None:
    for baskets in ([], FIVE):
        found = check(opened(items_of(*baskets, as_of=DAY)), as_of=DAY)
        assert (found["chosen"], found["verdict"]) == ("own_first", "too_few")
        assert json.loads(json.dumps(found)) == found


def test_neither_the_order_of_rows_nor_threads_nor_what_comes_later_change_anything() -> None:
    baskets = completing()
    later: list[Basket] = [(number, DAY + timedelta(days=1), (A, B, C)) for number in range(200)]
    shuffled = random.Random(7).sample(baskets, len(baskets))

    found = [
        check(opened(items_of(*rows, as_of=DAY), threads=threads), as_of=DAY)
        for rows, threads in ((baskets, 1), (shuffled, 4), (baskets + later, 2))
    ]

    assert found[0] == found[1] == found[2]


@pytest.mark.real_data
def test_the_pairs_of_online_retail_are_those_that_are_counted_plainly() -> None:
    if not DATA.exists():
        pytest.skip(f"THE REAL FILE IS MISSING: {DATA}")
    codes_of: dict[str, set[str]] = {}
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["InvoiceNo"].isdigit() and int(row["Quantity"]) > 0:
                codes_of.setdefault(row["InvoiceNo"], set()).add(row["StockCode"])
    number_of = {code: number for number, code in enumerate(sorted(set().union(*codes_of.values())))}
    baskets = [(None, DAY, tuple(number_of[code] for code in codes)) for codes in codes_of.values()]
    small = [codes for codes in codes_of.values() if len(codes) <= 100]

    found = pairs_of(product_pairs(items_of(*baskets, as_of=DAY), least=400, one_in=1000))

    green, red = "22726", "22727"
    both = sum({green, red} <= codes for codes in small)
    purchases = [sum(code in codes for codes in small) for code in (green, red)]
    assert (both, *purchases, len(small)) == (562, 821, 906, 20_097)
    assert found[(number_of[green], number_of[red])][:4] == (821, 906, 562, 20_097)
    assert found[(number_of[green], number_of[red])][4] == 562 * 20_097 / (821 * 906)


def repeating() -> list[Basket]:
    """Eighty customers, each of whom buys two products of her own every month."""
    return [
        (customer, DAY - timedelta(days=30 * month), (customer, 1000 + customer))
        for customer in range(1, 81) for month in range(12)
    ]  # fmt: skip


def completing() -> list[Basket]:
    """Customers who begin with one product of a set of six and go on with another of it; some buy the whole set at once."""
    found: list[Basket] = []
    for number in range(12):
        parts = tuple(10 * number + part for part in range(1, 7))
        found += [(None, DAY - timedelta(days=360), parts)] * (3 + number)
    for window in range(3):
        ends = DAY - timedelta(days=90 * window)
        for number in range(120):
            customer, parts = 1000 * (window + 1) + number, 10 * (number % 12)
            first, then = 1 + number % 6, 1 + (number + 1 + number // 12) % 6
            found += [
                (customer, ends - timedelta(days=95), (parts + first,)),
                (customer, ends - timedelta(days=5), (parts + then,)),
            ]
    return found


def seasonal() -> list[Basket]:
    """Every quarter something new is bought by a few, and in the next by everybody; less than what was always bought."""
    found: list[Basket] = [
        (None, DAY - timedelta(days=500), (always,)) for always in range(1, 13) for _each in range(200)
    ]
    for window in range(4):
        ends, novelty = DAY - timedelta(days=90 * window), 500 + window
        found += [(None, ends - timedelta(days=100), (novelty,))] * 12
        for number in range(120):
            customer = 1000 * (window + 1) + number
            found += [
                (customer, ends - timedelta(days=95), (customer,)),
                (customer, ends - timedelta(days=5), (novelty,)),
            ]
    return found


def opened(table: ir.Table, *, threads: int = 2) -> ir.Table:
    backend = DescribingBackend().connect(threads=threads)
    return backend.create_table("items", table, temp=True)


def pairs_of(table: ir.Table) -> dict[tuple[int, int], tuple[Any, ...]]:
    names = ("purchases", "with_purchases", "together", "baskets", "lift", "likeness")
    return {
        (row["product_id"], row["with_id"]): tuple(row[name] for name in names)
        for row in rows_of(table, by="product_id")
    }
