"""How customers buy up to a day, and who bought again after it: what leaving without a contract is learned from."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum

VERSION = 1
_OF_ORDERS = ("order", "delivery")


def purchase_rhythm(orders: ir.Table, *, as_of: date, period_days: int) -> ir.Table:
    """Who bought in the two periods that end with a day, and how has each of them been buying so far?

    One row per customer with a purchase in the last 2 × `period_days` days up to the end of `as_of`: customer_id; recency_days
    and tenure_days, since the last and the first purchase; purchases, gross_micros and reversals of all the time;
    purchases_last and gross_last_micros of the last period; purchases_before of the one before it.
    """
    known = orders.filter(orders.customer_id.notnull(), orders.placed_on <= as_of)
    is_sale = known.kind == SALE
    begins, began_before = (as_of - timedelta(days=periods * period_days) for periods in (1, 2))
    in_last = is_sale & (known.placed_on > begins)
    in_before = is_sale & (known.placed_on > began_before) & (known.placed_on <= begins)
    totals = known.group_by("customer_id").aggregate(
        first_on=known.placed_on.min(where=is_sale),
        last_on=known.placed_on.max(where=is_sale),
        purchases=is_sale.cast("int64").sum().cast("int64"),
        purchases_last=in_last.cast("int64").sum().cast("int64"),
        purchases_before=in_before.cast("int64").sum().cast("int64"),
        gross_micros=money_sum(known.total_micros, where=is_sale),
        gross_last_micros=money_sum(known.total_micros, where=in_last),
        reversals=known.kind.isin(("cancellation", "return")).cast("int64").sum().cast("int64"),
    )
    day = ibis.literal(as_of)
    return totals.filter(totals.purchases_last + totals.purchases_before > 0).select(
        "customer_id",
        recency_days=day.delta(totals.last_on, unit="day"),
        tenure_days=day.delta(totals.first_on, unit="day"),
        purchases=totals.purchases,
        purchases_last=totals.purchases_last,
        purchases_before=totals.purchases_before,
        gross_micros=totals.gross_micros,
        gross_last_micros=totals.gross_last_micros,
        reversals=totals.reversals,
    )


def bought_between(orders: ir.Table, *, after: date, until: date) -> ir.Table:
    """Who bought after the end of one day and up to the end of another? One row per customer: customer_id, purchases."""
    within = orders.filter(
        orders.customer_id.notnull(), orders.kind == SALE, orders.placed_on > after, orders.placed_on <= until
    )
    return within.group_by("customer_id").aggregate(purchases=within.count())


def purchase_span(orders: ir.Table, *, as_of: date) -> ir.Table:
    """From when until when do the purchases of known customers reach, up to the end of a day? One row: first_on, last_on."""
    known = orders.filter(orders.customer_id.notnull(), orders.kind == SALE, orders.placed_on <= as_of)
    return known.aggregate(first_on=known.placed_on.min(), last_on=known.placed_on.max())


def contacts_between(touchpoints: ir.Table, profile_customers: ir.Table, *, after: date, until: date) -> ir.Table:
    """How often was each customer in touch beside buying, after the end of one day and up to the end of another?

    One row per customer with such a contact: customer_id, contacts_in (from her to us), contacts_out.
    """
    within = touchpoints.filter(
        touchpoints.occurred_on > after, touchpoints.occurred_on <= until, touchpoints.kind.notin(_OF_ORDERS)
    )
    joined = within.inner_join(profile_customers, within.profile_id == profile_customers.profile_id)
    known = joined.select(customer_id=profile_customers.customer_id, is_in=(within.direction == "in").cast("int64"))
    return known.group_by("customer_id").aggregate(
        contacts_in=known.is_in.sum().cast("int64"), contacts_out=(1 - known.is_in).sum().cast("int64")
    )


def customer_values(values: ir.Table, *, fields: tuple[str, ...]) -> ir.Table:
    """What is known of each customer in some fields of the business's own? One row per value: customer_id, field, value."""
    return values.filter(values.field.isin(fields)).select("customer_id", "field", "value")
