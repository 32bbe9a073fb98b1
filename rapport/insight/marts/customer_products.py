"""What each customer buys, how often, and since when not."""

from __future__ import annotations

from ibis import ir


def customer_products(basket_items: ir.Table) -> ir.Table:
    """In how many purchases had each customer each product, and when last?

    One row per known customer and product: customer_id, product_id, purchases, last_on.
    """
    known = basket_items.filter(basket_items.customer_id.notnull())
    return known.group_by("customer_id", "product_id").aggregate(purchases=known.count(), last_on=known.placed_on.max())
