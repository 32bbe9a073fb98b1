"""Writes the demo company's products and orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from rapport.core.loading import load_rows, reserve_ids


class ProductRow(NamedTuple):
    public_id: UUID
    code: str
    name: str
    category: str
    price_micros: int
    cost_micros: int
    created_at: datetime


class LineRow(NamedTuple):
    """`product` is a product's place in the list of products, from 1."""

    product: int
    description: str
    quantity: int
    unit_price_micros: int


class OrderRow(NamedTuple):
    """`profile` is a profile's place in the list of profiles, None for an unknown buyer; `reverses` an order's place."""

    public_id: UUID
    source: str
    external_id: str
    kind: str
    reverses: int | None
    profile: int | None
    channel: str
    placed_at: datetime
    promised_on: date | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[LineRow, ...]

    @property
    def total_micros(self) -> int:
        return sum(line.quantity * line.unit_price_micros for line in self.lines)


def write_products(products: Sequence[ProductRow], *, source_id: int, currency: str) -> int:
    """The id of the first product; the others follow in their order."""
    first = reserve_ids("commerce_product", len(products))
    load_rows(
        "commerce_product",
        ("id", "source_id", "currency", *ProductRow._fields),
        ((first + place, source_id, currency, *row) for place, row in enumerate(products)),
    )
    return first


def write_orders(
    orders: Sequence[OrderRow],
    *,
    source_ids: Mapping[str, int],
    customer_of: Callable[[int], int],
    first_profile: int,
    first_product: int,
    currency: str,
) -> int:
    """The id of the first order; `customer_of` tells the customer's id of a profile's place."""
    first = reserve_ids("commerce_order", len(orders))
    load_rows(
        "commerce_order",
        (
            "id",
            "public_id",
            "source_id",
            "external_id",
            "kind",
            "reverses_id",
            "customer_id",
            "profile_id",
            "channel",
            "currency",
            "total_micros",
            "line_count",
            "placed_at",
            "promised_on",
            "shipped_at",
            "delivered_at",
        ),
        (
            (first + place, row.public_id, source_ids[row.source], row.external_id, row.kind)
            + (None if row.reverses is None else first + row.reverses - 1,)
            + ((None, None) if row.profile is None else (customer_of(row.profile), first_profile + row.profile - 1))
            + (row.channel, currency, row.total_micros, len(row.lines))
            + (row.placed_at, row.promised_on, row.shipped_at, row.delivered_at)
            for place, row in enumerate(orders)
        ),
    )
    load_rows(
        "commerce_orderline",
        ("order_id", "number", "product_id", "description", "quantity", "unit_price_micros", "amount_micros"),
        (
            (
                first + place,
                number,
                first_product + line.product - 1,
                line.description,
                line.quantity,
                line.unit_price_micros,
                line.quantity * line.unit_price_micros,
            )
            for place, row in enumerate(orders)
            for number, line in enumerate(row.lines, 1)
        ),
    )
    return first
