"""The facts that marts start from, made of the tables of a snapshot."""

from __future__ import annotations

import ibis
from ibis import ir

SALE = "sale"


def orders(raw_orders: ir.Table, profile_customers: ir.Table, *, currency: str) -> ir.Table:
    """Which orders count, and whose are they today?

    One row per order in the reporting currency. `customer_id` is that of the profile's present customer, so a merge or
    a split shows at once; it is null where nobody is known. Columns: order_id, customer_id, kind, placed_on, total_micros.
    """
    counted = raw_orders.filter(raw_orders.currency == currency)
    joined = counted.left_join(profile_customers, counted.profile_id == profile_customers.profile_id)
    return joined.select(
        order_id=counted.order_id,
        customer_id=ibis.coalesce(profile_customers.customer_id, counted.direct_customer_id),
        kind=counted.kind,
        placed_on=counted.placed_on,
        total_micros=counted.total_micros,
    )


def left_out(raw_orders: ir.Table, *, currency: str) -> ir.Table:
    """Which orders are left out because they are in another currency? One row per currency: currency, orders."""
    others = raw_orders.filter(raw_orders.currency != currency)
    return others.group_by("currency").aggregate(orders=others.count())
