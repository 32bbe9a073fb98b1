"""Fields of the business's own on orders and products: who may see and change their values, and how they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.commerce import queries
from rapport.commerce.events import OrderDetailed, ProductDetailed
from rapport.commerce.models import Order, Product
from rapport.commerce.permissions import EDIT, VIEW
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.records.custom_fields.declaring import CustomObject, CustomRecord, with_changes

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _find_order(user: User, public_id: Any) -> CustomRecord | None:
    try:
        order = queries.find_order(user, public_id)
    except Http404:
        return None
    return CustomRecord(order.pk, queries.title_of(order), reverse("order", args=[order.public_id]), order.custom)


def _find_product(user: User, public_id: Any) -> CustomRecord | None:
    product = queries.find_product(public_id)
    if product is None:
        return None
    url = reverse("product", args=[product.public_id])
    return CustomRecord(product.pk, product.name or product.code, url, product.custom)


def _write_order(key: int, changed: Mapping[str, Any], by: User, now: datetime, request: HttpRequest | None) -> None:
    with acting(by, request, reason=OrderDetailed.name):
        order = Order.objects.select_for_update(of=("self",)).get(pk=key)
        order.custom = with_changes(order.custom, changed)
        order.save(update_fields=["custom"])
        publish(OrderDetailed(order.pk, order.customer_id, tuple(sorted(changed))))


def _write_product(key: int, changed: Mapping[str, Any], by: User, now: datetime, request: HttpRequest | None) -> None:
    with acting(by, request, reason=ProductDetailed.name):
        product = Product.objects.select_for_update().get(pk=key)
        product.custom = with_changes(product.custom, changed)
        product.save(update_fields=["custom"])
        publish(ProductDetailed(product.pk, tuple(sorted(changed))))


CUSTOM_OBJECTS = (
    CustomObject(
        name="product",
        label=_("Products"),
        url_name="products",
        tables=("commerce_product",),
        find=_find_product,
        write=_write_product,
        view_right=VIEW.name,
        edit_right=EDIT.name,
        is_small=True,
        order=20,
    ),
    CustomObject(
        name="order",
        label=_("Orders"),
        url_name="orders",
        tables=("commerce_order",),
        find=_find_order,
        write=_write_order,
        view_right=VIEW.name,
        edit_right=EDIT.name,
        order=30,
    ),
)
