"""Recency, frequency and monetary value of every customer who bought."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum

VERSION = 1
AVERAGE, TOTAL = "average", "total"
MONETARY = (AVERAGE, TOTAL)
BANDS = 5


def customers(orders: ir.Table, *, as_of: date) -> ir.Table:
    """Who bought, when first and last, how often, for how much, and what came back?

    One row per customer with at least one purchase up to the end of `as_of`. A purchase is an order of kind sale, also
    of value zero. Money is in micros of the reporting currency; `value_micros` is net of cancellations, returns and
    adjustments, `gross_micros` is what the purchases alone come to.
    """
    known = orders.filter(orders.customer_id.notnull(), orders.placed_on <= as_of)
    is_sale = known.kind == SALE
    totals = known.group_by("customer_id").aggregate(
        purchases=is_sale.cast("int64").sum().cast("int64"),
        reversals=known.kind.isin(("cancellation", "return")).cast("int64").sum().cast("int64"),
        gross_micros=money_sum(known.total_micros, where=is_sale),
        value_micros=money_sum(known.total_micros),
        first_purchase_on=known.placed_on.min(where=is_sale),
        last_purchase_on=known.placed_on.max(where=is_sale),
    )
    return totals.filter(totals.purchases > 0)


def measured(buyers: ir.Table, *, as_of: date, monetary: str = AVERAGE) -> ir.Table:
    """How do customers who bought measure on each of the three scales?

    Adds recency_days, average_micros (a number, not rounded) and monetary_value: the average purchase, or the total.
    """
    average = buyers.gross_micros.cast("float64") / buyers.purchases.cast("float64")
    return buyers.mutate(
        recency_days=ibis.literal(as_of).delta(buyers.last_purchase_on, unit="day"),
        average_micros=average,
        monetary_value=average if monetary == AVERAGE else buyers.gross_micros.cast("float64"),
    )


def edges(measured_buyers: ir.Table, column: str, *, name: str) -> ir.Table:
    """From which value on does each band begin?

    One row with name_2 … name_5: the smallest value of `column` that at least (band - 1) fifths of the customers are
    strictly worse than; null where no value is, so that the band stays empty. It comes from a histogram of distinct
    values and its running sum: customers with the same value always share a band, on any engine and number of threads.
    Later dates and larger numbers are better.
    """
    histogram = measured_buyers.group_by(column).aggregate(n=measured_buyers.count())
    running = histogram.mutate(
        worse=histogram.n.sum().over(order_by=histogram[column], rows=(None, 0)).cast("int64") - histogram.n,
        everybody=histogram.n.sum().over().cast("int64"),
    )
    value = running[column]
    # the null in the CASE, not a filtered MIN: some engines answer a filtered MIN of nothing with a zero
    return running.aggregate(
        **{
            f"{name}_{band}": ibis.ifelse(
                running.worse * BANDS >= running.everybody * (band - 1), value, ibis.null(value.type())
            ).min()
            for band in range(2, BANDS + 1)
        }
    )


def all_edges(measured_buyers: ir.Table) -> ir.Table:
    """Where do the bands of recency, frequency and monetary value begin? One row, kept with each run."""
    found = edges(measured_buyers, "last_purchase_on", name="recency")
    for column, name in (("purchases", "frequency"), ("monetary_value", "monetary")):
        found = found.cross_join(edges(measured_buyers, column, name=name))
    return found


def banded(measured_buyers: ir.Table, band_edges: ir.Table) -> ir.Table:
    """In which band of each scale is every customer? 1 is worst, 5 best.

    band = 1 + floor(5 x customers strictly worse / customers), which is 1 + the number of edges that the value reaches.
    """
    crossed = measured_buyers.cross_join(band_edges)
    bands = {
        f"{name}_band": 1
        + sum(
            (
                (crossed[column] >= crossed[f"{name}_{band}"]).fill_null(False).cast("int64")
                for band in range(2, BANDS + 1)
            ),
            start=ibis.literal(0, "int64"),
        )
        for name, column in (
            ("recency", "last_purchase_on"),
            ("frequency", "purchases"),
            ("monetary", "monetary_value"),
        )
    }
    return crossed.mutate(**bands).select(*measured_buyers.columns, *bands)


def rfm(orders: ir.Table, *, as_of: date, monetary: str = AVERAGE) -> ir.Table:
    """Who are the best and the worst customers by how recently, how often and for how much they buy?

    One row per customer who bought up to the end of `as_of`, a business day: the columns of `customers` and `measured`,
    and recency_band, frequency_band, monetary_band.
    """
    buyers = measured(customers(orders, as_of=as_of), as_of=as_of, monetary=monetary)
    return banded(buyers, all_edges(buyers))
