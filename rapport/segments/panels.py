"""The segments of a customer as chips beside her name, which come once the page is there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.customers.permissions import VIEW
from rapport.ui.panels import Panel


def _chips(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    match = request.resolver_match
    public_id = match.kwargs.get("public_id") if match is not None else None
    return {"public_id": public_id} if public_id is not None else None


PANELS = (Panel("segments", _("Segments"), "chip", "segments/panel_chips.html", _chips, order=20, right=VIEW.name),)
