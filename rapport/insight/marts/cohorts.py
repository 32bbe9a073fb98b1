"""Everybody by when they first bought, and what they did since."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum


def cohorts(sales: ir.Table, *, as_of: date, months: int) -> ir.Table:
    """How do those who first bought in the same period go on buying?

    One row per cohort and period with orders up to the end of `as_of`: cohort, period, is_known, active (members who bought
    in the period), purchases, value_micros, costed_micros, profit_micros. Cohort and period are numbers that count
    calendar periods of `months` months (1, 3 or 12) from the year 0 on; a cohort begins in the period of its number. The
    cohort is null for those who never bought (is_known) and for what hangs on nobody (not is_known), so that the rows of a
    period come to all of its orders.
    """
    until = sales.filter(sales.placed_on <= as_of)
    firsts = first_purchases(sales, as_of=as_of)
    begun = firsts.select(begun_id=firsts.member_id, first_on=firsts.first_on)
    joined = until.left_join(begun, until.member_id == begun.begun_id)
    is_sale = joined.kind == SALE
    dated = joined.select(
        cohort=_number(joined.first_on, months),
        period=_number(joined.placed_on, months),
        is_known=joined.member_id.notnull(),
        buyer=ibis.ifelse(is_sale, joined.member_id, ibis.null("int64")),
        sale=is_sale.cast("int64"),
        total_micros=joined.total_micros,
        costed_micros=joined.costed_micros,
        profit_micros=joined.profit_micros,
    )
    return dated.group_by("cohort", "period", "is_known").aggregate(
        active=dated.buyer.nunique(),
        purchases=dated.sale.sum().cast("int64"),
        value_micros=money_sum(dated.total_micros),
        costed_micros=money_sum(dated.costed_micros),
        profit_micros=money_sum(dated.profit_micros),
    )


def first_purchases(sales: ir.Table, *, as_of: date) -> ir.Table:
    """When did each member first buy, up to the end of `as_of`? One row per member who bought: member_id, first_on."""
    bought = sales.filter(sales.placed_on <= as_of, sales.kind == SALE, sales.member_id.notnull())
    return bought.group_by("member_id").aggregate(first_on=bought.placed_on.min())


def _number(day: ir.DateColumn, months: int) -> ir.IntegerColumn:
    month = day.year().cast("int64") * 12 + day.month().cast("int64") - 1
    return (month / months).floor().cast("int64")
