"""Customers as records that tasks, comments and files can be put on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.core.acting import acting
from rapport.customers.actions import create_customer, log_interaction
from rapport.customers.editing.noting import note_added, note_logged
from rapport.customers.events import CustomerCreated, InteractionLogged
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer, InteractionKind
from rapport.customers.moving import hold_customer
from rapport.customers.permissions import EDIT, VIEW
from rapport.customers.queries import customers_by_id, find_customer, name_of, staff_profile_id_of, visible_customer_ids
from rapport.records.layouts.sight import hidden_names
from rapport.records.lists.querying import fetch_page, read_request
from rapport.records.record_kinds import ContactLog, FoundRecord, Holding, Maker, RecordKind
from rapport.records.registry import UnknownField
from rapport.ui.palette import AT_MOST

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

CUSTOMER = "customer"


def _record(customer: Any, *, hidden: Collection[str]) -> FoundRecord:
    url = reverse("customer", args=[customer.public_id])
    name, watchers = name_of(customer, hidden=hidden), (customer.owner_id,) if customer.owner_id else ()
    return FoundRecord(CUSTOMER, customer.pk, customer.public_id, name, url, customer.pk, watchers)


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


def _search(user: User, text: str) -> Sequence[FoundRecord]:
    query = QueryDict(mutable=True)
    query["q"] = text
    try:
        asked = read_request(query, CUSTOMERS, user=user)
    except UnknownField:
        return []
    rows = fetch_page(asked, columns=[], size=AT_MOST).rows
    found = (_find(user, row.public_id) for row in rows)
    return [record for record in found if record is not None]


def _log(
    record: FoundRecord, kind: str, text: str, by: User, now: datetime, request: HttpRequest | None = None
) -> Command:
    customer = find_customer(by, record.public_id)
    with acting(by, request, reason=InteractionLogged.name):
        logged = log_interaction(customer, kind=kind, text=text, by=by, now=now, request=request)
        return note_logged(logged, by=by, now=now)


def _holding(customer_id: int) -> Holding:
    owner, trashed_at, merged_into = (
        Customer.objects.filter(pk=customer_id).values_list("owner_id", "trashed_at", "merged_into_id").get()
    )
    gone = _("It lies in the trash.") if trashed_at else _("It was merged into another.") if merged_into else ""
    return Holding((owner,), ((CUSTOMER, customer_id),), gone=gone)


def _make(kind: str, user: User, name: str, now: datetime, request: HttpRequest | None) -> FoundRecord:
    with acting(user, request, reason=CustomerCreated.name):
        made = create_customer({"name": name}, kind=kind, by=user, now=now, request=request)
        note_added(made, by=user, now=now)
    return _record(made, hidden=hidden_names(user, CUSTOMER))


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
        is_shareable=True,
        holding=_holding,
        search=_search,
        log=ContactLog(EDIT.name, InteractionKind.choices, _log),
        makers=(
            Maker("person", _("Add as a person"), EDIT.name, partial(_make, "person")),
            Maker("organization", _("Add as an organization"), EDIT.name, partial(_make, "organization")),
        ),
    ),
)
