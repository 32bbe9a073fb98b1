"""What customers bought next, for looking back whether it could have been foreseen."""

from __future__ import annotations

from datetime import date

from ibis import ir


def next_baskets(basket_items: ir.Table, *, after: date) -> ir.Table:
    """What did those who had bought up to the end of `after` buy on the first day that they bought again?

    One row per customer and product: customer_id, product_id, purchases. Days after the as-of day of `basket_items` are not in it.
    """
    known = basket_items.filter(basket_items.customer_id.notnull())
    before = known.filter(known.placed_on <= after)
    here = before.group_by("customer_id").aggregate(purchases=before.count())
    later = known.filter(known.placed_on > after)
    first = later.group_by("customer_id").aggregate(first_on=later.placed_on.min())
    first = first.inner_join(here, first.customer_id == here.customer_id).select(
        next_id=first.customer_id, first_on=first.first_on
    )
    taken = later.inner_join(first, [later.customer_id == first.next_id, later.placed_on == first.first_on]).select(
        customer_id=later.customer_id, product_id=later.product_id
    )
    return taken.group_by("customer_id", "product_id").aggregate(purchases=taken.count())
