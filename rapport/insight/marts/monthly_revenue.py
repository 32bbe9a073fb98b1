"""Revenue by month."""

from __future__ import annotations

from datetime import date

from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum


def monthly_revenue(orders: ir.Table, *, as_of: date) -> ir.Table:
    """What did we sell in each month, and how much of it came back?

    One row per month with orders up to the end of `as_of`, also those of nobody known: year, month, purchases,
    gross_micros (sales alone), net_micros (less cancellations, returns and adjustments, in the month they happened).
    """
    until = orders.filter(orders.placed_on <= as_of)
    dated = until.mutate(year=until.placed_on.year().cast("int64"), month=until.placed_on.month().cast("int64"))
    is_sale = dated.kind == SALE
    return dated.group_by("year", "month").aggregate(
        purchases=is_sale.cast("int64").sum().cast("int64"),
        gross_micros=money_sum(is_sale.ifelse(dated.total_micros, 0)),
        net_micros=money_sum(dated.total_micros),
    )
