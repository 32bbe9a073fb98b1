"""Changing one value on the customer page, and giving up what staff said of it. Without JavaScript the whole page answers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.accounts.access import staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.customers import actions, queries
from rapport.customers.editing.details import Editable, clash, details_of, editable_units
from rapport.customers.editing.forms import UnitForm
from rapport.customers.editing.noting import noting_said
from rapport.customers.forms import LogForm
from rapport.customers.models import Customer
from rapport.customers.permissions import EDIT
from rapport.customers.views import show_customer
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast


@staff_only(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def field(request: HttpRequest, public_id: Any, unit: str) -> HttpResponse:
    """The form in the place of the value; with `?shown`, the value again."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    editable = _editable(request, unit)
    if request.method != "POST":
        form = None if "shown" in request.GET else UnitForm(customer=found, editable=editable)
        return _answer(request, found, editable, form)
    form = UnitForm(request.POST, customer=found, editable=editable)
    if not form.is_valid():
        return _answer(request, found, editable, form, status=422)
    now = utc_now()
    try:
        with noting_said(found, by=user, now=now, request=request) as noted:
            saved = actions.edit_customer(
                found, form.typed, version=form.cleaned_data["version"], opened=form.opened,
                by=user, now=now, request=request, held=noted.held,
            )  # fmt: skip
    except actions.CustomerChanged as conflict:
        again = UnitForm.over(request.POST, current=conflict.current, editable=editable)
        clashes = [clash(editable, conflict.current, name, form.typed[name]) for name in conflict.fields]
        return _answer(request, conflict.current, editable, again, clashes=clashes, status=409)
    except actions.UnableToClear as refusal:
        for name in refusal.fields:
            form.add_error(
                name.rpartition(".")[2], _("Another source says this; type the right value instead of emptying it.")
            )
        return _answer(request, found, editable, form, status=422)
    if noted.command is not None:
        toast(request, _("%(field)s changed.") % {"field": editable.label}, undo_url=noted.undo_url)
    return _answer(request, saved, editable, None)


@staff_only(EDIT)
@require_POST
def take_back(request: HttpRequest, public_id: Any, unit: str) -> HttpResponse:
    """Show again what other sources say."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    editable = _editable(request, unit)
    now = utc_now()
    try:
        with noting_said(found, by=user, now=now, request=request) as noted:
            found = actions.take_back_staff_value(found, editable.unit.fields[0], by=user, now=now, request=request)
    except actions.NothingToTakeBack:
        toast(request, _("Nothing was changed: no other source says anything of it."), bad=True)
    else:
        said = _("%(field)s is what other sources say again.") % {"field": editable.label}
        toast(request, said, undo_url=noted.undo_url)
    return _answer(request, found, editable, None)


def _editable(request: HttpRequest, unit: str) -> Editable:
    editable = editable_units(staff_user(request)).get(unit)
    if editable is None:
        raise Http404
    return editable


def _answer(
    request: HttpRequest,
    found: Customer,
    editable: Editable,
    form: UnitForm | None,
    *,
    clashes: list[tuple[Any, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    in_place = {
        "editing": editable if form is not None else None,
        "returned": editable.name,
        "form": form,
        "clashes": clashes,
    }
    if wants_part(request):
        context = {**details_of(staff_user(request), found), **in_place, "is_part": True}
        return render_page(request, "customers/customer.html", context, block="details", status=status)
    if form is None:
        return HttpResponseRedirect(reverse("customer", args=[found.public_id]) + "#details")
    return show_customer(request, found, LogForm(), in_place=in_place, status=status)
