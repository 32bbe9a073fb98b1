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
