"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    name: ClassVar[str] = "commerce.order_placed"

    order_id: int
    customer_id: int | None
    kind: str


@dataclass(frozen=True)
class OrderFulfilled(Event):
    """Something about promising, shipping or delivering the order became known."""

    name: ClassVar[str] = "commerce.order_fulfilled"

    order_id: int
    customer_id: int | None
    delivered: bool


@dataclass(frozen=True)
class OrderDetailed(Event):
    """Fields of the business's own were filled in or changed on an order."""

    name: ClassVar[str] = "commerce.order_detailed"

    order_id: int
    customer_id: int | None
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ProductDetailed(Event):
    """Fields of the business's own were filled in or changed on a product."""

    name: ClassVar[str] = "commerce.product_detailed"

    product_id: int
    fields: tuple[str, ...]
