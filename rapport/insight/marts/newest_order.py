"""Where the orders end."""

from __future__ import annotations

from ibis import ir


def newest_order(raw_orders: ir.Table, *, currency: str) -> ir.Table:
    """On which day was the newest order placed? One row: newest_on, null where there are no orders in the currency."""
    counted = raw_orders.filter(raw_orders.currency == currency)
    return counted.aggregate(newest_on=counted.placed_on.max())
