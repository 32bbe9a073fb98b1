"""The lists of orders and products as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.commerce.lists import ORDERS, ORDERS_BY_NUMBER, PRODUCTS
from rapport.commerce.permissions import VIEW
from rapport.customers.permissions import VIEW as VIEW_CUSTOMERS
from rapport.records.exporting import ExportedList
from rapport.records.lists import ListedObject

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _orders_of(user: User) -> ListedObject:
    return ORDERS if user.has_right(VIEW_CUSTOMERS.name) else ORDERS_BY_NUMBER


EXPORTS = (
    ExportedList("order", _("Orders"), VIEW.name, "orders", _orders_of),
    ExportedList("product", _("Products"), VIEW.name, "products", lambda user: PRODUCTS),
)
