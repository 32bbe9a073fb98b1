"""The page of the margin at the edges of RFM groups."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.insight import queries
from rapport.insight.rfm.actions import set_group_margins
from rapport.insight.rfm.margin_forms import GroupMarginsForm
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast


@staff_only(ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def group_margins(request: HttpRequest) -> HttpResponse:
    """How far beyond the edge of a band somebody has to be to change into another."""
    form = GroupMarginsForm(
        request.POST if request.method == "POST" else None,
        initial=GroupMarginsForm.initial_of(queries.group_margins()),
    )
    if form.is_valid():
        changed = set_group_margins(form.margins(), by=staff_user(request), request=request)
        toast(request, _("Saved. The numbers are being refreshed.") if changed else _("Saved."))
        return HttpResponseRedirect(reverse("group_margins"))
    return render_page(request, "insight/group_margins.html", {"form": form}, status=422 if form.errors else 200)
