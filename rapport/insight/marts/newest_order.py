"""Where the orders end."""

from __future__ import annotations

from ibis import ir


def newest_order(orders: ir.Table) -> ir.Table:
    """On which day was the newest order placed? One row: newest_on, null where there are no orders."""
    return orders.aggregate(newest_on=orders.placed_on.max())
