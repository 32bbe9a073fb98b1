"""Products that are bought together."""

from __future__ import annotations

import ibis
from ibis import ir

MOST_PRODUCTS = 100
LIFT, LIKENESS = "lift", "likeness"


def product_pairs(basket_items: ir.Table, *, least: int, one_in: int, most_products: int = MOST_PRODUCTS) -> ir.Table:
    """Which products are bought together, and how much more often than by chance?

    Two rows per pair, one from the side of each: product_id, with_id, purchases and with_purchases (those with the one and
    with the other), together (those with both, the support), baskets (all), lift, likeness. Only pairs with at least
    `least` purchases together that are at least one in `one_in` of all; purchases of more than `most_products` products
    say little of what belongs together, and are left out everywhere here.

    Lift is together x baskets / (purchases x with_purchases): 1 is chance. Likeness is together² / (purchases x
    with_purchases), the square of the cosine: 1 where neither is bought without the other.
    """
    sizes = basket_items.group_by("order_id").aggregate(size=basket_items.count())
    small = sizes.filter(sizes.size <= most_products)
    items = basket_items.semi_join(small, "order_id")
    counts = items.group_by("product_id").aggregate(purchases=items.count())
    counts = counts.filter(counts.purchases >= least)
    frequent = items.semi_join(counts, "product_id")
    other = basket_items.view()  # as it is: both sides are of one purchase, and a pair with a rare product is rare
    joined = frequent.inner_join(
        other, [frequent.order_id == other.order_id, frequent.product_id < other.product_id]
    ).select(one_id=frequent.product_id, other_id=other.product_id)
    pairs = joined.group_by("one_id", "other_id").aggregate(together=joined.count())
    pairs = _from_both_sides(pairs.filter(pairs.together >= least))
    return _measured(pairs, counts, small.aggregate(baskets=small.count()), one_in)


def _from_both_sides(pairs: ir.Table) -> ir.Table:
    sides = pairs.cross_join(ibis.memtable({"is_first": [True, False]}, schema={"is_first": "boolean"}))
    sides = sides.select("one_id", "other_id", "together", "is_first")
    return sides.select(
        product_id=ibis.ifelse(sides.is_first, sides.one_id, sides.other_id),
        with_id=ibis.ifelse(sides.is_first, sides.other_id, sides.one_id),
        together=sides.together,
    )


def _measured(pairs: ir.Table, counts: ir.Table, total: ir.Table, one_in: int) -> ir.Table:
    theirs = counts.select(with_id=counts.product_id, with_purchases=counts.purchases)
    known = pairs.inner_join(counts, pairs.product_id == counts.product_id).select(
        *(pairs[name] for name in pairs.columns), purchases=counts.purchases
    )
    whole = known.inner_join(theirs, known.with_id == theirs.with_id).select(
        *(known[name] for name in known.columns), with_purchases=theirs.with_purchases
    )
    found = whole.cross_join(total)
    found = found.filter(found.together * one_in >= found.baskets)
    together, either = (
        found.together.cast("float64"),
        found.purchases.cast("float64") * found.with_purchases.cast("float64"),
    )
    return found.mutate(lift=together * found.baskets.cast("float64") / either, likeness=together * together / either)


def strongest_pairs(pairs: ir.Table, *, by: str, top: int) -> ir.Table:
    """With which `top` other products does each product go best, measured by `by`?

    The rows of `product_pairs` that are among the first `top` of their product, with `place` from 1. Of pairs that
    measure alike the one with more purchases together comes first, then the one with the older product.
    """
    order = [pairs[by].desc(), pairs.together.desc(), pairs.with_id.asc()]
    placed = pairs.mutate(place=ibis.row_number().over(group_by=pairs.product_id, order_by=order).cast("int64") + 1)
    return placed.filter(placed.place <= top)
