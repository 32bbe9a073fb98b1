"""Orders as records that tasks, comments and files can be put on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import find_order, orders_by_id, profile_of_order, title_of, visible_order_ids
from rapport.records.record_kinds import FoundRecord, RecordKind

if TYPE_CHECKING:
    from rapport.accounts.models import User

ORDER = "order"


def _record(order: Any) -> FoundRecord:
    url = reverse("order", args=[order.public_id])
    return FoundRecord(ORDER, order.pk, order.public_id, title_of(order), url, order.customer_id)


def _find(user: User, public_id: UUID) -> FoundRecord | None:
    try:
        return _record(find_order(user, public_id))
    except Http404:
        return None


def _by_ids(user: User, ids: Sequence[int]) -> Mapping[int, FoundRecord]:
    return {key: _record(order) for key, order in orders_by_id(user, ids).items()}


def _profile_of(record: FoundRecord) -> int | None:
    return profile_of_order(record.id)


RECORD_KINDS = (RecordKind(ORDER, _("Order"), _find, _by_ids, visible_order_ids, _profile_of, right=VIEW.name),)
