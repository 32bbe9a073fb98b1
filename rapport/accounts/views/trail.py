"""Settings: the audit trail."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts import queries
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.forms import TrailFilterForm
from rapport.accounts.permissions import ADMINISTER
from rapport.audit.actions import heads_file
from rapport.audit.queries import audited_tables, trail
from rapport.audit.reading import page_for
from rapport.audit.verification import Verification, verify
from rapport.ui.rendering import render_page


@staff_only(ADMINISTER)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    return _page(request, None)


@staff_only(ADMINISTER)
@require_POST
def verify_audit(request: HttpRequest) -> HttpResponse:
    return _page(request, verify(heads=heads_file()))


def _page(request: HttpRequest, verification: Verification | None) -> HttpResponse:
    form = TrailFilterForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("This page cannot be asked for so.", content_type="text/plain")
    asked = form.cleaned_data
    page = page_for(staff_user(request), trail(actor_id=asked["actor"], about=asked["table"], before=asked["before"]))
    further = {"actor": asked["actor"], "table": asked["table"], "before": page.before}
    context = {
        "asked": asked,
        "page": page,
        "next_url": "?" + urlencode({name: value for name, value in further.items() if value}) if page.before else "",
        "people": queries.actors(),
        "tables": audited_tables(),
        "verification": verification,
    }
    return render_page(request, "accounts/audit.html", context)
