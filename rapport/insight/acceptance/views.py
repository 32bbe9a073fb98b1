"""The page of the next best action: can I trust this? What was offered, taken and refused, rule by rule."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight.acceptance.page import acceptance_page
from rapport.insight.permissions import VIEW
from rapport.ui.rendering import render_page


@staff_only(VIEW)
@require_safe
def acceptance(request: HttpRequest) -> HttpResponse:
    return render_page(request, "insight/acceptance.html", {"page": acceptance_page(staff_user(request))})
