"""The mart rfm, on tables small enough to check by hand, and against a definition in plain Python."""

from __future__ import annotations

import random
from bisect import bisect_left
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.insight.marts import facts
from rapport.insight.marts.rfm import AVERAGE, TOTAL, all_edges, customers, measured, rfm
from rapport.insight.tests.shop import MICROS, bands_of, order, orders, rows_of

DAY = date(2026, 3, 1)


def test_five_customers_who_all_differ_get_one_band_each() -> None:
    table = orders(*(order(number, DAY - timedelta(days=10 * number), total=number) for number in range(1, 6)))

    found = rfm(table, as_of=DAY)

    assert bands_of(found, "recency") == {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    assert bands_of(found, "monetary") == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
    assert bands_of(found, "frequency") == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}


def test_ties_share_a_band_and_the_bands_between_stay_empty() -> None:
    table = orders(*(order(number, DAY) for number in range(1, 10)), order(10, DAY), order(10, DAY))

    found = bands_of(rfm(table, as_of=DAY), "frequency")

    assert found == dict.fromkeys(range(1, 10), 1) | {10: 5}


def test_a_band_counts_those_strictly_worse() -> None:
    table = orders(
        *(order(number, DAY, total=1) for number in (1, 2, 3)), order(4, DAY, total=2), order(5, DAY, total=2)
    )

    assert bands_of(rfm(table, as_of=DAY), "monetary") == {1: 1, 2: 1, 3: 1, 4: 4, 5: 4}


def test_a_single_customer_is_in_the_lowest_band_of_all() -> None:
    (only,) = rows_of(rfm(orders(order(7, DAY)), as_of=DAY))

    assert (only["recency_band"], only["frequency_band"], only["monetary_band"]) == (1, 1, 1)


def test_without_orders_there_is_nobody() -> None:
    assert rows_of(rfm(orders(), as_of=DAY)) == []


def test_orders_of_nobody_known_are_nobodys() -> None:
    found = rows_of(rfm(orders(order(None, DAY), order(1, DAY)), as_of=DAY))

    assert [row["customer_id"] for row in found] == [1]


def test_who_only_sent_things_back_has_not_bought() -> None:
    table = orders(order(1, DAY, -5, "return"), order(2, DAY, -5, "cancellation"), order(3, DAY, -5, "adjustment"))

    assert rows_of(rfm(table, as_of=DAY)) == []


def test_a_sale_of_value_zero_is_a_purchase() -> None:
    (only,) = rows_of(rfm(orders(order(1, DAY, 0)), as_of=DAY))

    assert (only["purchases"], only["gross_micros"]) == (1, 0)


def test_money_is_that_of_purchases_and_net_of_reversals_beside_it() -> None:
    table = orders(order(1, DAY, 30), order(1, DAY, 10), order(1, DAY, -10, "return"), order(1, DAY, 2, "adjustment"))

    (average,) = rows_of(rfm(table, as_of=DAY))
    (total,) = rows_of(rfm(table, as_of=DAY, monetary=TOTAL))

    assert average["monetary_value"] == 20 * MICROS
    assert total["monetary_value"] == 40 * MICROS
    assert (average["gross_micros"], average["value_micros"]) == (40 * MICROS, 32 * MICROS)
    assert (average["purchases"], average["reversals"]) == (2, 1)


def test_two_orders_on_one_day_are_two_purchases() -> None:
    (only,) = rows_of(rfm(orders(order(1, DAY), order(1, DAY)), as_of=DAY))

    assert (only["purchases"], only["recency_days"]) == (2, 0)


def test_what_comes_after_the_as_of_day_is_not_there_yet() -> None:
    table = orders(order(1, DAY), order(1, DAY + timedelta(days=1)), order(2, DAY + timedelta(days=1)))

    (only,) = rows_of(rfm(table, as_of=DAY))

    assert (only["customer_id"], only["purchases"], only["recency_days"]) == (1, 1, 0)


def test_a_leap_day_counts_as_a_day() -> None:
    table = orders(order(1, date(2024, 2, 28)), order(2, date(2024, 2, 29)))

    found = rows_of(rfm(table, as_of=date(2024, 3, 1)))

    assert [row["recency_days"] for row in found] == [2, 1]


def test_first_and_last_purchase_leave_returns_aside() -> None:
    table = orders(
        order(1, date(2026, 1, 1), -1, "return"), order(1, date(2026, 1, 5)), order(1, date(2026, 2, 1), -1, "return")
    )

    (only,) = rows_of(customers(table, as_of=DAY))

    assert (only["first_purchase_on"], only["last_purchase_on"]) == (date(2026, 1, 5), date(2026, 1, 5))


