"""What each customer spent in each of the last twelve months."""

from __future__ import annotations

from datetime import date

from ibis import ir

from rapport.insight.marts.facts import money_sum

MONTHS = 12


def customer_months(orders: ir.Table, *, as_of: date) -> ir.Table:
    """When does each customer buy?

    One row per customer with orders in the twelve calendar months that end with the month of `as_of`: customer_id and
    m1 (oldest) … m12 (that month), net in micros.
    """
    months = as_of.year * 12 + as_of.month
    began = months - MONTHS  # the oldest month, counted from 0
    since = date(began // 12, began % 12 + 1, 1)
    known = orders.filter(orders.customer_id.notnull(), orders.placed_on >= since, orders.placed_on <= as_of)
    recent = known.mutate(
        age=months - (known.placed_on.year().cast("int64") * 12 + known.placed_on.month().cast("int64"))
    )
    return recent.group_by("customer_id").aggregate(
        **{
            f"m{MONTHS - month}": money_sum((recent.age == month).ifelse(recent.total_micros, 0))
            for month in reversed(range(MONTHS))
        }
    )
