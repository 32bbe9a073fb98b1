"""How much of the value the best customers bring."""

from __future__ import annotations

import ibis
from ibis import ir

from rapport.insight.marts.facts import money_sum


def top_share(buyers: ir.Table, *, one_in: int = 5) -> ir.Table:
    """What do the top fifth of customers by value bring?

    One row: customers, top_customers (a fifth, rounded up), top_micros, value_micros. Customers of equal value at the
    border bring the same, whichever of them is counted, so ties change nothing.
    """
    histogram = buyers.group_by("value_micros").aggregate(n=buyers.count())
    running = histogram.mutate(
        better=histogram.n.sum().over(order_by=histogram.value_micros.desc(), rows=(None, 0)).cast("int64")
        - histogram.n,
        everybody=histogram.n.sum().over().cast("int64"),
    )
    counted = running.mutate(open=((running.everybody + one_in - 1) / one_in).floor().cast("int64") - running.better)
    taken = ibis.least(ibis.greatest(counted.open, 0), counted.n)
    return counted.aggregate(
        customers=counted.n.sum().cast("int64"),
        top_customers=taken.sum().cast("int64"),
        top_micros=money_sum(taken.cast("decimal(38, 0)") * counted.value_micros),
        value_micros=money_sum(counted.n.cast("decimal(38, 0)") * counted.value_micros),
    )
