"""The touchpoints this room knows: orders and their deliveries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import deliveries_behind, orders_behind
from rapport.customers.touchpoints import TouchpointKind

TOUCHPOINT_KINDS = (
    TouchpointKind("order", _("Order"), "shopping-bag", orders_behind, order=20, right=VIEW.name),
    TouchpointKind("delivery", _("Delivery"), "truck", deliveries_behind, order=21, right=VIEW.name),
)
