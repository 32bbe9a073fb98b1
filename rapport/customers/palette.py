"""Customers in the box that searches and jumps."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from rapport.accounts.access import staff_user
from rapport.customers.lists import CUSTOMERS
from rapport.customers.permissions import VIEW
from rapport.customers.queries import shown_name
from rapport.records.lists.querying import fetch_page, read_request
from rapport.records.registry import UnknownField
from rapport.ui.palette import AT_MOST, PaletteSource

_COLUMNS = ("name", "number", "organization", "city")


def _find(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    user = staff_user(request)
    query = QueryDict(mutable=True)
    query["q"] = text
    fields = CUSTOMERS.fields_for(user)
    try:
        asked = read_request(query, CUSTOMERS, user=user)
    except UnknownField:
        return []
    page = fetch_page(asked, columns=[fields[name] for name in _COLUMNS if name in fields], size=AT_MOST)
    return [
        (
            shown_name(row["name"], row["number"]),
            " · ".join(part for part in (row["organization"], row["city"]) if part and part != row["name"]),
            reverse("customer", args=[row.public_id]),
        )
        for row in page.rows
    ]


SOURCES = (PaletteSource(gettext_lazy("Customers"), _find, right=VIEW.name),)
