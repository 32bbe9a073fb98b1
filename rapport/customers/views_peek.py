"""A customer in short, for the panel beside a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import business_zone
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.editing.details import details_of
from rapport.customers.permissions import VIEW
from rapport.customers.views import panels_in
from rapport.ui.rendering import render_page, wants_part

LATEST = 5


@staff_only(VIEW)
@require_safe
def peek(request: HttpRequest, public_id: Any) -> HttpResponse:
    """The heading, what she is worth, the details and the latest contacts; without JavaScript her page."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    if not wants_part(request):
        return HttpResponseRedirect(reverse("customer", args=[found.public_id]))
    panels = panels_in(request, found, "chip", "worth")
    context = {
        **details_of(user, found),
        "chips": panels["chip"],
        "worth": panels["worth"],
        "timeline": queries.read_timeline(found, user=user, now=utc_now(), zone=business_zone(), size=LATEST),
    }
    return render_page(request, "customers/peek.html", context, block="peek")
