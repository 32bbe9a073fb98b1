"""How much each product is bought."""

from __future__ import annotations

from ibis import ir


def product_counts(basket_items: ir.Table) -> ir.Table:
    """In how many purchases was each product, and by how many known customers? One row per product that was bought."""
    return basket_items.group_by("product_id").aggregate(
        purchases=basket_items.count(), customers=basket_items.customer_id.nunique()
    )
