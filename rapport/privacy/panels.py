"""What this room shows on the customer page: the way to her data, and the way out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import Grip, staff_user
from rapport.customers.consents.restrictions import restriction_of
from rapport.customers.queries import customers_by_id
from rapport.privacy.permissions import ERASE, EXPORT, RESTRICT
from rapport.privacy.queries import erasure_under_way
from rapport.records.layouts.sight import sees_all_fields
from rapport.records.record_kinds import reaches
from rapport.ui.panels import Panel


def _privacy(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    user = staff_user(request)
    may = {f"may_{right.name.partition('.')[2]}": user.has_right(right.name) for right in (EXPORT, RESTRICT, ERASE)}
    may["may_export"] = may["may_export"] and sees_all_fields(user)
    if not any(may.values()) or not reaches(user, Grip.HOLD, "customer", pk=customer_id):
        return None
    found = customers_by_id(user, [customer_id])[customer_id]
    erasure = erasure_under_way(customer_id)
    return {"found": found, "erasure": erasure, "held": restriction_of(customer_id), **may}


def _mark(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    """Whoever sees the customer has to see this too."""
    held = restriction_of(customer_id)
    return {"held": held} if held is not None else None


PANELS = (
    Panel("restricted", _("Restriction"), "chip", "privacy/chip.html", _mark, order=1),
    Panel("privacy", _("Privacy"), "left", "privacy/panel.html", _privacy, order=95),
)
