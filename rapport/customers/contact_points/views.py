"""The pages of the ways to reach a customer: all of them, one added or changed, one removed, one made the first."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.access import may_change
from rapport.customers.contact_points import actions as actions_contacts
from rapport.customers.contact_points.forms import POINT_FORMS, PointForm
from rapport.customers.contact_points.reading import (
    ADDRESS,
    EMAIL,
    PHONE,
    Way,
    imports_of,
    kinds_shown,
    points_of,
    said_of,
    shown_ways,
    ways_of,
)
from rapport.customers.editing.noting import noting_said
from rapport.customers.models import ContactPoint, Customer, Profile
from rapport.customers.permissions import EDIT, VIEW
from rapport.customers.vcard_writing import vcard_of
from rapport.records.imports.queries import import_file_names
from rapport.records.layouts.sight import hidden_names
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

VERSIONS = ("3.0", "4.0")


def read_ways(found: Customer, profiles: list[Profile], *, hidden: frozenset[str]) -> list[Way]:
    """The ways to reach a customer that one may see, with the files they came from."""
    points = points_of(found)
    files = import_file_names(imports_of(profiles, points))
    return shown_ways(ways_of(found, profiles, points, files=files), hidden=hidden)


@staff_only(VIEW)
@require_safe
def contacts(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    hidden = hidden_names(user, "customer")
    ways = read_ways(found, queries.profiles_of(found), hidden=hidden)
    groups = [
        (EMAIL, _("E-mail"), _("Add an e-mail address")),
        (PHONE, _("Phone"), _("Add a phone number")),
        (ADDRESS, _("Address"), _("Add an address")),
    ]
    context = {
        "customer": found,
        "title": _title(request, found),
        "groups": [
            (kind, title, add, [way for way in ways if way.kind == kind])
            for kind, title, add in groups
            if kind in kinds_shown(hidden)
        ],
        "may_edit": may_change(user, found),
    }
    return render_page(request, "customers/contacts.html", context)


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def contact_add(request: HttpRequest, public_id: Any, kind: str) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    if kind not in kinds_shown(hidden_names(user, "customer")):
        raise Http404
    form = POINT_FORMS[kind](request.POST if request.method == "POST" else None)
    if form.is_valid():
        now = utc_now()
        try:
            with noting_said(found, by=user, now=now, request=request) as noted:
                actions_contacts.add_contact_point(found, kind, form.cleaned_data, by=user, now=now, request=request)
        except actions_contacts.PointExists:
            _refuse_known(form)
        else:
            toast(request, _("Added."), undo_url=noted.undo_url)
            return HttpResponseRedirect(_page_of(found))
    return _show_form(request, found, form, status=422 if form.errors else 200)


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def contact_point(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    point, found = _find_point(request, public_id)
    form_class = POINT_FORMS[point.kind]
    form = form_class(request.POST, label_now=point.label) if request.method == "POST" else form_class.of(point)
    if form.is_valid():
        now = utc_now()
        try:
            with noting_said(found, by=user, now=now, request=request) as noted:
                actions_contacts.change_contact_point(
                    point, form.cleaned_data, opened=form.opened, by=user, now=now, request=request
                )
        except actions_contacts.PointExists:
            _refuse_known(form)
        except actions_contacts.PointChanged as conflict:
            return _show_conflict(request, found, conflict, form)
        else:
            toast(request, _("Saved."), undo_url=noted.undo_url)
            return HttpResponseRedirect(_page_of(found))
    return _show_form(request, found, form, point=point, status=422 if form.errors else 200)


@staff_only(EDIT)
@require_POST
def contact_point_remove(request: HttpRequest, public_id: Any) -> HttpResponse:
    point, found = _find_point(request, public_id)
    user, now = staff_user(request), utc_now()
    with noting_said(found, by=user, now=now, request=request) as noted:
        actions_contacts.remove_contact_point(point, by=user, now=now, request=request)
    toast(request, _("Removed."), undo_url=noted.undo_url)
    return HttpResponseRedirect(_page_of(found))


@staff_only(EDIT)
@require_POST
def contact_first(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    ways = read_ways(found, queries.profiles_of(found), hidden=hidden_names(user, "customer"))
    if request.POST.get("way", "") not in {way.key for way in ways}:
        raise Http404
    now = utc_now()
    try:
        with noting_said(found, by=user, now=now, request=request) as noted:
            way = actions_contacts.make_first(found, request.POST.get("way", ""), by=user, now=now, request=request)
    except actions_contacts.UnknownWay as error:
        raise Http404 from error
    toast(request, _("%(way)s comes first now.") % {"way": ", ".join(way.lines)}, undo_url=noted.undo_url)
    return HttpResponseRedirect(_page_of(found))


@staff_only(VIEW)
@require_safe
def vcard(request: HttpRequest, public_id: Any) -> HttpResponse:
    """The customer as a file for address books."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    version = request.GET.get("version", VERSIONS[0])
    if version not in VERSIONS:
        raise Http404
    hidden = hidden_names(user, "customer")
    ways = read_ways(found, queries.profiles_of(found), hidden=hidden)
    card = vcard_of(found, queries.name_of(found, hidden=hidden), ways, version=version, hidden=hidden)
    return HttpResponse(
        card,
        content_type="text/vcard; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="customer-{found.public_id}.vcf"'},
    )


def _title(request: HttpRequest, found: Customer) -> str:
    return queries.name_of(found, hidden=hidden_names(staff_user(request), "customer"))


def _page_of(found: Customer) -> str:
    return reverse("customer_contacts", args=[found.public_id])


def _find_point(request: HttpRequest, public_id: Any) -> tuple[ContactPoint, Customer]:
    user = staff_user(request)
    kinds = kinds_shown(hidden_names(user, "customer"))
    points = ContactPoint.objects.filter(kind__in=kinds).select_related("customer", "profile__source")
    point: ContactPoint = find_or_404(points, user, public_id=public_id)
    return point, queries.find_customer(user, point.customer.public_id)


def _refuse_known(form: PointForm) -> None:
    form.add_error(None, _("The customer can be reached this way already."))


def _show_form(
    request: HttpRequest, found: Customer, form: PointForm, *, point: ContactPoint | None = None, status: int = 200
) -> HttpResponse:
    context = {"customer": found, "title": _title(request, found), "form": form, "point": point, "saved": None}
    return render_page(request, "customers/contact_point.html", context, status=status)


def _show_conflict(
    request: HttpRequest, found: Customer, conflict: actions_contacts.PointChanged, form: PointForm
) -> HttpResponse:
    """What is saved now beside the form, which saves over it on purpose."""
    if conflict.current is None:
        toast(request, _("Somebody else has removed it meanwhile."), bad=True)
        return HttpResponseRedirect(_page_of(found))
    saved = [(form.fields[name].label, value) for name, value in said_of(conflict.current).items()]
    again = type(form).again(conflict.current, {name: form.data.get(name, "") for name in said_of(conflict.current)})
    context = {
        "customer": found,
        "title": _title(request, found),
        "form": again,
        "point": conflict.current,
        "saved": saved,
    }
    return render_page(request, "customers/contact_point.html", context, status=409)
