"""Purchases of products as rows for the marts: orders and their lines, as a snapshot has them."""

from __future__ import annotations

from datetime import date

import ibis
import pyarrow as pa
from ibis import ir

from rapport.insight.marts.basket_items import basket_items
from rapport.insight.tests.shop import MICROS, order, orders

_LINES = pa.schema([("order_id", pa.int64()), ("product_id", pa.int64()), ("quantity_micros", pa.int64())])
Basket = tuple[int | None, date, tuple[int, ...]]


def lines(*rows: tuple[int, int | None, float]) -> ir.Table:
    """Rows of (order, product, quantity)."""
    found = [{"order_id": o, "product_id": p, "quantity_micros": round(q * MICROS)} for o, p, q in rows]
    return ibis.memtable(pa.Table.from_pylist(found, schema=_LINES))


def items_of(*baskets: Basket, as_of: date) -> ir.Table:
    """The mart `basket_items` of purchases (customer, day, products)."""
    sold = orders(*(order(customer, day) for customer, day, _products in baskets))
    bought = lines(*((number, p, 1) for number, (*_rest, products) in enumerate(baskets, start=1) for p in products))
    return basket_items(sold, bought, as_of=as_of)
