"""The facts that marts start from, made of the tables of a snapshot."""

from __future__ import annotations

import ibis
from ibis import ir

SALE = "sale"
MOST_MICROS = 9 * 10**18


def orders(raw_orders: ir.Table, profile_customers: ir.Table, *, currency: str) -> ir.Table:
    """Which orders count, and whose are they today?

    One row per order in the reporting currency. `customer_id` is that of the profile's present customer, so a merge or
    a split shows at once; it is null where nobody is known. Columns: order_id, customer_id, kind, placed_on, total_micros,
    reverses_id (the order that it takes back, where that is known), delivered_on.
    """
    counted = raw_orders.filter(raw_orders.currency == currency)
    later = {"reverses_id": "int64", "delivered_on": "date"}  # a snapshot of before has them with the next refresh
    counted = counted.mutate(**{name: ibis.null(kind) for name, kind in later.items() if name not in counted.columns})
    joined = counted.left_join(profile_customers, counted.profile_id == profile_customers.profile_id)
    return joined.select(
        order_id=counted.order_id,
        customer_id=ibis.coalesce(profile_customers.customer_id, counted.direct_customer_id),
        kind=counted.kind,
        placed_on=counted.placed_on,
        total_micros=counted.total_micros,
        reverses_id=counted.reverses_id,
        delivered_on=counted.delivered_on,
    )


def money_sum(amount: ir.IntegerColumn, *, where: ir.BooleanValue | None = None) -> ir.IntegerScalar:
    """What do these amounts come to, in micros as an integer of 64 bits? Of nothing it is zero.

    Engines add up in more digits than they keep. A sum beyond nine thousand billion units, which no shop has but a broken
    file may say, stays at that, so that one customer never takes the numbers of all the others away.
    """
    exact = amount.sum(where=where).fill_null(0)
    return ibis.greatest(ibis.least(exact, MOST_MICROS), -MOST_MICROS).cast("int64")


def left_out(raw_orders: ir.Table, *, currency: str) -> ir.Table:
    """Which orders are left out because they are in another currency? One row per currency: currency, orders."""
    others = raw_orders.filter(raw_orders.currency != currency)
    return others.group_by("currency").aggregate(orders=others.count())
