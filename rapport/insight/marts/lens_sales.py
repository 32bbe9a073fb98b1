"""What the five lenses look at: orders by whoever bought, or by what was bought, in one shape."""

from __future__ import annotations

import ibis
from ibis import ir

from rapport.insight.marts.facts import money_sum


def sales_by_customer(orders: ir.Table, lines: ir.Table | None) -> ir.Table:
    """Who bought when, for how much, and what was earned of it?

    One row per order: member_id (the customer, null where nobody is known), kind, placed_on, total_micros, costed_micros
    (of lines whose cost is known) and profit_micros (those less their cost). `lines` is the mart `line_costs`, or None where
    no product has a cost.
    """
    if lines is None:
        return orders.select(member_id=orders.customer_id, **_of_orders(orders), **_of_no_cost())
    totals = lines.group_by("order_id").aggregate(
        costed_micros=money_sum(lines.costed_micros), cost_micros=money_sum(lines.cost_micros)
    )
    costs = totals.select(lines_of=totals.order_id, costed_micros=totals.costed_micros, cost_micros=totals.cost_micros)
    joined = orders.left_join(costs, orders.order_id == costs.lines_of)
    costed = joined.costed_micros.fill_null(0)
    return joined.select(
        member_id=joined.customer_id,
        **_of_orders(joined),
        costed_micros=costed,
        profit_micros=costed - joined.cost_micros.fill_null(0),
    )


def sales_by_product(orders: ir.Table, order_lines: ir.Table, lines: ir.Table | None) -> ir.Table:
    """Which product was sold when, for how much, and what was earned of it?

    One row per order and product, in the columns of `sales_by_customer`: member_id is the product, null where a line names
    none. `lines` is the mart `line_costs`, or None where no product has a cost.
    """
    source = lines if lines is not None else order_lines
    amounts = source.group_by("order_id", "product_id").aggregate(
        total_micros=money_sum(source.amount_micros),
        **(
            {"costed_micros": money_sum(lines.costed_micros), "cost_micros": money_sum(lines.cost_micros)}
            if lines is not None
            else {}
        ),
    )
    placed = orders.select(placed_id=orders.order_id, kind=orders.kind, placed_on=orders.placed_on)
    joined = amounts.join(placed, amounts.order_id == placed.placed_id)
    earned = (
        {"costed_micros": joined.costed_micros, "profit_micros": joined.costed_micros - joined.cost_micros}
        if lines is not None
        else _of_no_cost()
    )
    return joined.select(member_id=joined.product_id, **_of_orders(joined), **earned)


def _of_orders(table: ir.Table) -> dict[str, ir.Column]:
    return {"kind": table.kind, "placed_on": table.placed_on, "total_micros": table.total_micros}


def _of_no_cost() -> dict[str, ir.Scalar]:
    return {"costed_micros": ibis.literal(0, "int64"), "profit_micros": ibis.literal(0, "int64")}
