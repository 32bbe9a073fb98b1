"""What the trail calls what this room writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Reason, RowNames, TableWords
from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import orders_by_id, title_of

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _orders(user: User, ids: Collection[int]) -> Mapping[int, str]:
    if not user.has_right(VIEW.name):
        return {}
    return {key: title_of(order) for key, order in orders_by_id(user, list(ids)).items()}


NAMES = (RowNames("commerce_order", _orders),)
TABLES = (
    TableWords(
        "commerce_product",
        _("Product"),
        {
            "code": _("Code"), "name": _("Name"), "category": _("Category"), "price_micros": _("Price"),
            "cost_micros": _("Cost"), "currency": _("Currency"), "created_at": _("Added"),
        },
        left_out=("source_id", "import_id"),
    ),
    TableWords(
        "commerce_order",
        _("Order"),
        {
            "external_id": _("Number"), "kind": _("Kind"), "reverses_id": _("Reverses"), "customer_id": _("Customer"),
            "channel": _("Channel"), "currency": _("Currency"), "total_micros": _("Total"),
            "line_count": _("Lines"), "placed_at": _("Placed"), "promised_on": _("Promised"),
            "shipped_at": _("Shipped"), "delivered_at": _("Delivered"),
        },
        left_out=("source_id", "profile_id", "import_id"),
    ),
)  # fmt: skip
REASONS = (
    Reason("commerce.order_placed", _("Order placed")),
    Reason("commerce.order_fulfilled", _("Order delivered")),
    Reason("commerce.order_detailed", _("Order changed")),
    Reason("commerce.product_detailed", _("Product changed")),
)
