"""What came in day by day: what a forecast of revenue is learned from."""

from __future__ import annotations

from datetime import date

from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum

VERSION = 1


def revenue_days(orders: ir.Table, *, as_of: date) -> ir.Table:
    """What did each day bring, how many customers bought on it, and how many of them for the first time?

    One row per day with orders up to the end of `as_of`, those of nobody known among them: placed_on; net_micros (sales less
    cancellations, returns and adjustments, on the day they happened); purchases; buyers and newcomers, known customers who
    bought on that day, and of them those who never had before.
    """
    until = orders.filter(orders.placed_on <= as_of)
    is_sale = until.kind == SALE
    totals = until.group_by("placed_on").aggregate(
        net_micros=money_sum(until.total_micros),
        purchases=is_sale.cast("int64").sum().cast("int64"),
        buyers=until.customer_id.nunique(where=is_sale).cast("int64"),
    )
    newcomers = _newcomers(until)
    joined = totals.left_join(newcomers, totals.placed_on == newcomers.first_on)
    return joined.select(
        *(totals[name] for name in ("placed_on", "net_micros", "purchases", "buyers")),
        newcomers=newcomers.newcomers.fill_null(0),
    )


def _newcomers(orders: ir.Table) -> ir.Table:
    sales = orders.filter(orders.customer_id.notnull(), orders.kind == SALE)
    first = sales.group_by("customer_id").aggregate(first_on=sales.placed_on.min())
    return first.group_by("first_on").aggregate(newcomers=first.count().cast("int64"))
