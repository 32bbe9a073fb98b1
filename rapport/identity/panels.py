"""Why somebody is one customer, on the customer page; shown where there is more than one to speak of."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import Grip, staff_user
from rapport.customers.queries import customers_by_id, profiles_of
from rapport.identity import queries
from rapport.identity.permissions import MERGE
from rapport.identity.presenting import field_of, kind_label, said_by_all
from rapport.records.layouts.sight import hidden_names
from rapport.records.record_kinds import reaches
from rapport.ui.panels import Panel


def _why_one(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    user = staff_user(request)
    customer = customers_by_id(user, [customer_id]).get(customer_id)
    if customer is None:
        return None
    homes = queries.homes_of(customer_id, profiles_of(customer))
    hidden = hidden_names(user, "customer")
    return {
        "customer": customer, "homes": homes, "kind_label": kind_label,
        "may_merge": user.has_right(MERGE.name) and reaches(user, Grip.HOLD, "customer", pk=customer_id),
        "said": {home.home_id: said_by_all(home.profiles, hidden=hidden) for home in homes}, "hidden": hidden,
        "field_of": field_of,
        "links": queries.links_within([profile.pk for home in homes for profile in home.profiles]),
    }  # fmt: skip


PANELS = (Panel("identity", _("Why one customer"), "left", "identity/panel.html", _why_one, order=20),)
