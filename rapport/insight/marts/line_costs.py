"""What every order line cost us, where the product says so."""

from __future__ import annotations

import ibis
from ibis import ir

from rapport.insight.marts.facts import MOST_MICROS

_MICRO = 1_000_000
_HELD = float(2**50)


def line_costs(order_lines: ir.Table, products: ir.Table, *, currency: str) -> ir.Table:
    """What did we pay for what each line sold?

    One row per line: order_id, product_id, amount_micros, costed_micros (the amount where the product has a cost in the
    reporting currency, else 0) and cost_micros (its cost times the quantity, half a micro rounded up, else 0). Goods come back
    at a quantity below zero, or in files of some sources at a price below zero: either way their cost is below zero.
    """
    known = products.filter(products.cost_micros.notnull(), products.currency == currency)
    costs = known.select(costed_id=known.product_id, unit_micros=known.cost_micros)
    joined = order_lines.left_join(costs, order_lines.product_id == costs.costed_id)
    is_known = joined.unit_micros.notnull()
    is_back = (joined.quantity_micros > 0) & (joined.amount_micros < 0)
    quantity = ibis.ifelse(is_back, -1 * joined.quantity_micros, joined.quantity_micros)
    return joined.select(
        order_id=joined.order_id,
        product_id=joined.product_id,
        amount_micros=joined.amount_micros,
        costed_micros=ibis.ifelse(is_known, joined.amount_micros, 0),
        cost_micros=ibis.ifelse(is_known, _times(joined.unit_micros, quantity), 0),
    )


def _times(unit: ir.IntegerColumn, quantity: ir.IntegerColumn) -> ir.IntegerColumn:
    """unit × quantity ÷ a million, to the micro. A product so small that a float holds its quotient, halves and all, is
    most of them; the others are taken apart, which takes several times as long."""
    product = unit.cast("float64") * quantity.cast("float64")
    is_small = (product < _HELD) & (product > -_HELD)
    return ibis.ifelse(is_small, (product / _MICRO + 0.5).floor().cast("int64"), _of_parts(unit, quantity))


def _of_parts(unit: ir.IntegerColumn, quantity: ir.IntegerColumn) -> ir.IntegerColumn:
    """The only quotients are those of numbers that floats hold exactly."""
    whole, unit_whole = ((value / _MICRO).floor().cast("int64") for value in (quantity, unit))
    rest, unit_rest = quantity - whole * _MICRO, unit - unit_whole * _MICRO
    exact = unit.cast("decimal(38, 0)") * whole + unit_whole.cast("decimal(38, 0)") * rest
    rounded = exact + ((unit_rest * rest) / _MICRO + 0.5).floor().cast("int64")
    return ibis.greatest(ibis.least(rounded, MOST_MICROS), -MOST_MICROS).cast("int64")
