"""From a page about everybody to the list of who: the customers in the order of what the page is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode

from rapport.customers.permissions import VIEW
from rapport.records.layouts.sight import visible_fields

if TYPE_CHECKING:
    from rapport.accounts.models import User


def ranking_href(user: User, sort: str) -> str:
    """The list of customers in this order; "" for who does not see what it is ordered by, or no customers."""
    if not user.has_right(VIEW.name) or sort.removeprefix("-") not in visible_fields(user, "customer"):
        return ""
    return reverse("customers") + "?" + urlencode({"sort": sort})
