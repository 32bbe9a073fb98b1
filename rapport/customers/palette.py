"""Customers in the box that searches and jumps."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.accounts.access import staff_user
from rapport.customers.lists import CUSTOMERS
from rapport.customers.permissions import VIEW
from rapport.records.lists import fetch_page, read_request
from rapport.records.registry import UnknownField
from rapport.ui.palette import AT_MOST, PaletteSource


def _find(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    user = staff_user(request)
    query = QueryDict(mutable=True)
    query["q"] = text
    fields = CUSTOMERS.fields_for(user)
    try:
        asked = read_request(query, CUSTOMERS, user=user)
    except UnknownField:
        return []
    page = fetch_page(asked, columns=[fields["name"], fields["organization"], fields["city"]], size=AT_MOST)
    return [
        (
            row["name"] or _("Unnamed customer"),
            " · ".join(part for part in (row["organization"], row["city"]) if part and part != row["name"]),
            reverse("customer", args=[row.public_id]),
        )
        for row in page.rows
    ]


SOURCES = (PaletteSource(gettext_lazy("Customers"), _find, right=VIEW.name),)
