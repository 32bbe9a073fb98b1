"""Where the trail tells of customers, and how a value of one is restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.customers import actions
from rapport.customers.editing.details import editable_units
from rapport.customers.editing.noting import noting_said
from rapport.customers.golden import CUSTOM_PREFIX, DATE_FIELDS
from rapport.customers.models import ContactPoint, Customer
from rapport.customers.permissions import EDIT
from rapport.customers.queries import find_customer
from rapport.records.history.reading import Opened, RecordHistory, RestoreRefused, Restoring
from rapport.records.layouts.sight import hidden_names
from rapport.records.record_kinds import FoundRecord

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _rows(record: FoundRecord) -> Mapping[str, Sequence[int]]:
    """With whoever was merged into her, and the further ways to her."""
    merged = list(Customer.objects.filter(merged_into=record.id).values_list("pk", flat=True))
    points = list(ContactPoint.objects.filter(customer=record.id).values_list("pk", flat=True))
    return {"customers_customer": [record.id, *merged], "customers_contactpoint": points}


def _open(user: User, record: FoundRecord) -> Opened | None:
    if not user.has_right(EDIT.name):
        return None
    hidden = hidden_names(user, record.kind)
    units = editable_units(user, hidden=hidden).values()
    fields = {field for each in units for field in ([each.name] if each.own else each.unit.fields)}
    return Opened(find_customer(user, record.public_id).version, fields - hidden)


def _restore(asked: Restoring) -> str:
    found = find_customer(asked.by, asked.record.public_id)
    value = date.fromisoformat(asked.value) if asked.column in DATE_FIELDS and asked.value else asked.value
    with noting_said(found, by=asked.by, now=asked.now, request=asked.request) as noted:
        _write(found, asked, value)
    if noted.command is None:
        raise RestoreRefused(_("It says that already."))
    return noted.undo_url


def _write(found: Customer, asked: Restoring, value: Any) -> None:
    """As the form does. What staff say is what it should be; other sources may still win over an emptied value."""
    typed = value if value is not None or asked.column.startswith(CUSTOM_PREFIX) else ""
    try:
        actions.edit_customer(
            found, {asked.column: typed}, version=asked.version, by=asked.by, now=asked.now, request=asked.request
        )
    except actions.CustomerChanged as conflict:
        raise RestoreRefused(
            _("Somebody changed the customer meanwhile; look at what there is now and try again.")
        ) from conflict
    except actions.UnableToClear as refusal:
        raise RestoreRefused(_("It was empty then, and another source says it now.")) from refusal


HISTORIES = (RecordHistory("customer", "customers_customer", _rows, open=_open, restore=_restore),)
