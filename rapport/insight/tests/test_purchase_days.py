"""The mart purchase_days, on a table small enough to check by hand, and what it never does."""

from __future__ import annotations

from datetime import date

import ibis
import pytest
from ibis import ir

from rapport.insight.marts import purchase_days as marts
from rapport.insight.tests.shop import MICROS, order, orders, rows_of
from rapport.insight.warehouse.portable import unportable_parts

DAY = date(2026, 3, 31)
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
CUSTOMERS = marts.purchase_days(FACTS, as_of=DAY)
FURTHER = marts.further_purchases(FACTS, after=DAY, until=date(2026, 6, 30))
ALL = {
    "purchase_days": CUSTOMERS,
    "further_purchases": FURTHER,
    "histories": marts.histories(CUSTOMERS),
    "outcomes": marts.outcomes(CUSTOMERS, FURTHER),
    "next_purchases": marts.next_purchases(FACTS, after=DAY, until=date(2026, 6, 30)),
    "waits": marts.waits(CUSTOMERS, marts.next_purchases(FACTS, after=DAY, until=date(2026, 6, 30))),
    "spending": marts.spending(CUSTOMERS),
    "acquired": marts.acquired(CUSTOMERS),
}

GOLDEN = orders(
    # 1 buys once, 2 twice on one day: neither came back
    order(1, date(2026, 3, 1), 50), order(2, date(2026, 3, 1), 10), order(2, date(2026, 3, 1), 20),
    # 3 came back on two days, three purchases; of the first day 5 came back, of the others 4, and 1 after that
    order(3, date(2026, 1, 1), 10), order(3, date(2026, 1, 3), -5, "return"), order(3, date(2026, 1, 11), 20),
    order(3, date(2026, 1, 11), 7), order(3, date(2026, 1, 12), -4, "cancellation"), order(3, date(2026, 1, 31), 13),
    order(3, date(2026, 2, 1), -1, "adjustment"),
    # 4 came back for nothing; 5 sent back all; 6 never bought; nobody knows 7
    order(4, date(2026, 3, 1), 9), order(4, date(2026, 3, 31), 0), order(5, date(2026, 3, 1), 9),
    order(5, date(2026, 3, 31), 8), order(5, date(2026, 3, 31), -8, "return"), order(6, date(2026, 3, 1), -3, "return"),
    order(None, date(2026, 3, 1), 9),
    # afterwards: 1 on two days, 3 on one with something sent back, 6 for the first time
    order(1, date(2026, 4, 1), 5), order(1, date(2026, 4, 1), 6), order(1, date(2026, 6, 30), 7),
    order(1, date(2026, 7, 1), 99), order(3, date(2026, 5, 1), 40), order(3, date(2026, 5, 2), -15, "return"),
    order(6, date(2026, 5, 1), 1),
)  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_the_marts_use_only_what_means_the_same_on_every_engine(name: str) -> None:
    assert sorted(set(unportable_parts(ALL[name]))) == []


def test_a_shop_checked_by_hand() -> None:
    found = rows_of(marts.purchase_days(GOLDEN, as_of=DAY))

    assert [tuple(row.values()) for row in found] == [
        (1, date(2026, 3, 1), 0, 0, 30, 0),
        (2, date(2026, 3, 1), 0, 0, 30, 0),
        (3, date(2026, 1, 1), 2, 30, 89, 35 * MICROS),
        (4, date(2026, 3, 1), 1, 30, 30, 0),
        (5, date(2026, 3, 1), 1, 30, 30, 0),
    ]
    assert list(found[0]) == ["customer_id", "first_on", "repeats", "last_days", "age_days", "repeat_micros"]


def test_what_is_sent_back_counts_on_the_day_of_the_order_that_it_takes_back() -> None:
    def repeats_brought(back: int | None, day: date = DAY) -> list[int]:
        table = orders(
            order(1, date(2026, 1, 1), 50), order(1, date(2026, 2, 1), 20),
            order(1, date(2026, 2, 10), -15, "return") | {"reverses_id": back},
        )  # fmt: skip
        return [row["repeat_micros"] // MICROS for row in rows_of(marts.purchase_days(table, as_of=day))]

    assert repeats_brought(None) == [5]
    assert repeats_brought(2) == [5]
    assert repeats_brought(1) == [20]
    assert repeats_brought(1, date(2026, 2, 9)) == repeats_brought(2, date(2026, 2, 9)) == [20]
    assert repeats_brought(99) == [5]  # one in another currency, or of nobody known


def test_what_came_after_is_told_of_whoever_was_there_before() -> None:
    customers = marts.purchase_days(GOLDEN, as_of=DAY)
    further = marts.further_purchases(GOLDEN, after=DAY, until=date(2026, 6, 30))

    assert rows_of(further) == [
        {"customer_id": 1, "further": 2, "further_micros": 18 * MICROS},
        {"customer_id": 3, "further": 1, "further_micros": 25 * MICROS},
        {"customer_id": 6, "further": 1, "further_micros": MICROS},
    ]
    found = {
        (row["repeats"], row["further"]): row for row in rows_of(marts.outcomes(customers, further), by="age_days")
    }
    assert {key: (row["customers"], row["further_micros"]) for key, row in found.items()} == {
        (0, 0): (1, 0),
        (0, 2): (1, 18 * MICROS),
        (1, 0): (2, 0),
        (2, 1): (1, 25 * MICROS),
    }


def test_parts_sum_to_the_whole() -> None:
    customers = marts.purchase_days(GOLDEN, as_of=DAY)

    kinds = rows_of(marts.histories(customers), by="repeats")
    (all_of_them,) = rows_of(marts.acquired(customers), by="customers")

    assert [(row["repeats"], row["customers"]) for row in kinds] == [(0, 2), (1, 2), (2, 1)]
    assert all_of_them == {
        "customers": 5, "repeaters": 3, "unpaid": 2, "first_on": date(2026, 1, 1), "newest_on": date(2026, 3, 1),
    }  # fmt: skip
    assert rows_of(marts.spending(customers), by="repeats") == [
        {"repeats": 2, "repeat_micros": 35 * MICROS, "customers": 1}
    ]


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 1, 12), date(2026, 3, 1), DAY])
def test_no_day_sees_what_came_after_it_and_order_does_not_matter(day: date) -> None:
    everything = ibis.duckdb.connect().to_pyarrow(GOLDEN).to_pylist()
    until_then = [row for row in everything if row["placed_on"] <= day]

    found = rows_of(marts.purchase_days(GOLDEN, as_of=day))

    assert found == rows_of(marts.purchase_days(_again(until_then[::-1]), as_of=day), threads=1)


def test_nobody_is_covered_where_nobody_bought() -> None:
    (nobody,) = rows_of(marts.acquired(marts.purchase_days(orders(), as_of=DAY)), by="customers")

    assert nobody == {"customers": 0, "repeaters": 0, "unpaid": 0, "first_on": None, "newest_on": None}


def _again(rows: list[dict[str, object]]) -> ir.Table:
    return orders(*({name: value for name, value in row.items() if name != "order_id"} for row in rows))
