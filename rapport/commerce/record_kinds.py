"""Orders and products as records that tasks, comments and files can be put on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.commerce import queries
from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import ORDER, PRODUCT
from rapport.records.record_kinds import FoundRecord, Holding, RecordKind

if TYPE_CHECKING:
    from rapport.accounts.models import User


def of_order(order: Any) -> FoundRecord:
    url = reverse("order", args=[order.public_id])
    return FoundRecord(ORDER, order.pk, order.public_id, queries.title_of(order), url, order.customer_id)


def _hold_order(record: FoundRecord) -> FoundRecord:
    return replace(record, customer_id=queries.customer_behind(record.id))


def _find_order(user: User, public_id: UUID) -> FoundRecord | None:
    try:
        return of_order(queries.find_order(user, public_id))
    except Http404:
        return None


def _orders(user: User, ids: Sequence[int]) -> Mapping[int, FoundRecord]:
    return {key: of_order(order) for key, order in queries.orders_by_id(user, ids).items()}


def _holding_of_order(order_id: int) -> Holding:
    """An order is seen where its customer is; one without a customer by those who reach everything."""
    customer, owner, trashed_at = queries.owner_behind(order_id)
    if customer is None:
        return Holding(shared_as=((ORDER, order_id),))
    gone = _("Its customer lies in the trash.") if trashed_at else ""
    return Holding((owner,), (("customer", customer), (ORDER, order_id)), gone_for_some=gone)


def of_product(product: Any) -> FoundRecord:
    url = reverse("product", args=[product.public_id])
    return FoundRecord(PRODUCT, product.pk, product.public_id, product.name or product.code, url)


def _find_product(user: User, public_id: UUID) -> FoundRecord | None:
    found = queries.find_product(public_id)
    return of_product(found) if found is not None else None


def _products(user: User, ids: Sequence[int]) -> Mapping[int, FoundRecord]:
    return {key: of_product(product) for key, product in queries.products_by_id(ids).items()}


RECORD_KINDS = (
    RecordKind(
        ORDER, _("Order"), _find_order, _orders, queries.visible_order_ids,
        lambda record: queries.profile_of_order(record.id), hold=_hold_order, right=VIEW.name,
        is_shareable=True, holding=_holding_of_order,
        share_note=_("The list of orders tells whom the order is from, her page stays closed."),
    ),
    RecordKind(
        PRODUCT, _("Product"), _find_product, _products, lambda user: queries.product_ids(), lambda record: None,
        right=VIEW.name, holding=lambda key: Holding(everybodys=True), is_everybodys=True,
    ),
)  # fmt: skip
