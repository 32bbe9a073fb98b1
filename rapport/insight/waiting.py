"""A page that waits for numbers: it asks for itself again until it shows them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from rapport.ui.rendering import render_page, unless_known, wants_part


def render_coming(
    request: HttpRequest, template: str, context: dict[str, Any], *, waits: bool = False, status: int = 200
) -> HttpResponse:
    """The page with what its templates need to ask again: `polls`, its address while it waits, and `is_part`.

    It waits where its state is "coming", or where it is said. A poll that finds a failure is answered like any other, for
    only so it is shown.
    """
    waits = waits or context.get("state") == "coming"
    is_part = wants_part(request)
    address = request.get_full_path()
    context = {"polls": address if waits else "", "is_part": is_part, **context}
    page = render_page(request, template, context, status=200 if is_part and status == 503 else status)
    return unless_known(request, page) if waits and is_part and status == 200 else page
