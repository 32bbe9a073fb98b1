"""The pages of dashboards: at a glance, one with its tiles, changing it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.insight.dashboards.tiles import (
    A_PAGE,
    AT_A_GLANCE,
    BUILTIN,
    ONE_TILE,
    REPORT,
    moved,
    shown_tiles,
    tiles_offered,
)  # fmt: skip
from rapport.insight.models import Dashboard
from rapport.insight.report_builder import actions
from rapport.insight.report_builder.forms import KeepForm
from rapport.insight.report_builder.kept_views import DASHBOARDS, mails_shown
from rapport.records.permissions import SHARE
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast

FORM_METHODS = ["GET", "HEAD", "POST"]
_WAYS = ("earlier", "later", "first", "out")


@staff_only()
@require_safe
def dashboards(request: HttpRequest) -> HttpResponse:
    """At a glance: reports of ours, for everybody."""
    return _show(request, None, AT_A_GLANCE)


@staff_only()
@require_safe
def show_dashboard(request: HttpRequest, public_id: Any) -> HttpResponse:
    dashboard = _find(request, public_id)
    return _show(request, dashboard, dashboard.tiles)


@staff_only()
@require_safe
def report_tile(request: HttpRequest, public_id: Any) -> HttpResponse:
    """What the tile of a saved report says, once the page is there."""
    return _tile(request, f"{REPORT}{public_id}")


@staff_only()
@require_safe
def tile_of_ours(request: HttpRequest, name: str) -> HttpResponse:
    """What a tile of ours says, once the page is there."""
    return _tile(request, f"{BUILTIN}{name}")


@staff_only()
@require_http_methods(FORM_METHODS)
def new_dashboard(request: HttpRequest) -> HttpResponse:
    """A dashboard of one's own; it begins with the tiles of the one at a glance."""
    user = staff_user(request)
    form = KeepForm(request.POST if request.method == "POST" else None, may_share=user.has_right(SHARE.name))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = actions.save_dashboard(
                    name=form.cleaned_data["name"], tiles=AT_A_GLANCE, by=user, now=utc_now(), request=request
                )
                actions.set_shared(made, form.cleaned_data.get("is_shared", False), by=user, request=request)
        except actions.ReportRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            page = "dashboard_change" if tiles_offered(made, user=user) else "dashboard"
            return HttpResponseRedirect(reverse(page, args=[made.public_id]))
    context: dict[str, Any] = {"form": form, "dashboard": None, "offered": [], "back": reverse("dashboards")}
    return render_page(request, "insight/dashboard_change.html", context, status=422 if form.errors else 200)


@staff_only()
@require_http_methods(FORM_METHODS)
def change_dashboard(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Its name, who sees it, and one tile more."""
    user, dashboard = staff_user(request), _changeable(request, public_id)
    initial = {"name": dashboard.name, "is_shared": dashboard.is_shared}
    form = KeepForm(
        request.POST if request.method == "POST" else None, may_share=user.has_right(SHARE.name), initial=initial
    )
    offered = tiles_offered(dashboard, user=user)
    if request.method == "POST" and form.is_valid():
        added = [each for each in request.POST.getlist("tile") if each in dict(offered)]
        try:
            with transaction.atomic():
                actions.change_dashboard(
                    dashboard, name=form.cleaned_data["name"], tiles=[*dashboard.tiles, *added], by=user, now=utc_now(),
                    request=request,
                )  # fmt: skip
                if "is_shared" in form.cleaned_data:
                    actions.set_shared(dashboard, form.cleaned_data["is_shared"], by=user, request=request)
        except actions.ReportRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            toast(request, _("Saved."))
            return HttpResponseRedirect(reverse("dashboard", args=[dashboard.public_id]))
    context = {
        "form": form,
        "dashboard": dashboard,
        "offered": offered,
        "back": reverse("dashboard", args=[dashboard.public_id]),
    }
    return render_page(request, "insight/dashboard_change.html", context, status=422 if form.errors else 200)


@staff_only()
@require_POST
def move_tile(request: HttpRequest, public_id: Any) -> HttpResponse:
    """One tile earlier, later, first or out."""
    dashboard, tile = _changeable(request, public_id), request.POST.get("tile", "")
    way = request.POST.get("way", "")
    if way not in _WAYS:
        raise Http404
    tiles = moved(dashboard.tiles, tile, way)
    actions.change_dashboard(dashboard, tiles=tiles, by=staff_user(request), now=utc_now(), request=request)
    at = f"#tile-{tiles.index(tile) + 1}" if tile in tiles else ""
    return HttpResponseRedirect(reverse("dashboard", args=[dashboard.public_id]) + at)


def _show(request: HttpRequest, dashboard: Dashboard | None, tiles: Any) -> HttpResponse:
    user = staff_user(request)
    visible = Dashboard.objects.visible_to(user).order_by("name", "pk")[:50]
    tabs = [(_("At a glance"), reverse("dashboards"), dashboard is None)]
    tabs += [(each.name, reverse("dashboard", args=[each.public_id]), each == dashboard) for each in visible]
    context = {
        "dashboard": dashboard,
        "tiles": shown_tiles(tiles, user=user, at=utc_now(), patience=A_PAGE),
        "tabs": tabs,
        "may_change": dashboard is not None and actions.may_change(dashboard, user),
        "mails": mails_shown(dashboard, request, DASHBOARDS) if dashboard is not None else None,
    }
    return render_page(request, "insight/dashboard.html", context)


def _tile(request: HttpRequest, key: str) -> HttpResponse:
    """For whoever opens its address the report alone."""
    tiles = shown_tiles([key], user=staff_user(request), at=utc_now(), patience=ONE_TILE)
    if not tiles:
        raise Http404
    if not wants_part(request):
        return HttpResponseRedirect(tiles[0].href)
    return render_page(request, "insight/dashboard_tile.html", {"tile": tiles[0]})


def _find(request: HttpRequest, public_id: Any) -> Dashboard:
    dashboard: Dashboard = find_or_404(Dashboard.objects.all(), staff_user(request), public_id=public_id)
    return dashboard


def _changeable(request: HttpRequest, public_id: Any) -> Dashboard:
    dashboard = _find(request, public_id)
    if not actions.may_change(dashboard, staff_user(request)):
        raise Http404
    return dashboard
