"""What this room shows on the customer page: the way to her data, and the way out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import staff_user
from rapport.customers.queries import customers_by_id
from rapport.privacy.permissions import ERASE, EXPORT
from rapport.privacy.queries import erasure_under_way
from rapport.ui.panels import Panel


def _privacy(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    user = staff_user(request)
    may_export, may_erase = user.has_right(EXPORT.name), user.has_right(ERASE.name)
    if not (may_export or may_erase):
        return None
    found = customers_by_id(user, [customer_id])[customer_id]
    erasure = erasure_under_way(customer_id)
    return {"found": found, "may_export": may_export, "may_erase": may_erase, "erasure": erasure}


PANELS = (Panel("privacy", _("Privacy"), "left", "privacy/panel.html", _privacy, order=95),)
