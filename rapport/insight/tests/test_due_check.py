"""Whether the next order comes when it is due: the marts and the figures, by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rapport.insight.lifetime.due_check import _figures, _ranking
from rapport.insight.marts import purchase_days as marts
from rapport.insight.tests.shop import order, orders, rows_of

AFTER, UNTIL = date(2026, 1, 31), date(2026, 3, 31)


def test_the_next_purchase_of_each_is_the_first_after_the_day_and_none_later_is_seen() -> None:
    table = orders(
        order(1, date(2026, 1, 1)), order(1, date(2026, 1, 11)), order(1, date(2026, 2, 3)), order(1, date(2026, 2, 9)),
        order(2, date(2026, 1, 1)), order(2, date(2026, 4, 1)), order(2, date(2026, 2, 1), -5, "return"),
        order(3, date(2026, 1, 1)), order(3, date(2026, 3, 31)),
    )  # fmt: skip
    following = marts.next_purchases(table, after=AFTER, until=UNTIL)

    assert {row["customer_id"]: row["wait_days"] for row in rows_of(following)} == {1: 3, 3: 59}
    found = rows_of(marts.waits(marts.purchase_days(table, as_of=AFTER), following), by="wait_days")
    assert [(row["repeats"], row["last_days"], row["age_days"], row["wait_days"], row["customers"]) for row in found] == [
        (0, 0, 30, -1, 1), (1, 10, 30, 3, 1), (0, 0, 30, 59, 1),
    ]  # fmt: skip


def test_half_have_ordered_by_a_median_and_earlier_ones_sooner() -> None:
    due, waited = np.array([5.0, 10.0, 20.0, 90.0]), np.array([4.0, np.inf, 30.0, 100.0])
    weights = np.array([1.0, 1.0, 2.0, 5.0])

    found = _figures(due, waited, weights, 60)

    assert (found["due"], found["by_due"]) == (4, pytest.approx(1 / 4))
    assert found["ranking"] == 1.0  # whoever ordered within four weeks was due first
    assert _ranking(np.array([1.0, 1.0]), np.array([True, False]), np.ones(2)) == 0.5
    assert _ranking(np.array([1.0, 2.0]), np.array([True, True]), np.ones(2)) is None
