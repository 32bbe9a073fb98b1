"""Customers as records that tasks, comments and files can be put on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.customers.moving import hold_customer
from rapport.customers.permissions import VIEW
from rapport.customers.queries import customers_by_id, find_customer, name_of, staff_profile_id_of, visible_customer_ids
from rapport.records.layouts import hidden_names
from rapport.records.record_kinds import FoundRecord, RecordKind

if TYPE_CHECKING:
    from rapport.accounts.models import User

CUSTOMER = "customer"


def _record(customer: Any, *, hidden: Collection[str]) -> FoundRecord:
    url = reverse("customer", args=[customer.public_id])
    return FoundRecord(CUSTOMER, customer.pk, customer.public_id, name_of(customer, hidden=hidden), url, customer.pk)


def _find(user: User, public_id: UUID) -> FoundRecord | None:
    try:
        return _record(find_customer(user, public_id), hidden=hidden_names(user, CUSTOMER))
    except Http404:
        return None


def _by_ids(user: User, ids: Sequence[int]) -> Mapping[int, FoundRecord]:
    hidden = hidden_names(user, CUSTOMER)
    return {key: _record(customer, hidden=hidden) for key, customer in customers_by_id(user, ids).items()}


def _hold(record: FoundRecord) -> FoundRecord:
    current = hold_customer(record.id)
    return replace(record, id=current.pk, customer_id=current.pk)


def _profile_of(record: FoundRecord) -> int | None:
    return staff_profile_id_of(record.id)


RECORD_KINDS = (
    RecordKind(
        CUSTOMER,
        _("Customer"),
        _find,
        _by_ids,
        visible_customer_ids,
        _profile_of,
        hold=_hold,
        right=VIEW.name,
        is_customer=True,
        has_tabs=True,
    ),
)
