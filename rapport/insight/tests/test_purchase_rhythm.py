"""How customers buy up to a day, and who bought again: tables worked by hand."""

from __future__ import annotations

from datetime import date

import ibis
import pyarrow as pa

from rapport.insight.marts.purchase_rhythm import (
    bought_between,
    contacts_between,
    customer_values,
    purchase_rhythm,
    purchase_span,
)
from rapport.insight.tests.shop import MICROS, order, orders, rows_of

DAY = date(2026, 3, 31)


def bought() -> ibis.ir.Table:
    return orders(
        order(1, date(2026, 1, 5), 10),
        order(1, date(2026, 2, 20), 30),
        order(1, date(2026, 3, 1), 20),  # thirty days before the last day: not within the last thirty
        order(1, date(2026, 3, 2), 5),
        order(1, date(2026, 3, 9), -4, kind="return"),
        order(2, date(2026, 1, 30), 7),  # sixty days before: too long ago
        order(3, date(2026, 1, 31), 8),
        order(3, DAY, 0),
        order(3, date(2026, 4, 1), 99),  # after the day: it is not seen
        order(4, date(2026, 3, 20), -9, kind="cancellation"),
        order(None, date(2026, 3, 20), 50),
    )


def test_the_rhythm_of_everybody_who_bought_lately() -> None:
    first, other = rows_of(purchase_rhythm(bought(), as_of=DAY, period_days=30))

    assert first == {
        "customer_id": 1, "recency_days": 29, "tenure_days": 85, "purchases": 4, "purchases_last": 1, "purchases_before": 2,
        "gross_micros": 65 * MICROS, "gross_last_micros": 5 * MICROS, "reversals": 1,
    }  # fmt: skip
    assert other == {
        "customer_id": 3, "recency_days": 0, "tenure_days": 59, "purchases": 2, "purchases_last": 1, "purchases_before": 1,
        "gross_micros": 8 * MICROS, "gross_last_micros": 0, "reversals": 0,
    }  # fmt: skip


def test_who_bought_again_after_a_day() -> None:
    found = rows_of(bought_between(bought(), after=date(2026, 3, 1), until=DAY))

    assert found == [{"customer_id": 1, "purchases": 1}, {"customer_id": 3, "purchases": 1}]


def test_the_days_that_purchases_reach_over() -> None:
    (span,) = rows_of(purchase_span(bought(), as_of=DAY), by="first_on")
    (nothing,) = rows_of(purchase_span(bought(), as_of=date(2020, 1, 1)), by="first_on")

    assert span == {"first_on": date(2026, 1, 5), "last_on": DAY}
    assert nothing == {"first_on": None, "last_on": None}


def test_contacts_beside_buying_by_direction() -> None:
    touched = [
        (11, "call", "in", date(2026, 3, 5)), (11, "mail", "out", date(2026, 3, 6)), (11, "order", "in", date(2026, 3, 6)),
        (11, "call", "in", date(2026, 3, 1)), (12, "note", "out", DAY), (13, "call", "in", date(2026, 4, 1)),
    ]  # fmt: skip
    names = ("profile_id", "kind", "direction", "occurred_on")
    touchpoints = ibis.memtable(pa.Table.from_pylist([dict(zip(names, each, strict=True)) for each in touched]))
    profiles = ibis.memtable(pa.table({"profile_id": [11, 12, 13], "customer_id": [1, 1, 2]}))

    found = rows_of(contacts_between(touchpoints, profiles, after=date(2026, 3, 1), until=DAY))

    assert found == [{"customer_id": 1, "contacts_in": 1, "contacts_out": 2}]


def test_the_values_of_some_fields() -> None:
    values = ibis.memtable(
        pa.table({"customer_id": [1, 1, 2], "field": ["c_a", "c_b", "c_a"], "value": ["x", "y", "z"]})
    )

    found = rows_of(customer_values(values, fields=("c_a",)))

    assert found == [
        {"customer_id": 1, "field": "c_a", "value": "x"},
        {"customer_id": 2, "field": "c_a", "value": "z"},
    ]
