"""Customers take tags."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.customers import queries
from rapport.customers.actions_tags import tag_customers
from rapport.customers.permissions import EDIT
from rapport.records.tags.tagging import TaggedObject, TaggedRecord

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _find(user: User, public_id: UUID) -> TaggedRecord | None:
    try:
        found = queries.find_customer(user, public_id)
    except Http404:
        return None
    url = reverse("customer", args=[found.public_id])
    return TaggedRecord(found.pk, queries.name_for(user, found), url, found.tags or [])


TAGGED = (
    TaggedObject(
        "customer", _("Customers"), "customers_customer", "customers", EDIT.name, find=_find, write=tag_customers,
        present="r.merged_into_id is null and r.trashed_at is null",
    ),
)  # fmt: skip
