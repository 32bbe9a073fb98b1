"""What was bought in which purchase."""

from __future__ import annotations

from datetime import date

from ibis import ir

from rapport.insight.marts.facts import SALE


def basket_items(orders: ir.Table, order_lines: ir.Table, *, as_of: date) -> ir.Table:
    """Which products were in which purchase up to the end of `as_of`?

    One row per order of kind sale and product of which a quantity above zero was bought: order_id, customer_id (null where
    nobody is known), placed_on, product_id, lines. `orders` are the facts; lines without a product are left out.
    """
    sales = orders.filter(orders.kind == SALE, orders.placed_on <= as_of)
    bought = order_lines.filter(order_lines.product_id.notnull(), order_lines.quantity_micros > 0)
    joined = bought.inner_join(sales, bought.order_id == sales.order_id).select(
        order_id=sales.order_id, customer_id=sales.customer_id, placed_on=sales.placed_on, product_id=bought.product_id
    )
    return joined.group_by("order_id", "customer_id", "placed_on", "product_id").aggregate(lines=joined.count())