def test_edges_that_no_customer_reaches_are_null() -> None:
    buyers = measured(customers(orders(order(1, DAY), order(2, DAY)), as_of=DAY), as_of=DAY)

    (found,) = rows_of(all_edges(buyers), by="recency_2")

    assert set(found.values()) == {None}


def test_orders_in_another_currency_are_left_out_and_counted() -> None:
    raw = _raw_orders(("GBP", 1), ("USD", 1), ("EUR", 2), ("EUR", 1))

    kept = rows_of(facts.orders(raw, _profiles({1: 11, 2: 12}), currency="GBP"))
    left_out = rows_of(facts.left_out(raw, currency="GBP"), by="currency")

    assert [row["customer_id"] for row in kept] == [11]
    assert left_out == [{"currency": "EUR", "orders": 2}, {"currency": "USD", "orders": 1}]


def test_an_order_belongs_to_the_customer_of_its_profile_today() -> None:
    raw = _raw_orders(("GBP", 1), ("GBP", 2), ("GBP", 3))

    found = rows_of(facts.orders(raw, _profiles({1: 50, 2: 50}), currency="GBP"), by="order_id")

    assert [row["customer_id"] for row in found] == [50, 50, None]


_HISTORIES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 12)),
        st.integers(0, 40),
        st.integers(-20, 400),
        st.sampled_from(["sale", "sale", "sale", "return", "cancellation", "adjustment"]),
    ),
    max_size=60,
)


@settings(max_examples=25, deadline=None)
@given(history=_HISTORIES, monetary=st.sampled_from([AVERAGE, TOTAL]), seed=st.integers(0, 9))
def test_bands_are_those_of_the_plain_definition_whatever_the_order_of_rows(
    history: list[tuple[Any, int, int, str]], monetary: str, seed: int
) -> None:
    rows = [order(who, DAY + timedelta(days=day - 30), total / 7, kind) for who, day, total, kind in history]
    mixed = random.Random(seed).sample(rows, len(rows))

    expected = plainly(rows, as_of=DAY, monetary=monetary)
    found = rows_of(rfm(orders(*rows), as_of=DAY, monetary=monetary))

    assert {row["customer_id"]: _bands(row) for row in found} == expected
    assert rows_of(rfm(orders(*mixed), as_of=DAY, monetary=monetary), threads=1) == found


def _bands(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["recency_band"], row["frequency_band"], row["monetary_band"]


def plainly(rows: list[dict[str, Any]], *, as_of: date, monetary: str) -> dict[int, tuple[int, int, int]]:
    """The definition, in exact fractions: band = 1 + floor(5 x customers strictly worse / customers)."""
    bought: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row["customer_id"] is not None and row["kind"] == "sale" and row["placed_on"] <= as_of:
            bought.setdefault(row["customer_id"], []).append(row)
    measures: dict[int, tuple[Any, ...]] = {}
    for customer, purchases in bought.items():
        total = Fraction(sum(purchase["total_micros"] for purchase in purchases))
        money = total / len(purchases) if monetary == AVERAGE else total
        measures[customer] = (max(purchase["placed_on"] for purchase in purchases), len(purchases), money)
    scales = [sorted(measure[scale] for measure in measures.values()) for scale in range(3)]
    return {
        customer: tuple(  # type: ignore[misc]
            1 + 5 * bisect_left(scales[scale], own[scale]) // len(measures) for scale in range(3)
        )
        for customer, own in measures.items()
    }


def _raw_orders(*currencies_and_profiles: tuple[str, int]) -> Any:
    import ibis
    import pyarrow as pa

    schema = pa.schema(
        [
            ("order_id", pa.int64()), ("profile_id", pa.int64()), ("direct_customer_id", pa.int64()),
            ("kind", pa.string()), ("placed_on", pa.date32()), ("total_micros", pa.int64()), ("currency", pa.string()),
        ]
    )  # fmt: skip
    rows = [
        {
            "order_id": number,
            "profile_id": profile,
            "kind": "sale",
            "placed_on": DAY,
            "total_micros": 1,
            "currency": currency,
        }
        for number, (currency, profile) in enumerate(currencies_and_profiles, start=1)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def _profiles(customer_of: dict[int, int]) -> Any:
    import ibis
    import pyarrow as pa

    return ibis.memtable(pa.table({"profile_id": list(customer_of), "customer_id": list(customer_of.values())}))


@pytest.mark.parametrize("threads", [1, 4])
def test_many_ties_come_out_the_same_with_any_number_of_threads(threads: int) -> None:
    rows = [order(number % 997, DAY - timedelta(days=number % 13), number % 5) for number in range(20_000)]

    found = rows_of(rfm(orders(*rows), as_of=DAY), threads=threads)

    assert {row["customer_id"]: _bands(row) for row in found} == plainly(rows, as_of=DAY, monetary=AVERAGE)
