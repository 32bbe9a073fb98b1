"""What other systems may be told of orders and products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.commerce.events import OrderDetailed, OrderFulfilled, OrderPlaced, ProductDetailed
from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import ORDER, PRODUCT
from rapport.records.telling import Outgoing, said_of, said_of_change

_FULFILLMENT = ("promised", "shipped", "delivered")
_CHANGED = _("An order was changed")
OUTGOING = (
    Outgoing("order.placed", OrderPlaced, _("An order was placed"), ORDER,
             lambda user, event: said_of(user, ORDER, [event.order_id], kind=event.kind), VIEW.name),
    Outgoing("order.changed", OrderFulfilled, _CHANGED, ORDER,
             lambda user, event: said_of_change(user, ORDER, [event.order_id], _FULFILLMENT), VIEW.name),
    Outgoing("order.changed", OrderDetailed, _CHANGED, ORDER,
             lambda user, event: said_of_change(user, ORDER, [event.order_id], event.fields), VIEW.name),
    Outgoing("product.changed", ProductDetailed, _("A product was changed"), PRODUCT,
             lambda user, event: said_of_change(user, PRODUCT, [event.product_id], event.fields), VIEW.name),
)  # fmt: skip
