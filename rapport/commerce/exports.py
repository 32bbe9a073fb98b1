"""The lists of orders and products as files, and that of order lines, which reports are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.commerce.lists import ORDER_LINES, PRODUCTS, orders_for
from rapport.commerce.permissions import VIEW
from rapport.customers.consents.restrictions import RESTRICTED
from rapport.records.exporting.lists import ExportedList
from rapport.records.lists.querying import ListedObject

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _orders_of(user: User) -> ListedObject:
    return replace(orders_for(user), base=f"not {RESTRICTED.format('r.customer_id')}")


EXPORTS = (
    ExportedList("order", _("Orders"), VIEW.name, "orders", _orders_of),
    ExportedList("order_line", _("Order lines"), VIEW.name, "order_lines", lambda user: ORDER_LINES, is_file=False),
    ExportedList("product", _("Products"), VIEW.name, "products", lambda user: PRODUCTS),
)
