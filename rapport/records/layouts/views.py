"""Settings: what each role sees of an object, on its page and in its list, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import role_list, role_or_404
from rapport.core.rooms import contributions
from rapport.records.custom_fields import actions
from rapport.records.custom_fields.declaring import CustomObject
from rapport.records.custom_fields.queries import every_field, layout_for, roles_with_layouts
from rapport.records.custom_fields.views import FORM_METHODS, object_asked, object_tabs
from rapport.records.layouts.sight import can_be_hidden, in_order
from rapport.records.models import FieldLayout
from rapport.records.permissions import FIELDS
from rapport.ui.panels import Panel
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast


@dataclass(frozen=True)
class LayoutRow:
    """A field or a panel as the form shows it."""

    name: str
    label: str | Promise
    is_shown: bool
    is_column: bool = False
    can_be_hidden: bool = True


def layouts_url(of: str) -> str:
    return f"{reverse('layouts')}?object={of}"


@staff_only(FIELDS)
@require_safe
def layouts(request: HttpRequest) -> HttpResponse:
    of = object_asked(request)
    own = roles_with_layouts(of.name)
    context = {
        "of": of,
        "tabs": object_tabs(of, layouts_url),
        "roles": [(each, each.pk in own) for each in role_list()],
    }
    return render_page(request, "records/layouts.html", context)


@staff_only(FIELDS)
@require_http_methods(FORM_METHODS)
def layout(request: HttpRequest, public_id: Any) -> HttpResponse:
    """One form: each field shown or not, a column or not; its arrow buttons save as they move."""
    of, role = object_asked(request), role_or_404(public_id)
    found = layout_for(role, of.name)
    rows, panels = _field_rows(of, found), _panel_rows(of, found)
    if request.method == "POST":
        if "reset" in request.POST:
            actions.reset_layout(role, of.name, by=staff_user(request), request=request)
            toast(request, _("%(role)s sees everything again.") % {"role": role.name})
            return HttpResponseRedirect(layouts_url(of.name))
        _save(request, of, role, rows, panels)
        if "up" in request.POST or "down" in request.POST:
            return HttpResponseRedirect(f"{reverse('layout', args=[public_id])}?object={of.name}")
        toast(request, _("Saved."))
        return HttpResponseRedirect(layouts_url(of.name))
    context = {"of": of, "role": role, "rows": rows, "panels": panels, "is_kept": found.pk is not None}
    return render_page(request, "records/layout.html", context)


def _field_rows(of: CustomObject, found: FieldLayout) -> list[LayoutRow]:
    fields = [each for each in every_field(of.name).values() if not each.hidden_with]
    columns = found.columns
    return [
        LayoutRow(
            each.name,
            each.label,
            each.name not in found.hidden or each.essential,
            each.default_column
            if columns is None
            else each.name in columns or (each.essential and each.default_column),
            can_be_hidden(each),
        )
        for each in in_order(fields, found.ordering)
    ]


def _panel_rows(of: CustomObject, found: FieldLayout) -> list[LayoutRow]:
    if not of.panel_file:
        return []
    panels = sorted(contributions(of.panel_file, "PANELS", Panel), key=lambda each: (each.order, each.name))
    ordered = in_order(panels, found.panel_ordering)
    return [LayoutRow(each.name, each.title, each.name not in found.hidden_panels) for each in ordered]


def _save(
    request: HttpRequest, of: CustomObject, role: Any, rows: Sequence[LayoutRow], panels: Sequence[LayoutRow]
) -> None:
    shown, columns = set(request.POST.getlist("shown")), set(request.POST.getlist("column"))
    shown_panels = set(request.POST.getlist("panel"))
    ordering = _moved([each.name for each in rows], request, "field")
    actions.save_layout(
        role,
        of.name,
        hidden=[each.name for each in rows if each.can_be_hidden and each.name not in shown],
        ordering=ordering,
        columns=[name for name in ordering if name in columns],
        hidden_panels=[each.name for each in panels if each.name not in shown_panels],
        panel_ordering=_moved([each.name for each in panels], request, "panel"),
        by=staff_user(request),
        request=request,
    )


def _moved(names: list[str], request: HttpRequest, what: str) -> list[str]:
    """The order after the arrow that was pressed, if one was; `up` and `down` say "field:<name>" or "panel:<name>"."""
    for way, step in (("up", -1), ("down", 1)):
        kind, _colon, name = request.POST.get(way, "").partition(":")
        if kind == what and name in names:
            at = names.index(name)
            other = at + step
            if 0 <= other < len(names):
                names[at], names[other] = names[other], names[at]
    return names
