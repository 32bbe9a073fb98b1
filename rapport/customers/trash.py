"""Customers in the trash, as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from rapport.customers.actions_trash import restore_customer
from rapport.customers.editing.noting import TRASHED
from rapport.customers.models import Customer
from rapport.customers.permissions import EDIT, VIEW
from rapport.customers.queries import name_of
from rapport.records.command_log.noting import mark_undone
from rapport.records.layouts.sight import hidden_names
from rapport.records.trash.declaring import Bin, Handling, Trashed

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _in_trash(user: User) -> QuerySet[Any]:
    """Whoever was merged into another is not there by herself."""
    return Customer.objects.filter(merged_into=None).exclude(trashed_at=None).visible_to(user)


def _shown(user: User, found: QuerySet[Any]) -> list[Trashed]:
    hidden = hidden_names(user, "customer")
    return [Trashed(each.public_id, name_of(each, hidden=hidden), each.trashed_at) for each in found]


def _rows(user: User, at_most: int) -> Sequence[Trashed]:
    return _shown(user, _in_trash(user).order_by("-trashed_at", "-pk")[:at_most])


def _find(user: User, public_id: UUID) -> Trashed | None:
    return next(iter(_shown(user, _in_trash(user).filter(public_id=public_id))), None)


def _names(user: User, ids: Sequence[int]) -> Mapping[int, str]:
    hidden = hidden_names(user, "customer")
    return {each.pk: name_of(each, hidden=hidden) for each in _in_trash(user).filter(pk__in=ids)}


def _restore(public_id: UUID, handling: Handling) -> bool:
    found = _in_trash(handling.by).filter(public_id=public_id).first()
    if found is None or not restore_customer(found, by=handling.by, now=handling.now, request=handling.request):
        return False
    mark_undone(TRASHED, {"customer": found.pk}, now=handling.now)
    return True


BINS = (
    Bin(
        "customer", _("Customers"), VIEW.name, rows=_rows, find=_find, names=_names, restore=_restore,
        restore_right=EDIT.name,
    ),
)  # fmt: skip
