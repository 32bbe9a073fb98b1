"""One block on the customer page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from rapport.ui.panels import Panel


def _greeting(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    return {"greeting": "A panel from outside"}


PANELS = (
    Panel(name="sample", title="Sample", place="right", template="sample_room/panel.html", context=_greeting, order=99),
)
