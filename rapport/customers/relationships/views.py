"""The pages of the people and organizations around a customer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.accounts.queries import business_zone
from rapport.core.acting import acting
from rapport.core.clock import business_day, utc_now
from rapport.customers import queries
from rapport.customers.access import may_change
from rapport.customers.actions import create_customer
from rapport.customers.editing.noting import Noted, note_added, noting_ties
from rapport.customers.events import CustomerCreated
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer, Kind, Relationship
from rapport.customers.permissions import EDIT, VIEW
from rapport.customers.relationships import actions as actions_relationships
from rapport.customers.relationships.around import tie_from, ties_of
from rapport.customers.relationships.forms import NewRelationshipForm, RelationshipForm
from rapport.records.command_log.noting import undo_url
from rapport.records.imports.queries import import_file_names
from rapport.records.layouts.sight import hidden_names
from rapport.records.lists.querying import fetch_page, read_request
from rapport.records.registry import UnknownField
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_FOUND = 12
_COLUMNS = ("name", "number", "organization", "city")


@staff_only(VIEW)
@require_safe
def relationships(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    ties = ties_of(user, found, today=business_day(utc_now(), zone=business_zone()))
    context = {
        "customer": found,
        "title": queries.name_of(found, hidden=hidden_names(user, "customer")),
        "ties": ties,
        "files": import_file_names([tie.relationship.import_id for tie in ties if tie.relationship.import_id]),
        "may_edit": may_change(user, found),
    }
    return render_page(request, "customers/relationships.html", context)


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def relationship_add(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Look somebody up by name, then say how the two belong together."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    asked = " ".join(request.GET.get("q", "").split())[:200]
    if "make" in request.POST:
        return _make_other(request, found, asked)
    chosen = request.GET.get("chosen", "")
    others = _look_up(user, asked, but=found, chosen=chosen) if asked else []
    form = NewRelationshipForm(
        request.POST if request.method == "POST" else None, found=others, initial={"other": chosen}
    )
    if chosen:
        form.fields["kind"].widget.attrs["autofocus"] = True
    if form.is_valid():
        other = queries.find_customer(user, form.cleaned_data["other"])
        first, second = (other, found) if form.is_backward else (found, other)
        now = utc_now()
        try:
            with noting_ties(found, other, by=user, now=now, request=request) as noted:
                actions_relationships.add_relationship(
                    first, second, form.kind_chosen, by=user, now=now, request=request, **form.said
                )
        except actions_relationships.RelationshipExists:
            form.add_error(None, _("The two belong together like this already."))
        except actions_relationships.UnableToRelate:
            form.add_error("other", _("Choose somebody else."))
        else:
            toast(
                request,
                _("%(name)s was added.") % {"name": queries.name_of(other, hidden=hidden_names(user, "customer"))},
                undo_url=noted.undo_url,
            )
            return HttpResponseRedirect(_page_of(found))
    context = {
        "customer": found,
        "title": queries.name_of(found, hidden=hidden_names(user, "customer")),
        "form": form,
        "asked": asked,
        "others": others,
        "chosen": chosen,
    }
    return render_page(request, "customers/relationship_add.html", context, status=422 if form.errors else 200)


def _make_other(request: HttpRequest, found: Customer, name: str) -> HttpResponse:
    """Whoever was looked up in vain is added by that name, and chosen on the page that one comes back to."""
    user, now, kind = staff_user(request), utc_now(), request.POST["make"]
    if not name or kind not in Kind.values:
        return HttpResponseBadRequest()
    with acting(user, request, reason=CustomerCreated.name):
        made = create_customer({"name": name}, kind=kind, by=user, now=now, request=request)
        command = note_added(made, by=user, now=now)
    toast(request, _("%(name)s was added.") % {"name": name}, undo_url=undo_url(command))
    query = urlencode({"q": name, "chosen": str(made.public_id)})
    return HttpResponseRedirect(f"{reverse('customer_relationship_add', args=[found.public_id])}?{query}")


def _look_up(user: User, text: str, *, but: Customer, chosen: str = "") -> list[tuple[str, str]]:
    """Customers that the user may see and that are found by the text, with what tells them apart; who is chosen first."""
    query = QueryDict(mutable=True)
    query["q"] = text
    fields = CUSTOMERS.fields_for(user)
    try:
        asked = read_request(query, CUSTOMERS, user=user)
    except UnknownField:
        return []
    page = fetch_page(asked, columns=[fields[name] for name in _COLUMNS if name in fields], size=MOST_FOUND)
    found = []
    for row in page.rows:
        said = {each: row[each] for each in _COLUMNS if each in fields}
        name = queries.shown_name(said.get("name"), said.get("number"))
        more = [said[each] for each in ("organization", "city") if said.get(each) and said[each] != name]
        if row.public_id != but.public_id:
            found.append((str(row.public_id), " · ".join([name, *more])))
    if chosen and chosen not in dict(found):
        found += _named(user, chosen)
    return sorted(found, key=lambda each: each[0] != chosen)


def _named(user: User, public_id: str) -> list[tuple[str, str]]:
    """Whoever was made a moment ago, though many have that name."""
    try:
        made = queries.find_customer(user, UUID(public_id))
    except (ValueError, Http404):
        return []
    return [(str(made.public_id), queries.name_for(user, made))]


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def relationship(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    current = _find(user, public_id)
    form = RelationshipForm(request.POST) if request.method == "POST" else RelationshipForm.of(current)
    saved: list[tuple[Any, Any]] = []
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            with _noting(request, current) as noted:
                actions_relationships.change_relationship(
                    current, form.said, opened=form.opened, by=user, request=request
                )
        except actions_relationships.RelationshipChanged as conflict:
            if conflict.current is None:
                toast(request, _("Somebody else has removed it meanwhile."), bad=True)
                return HttpResponseRedirect(_page_of(current.from_customer))
            said = actions_relationships.said_of(conflict.current)
            saved, status = [(form.fields[name].label, value) for name, value in said.items()], 409
            form = RelationshipForm({**request.POST.dict(), **{f"initial-{n}": v or "" for n, v in said.items()}})
        else:
            toast(request, _("Saved."), undo_url=noted.undo_url)
            return HttpResponseRedirect(_page_of(current.from_customer))
    hidden = hidden_names(user, "customer")
    tie = tie_from(current, current.from_customer, today=business_day(utc_now(), zone=business_zone()), hidden=hidden)
    title = queries.name_of(current.from_customer, hidden=hidden)
    context = {"tie": tie, "customer": current.from_customer, "title": title}
    return render_page(request, "customers/relationship.html", context | {"form": form, "saved": saved}, status=status)


@staff_only(EDIT)
@require_POST
def relationship_end(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    current = _find(user, public_id)
    today = business_day(utc_now(), zone=business_zone())
    with _noting(request, current) as noted:
        actions_relationships.end_relationship(current, on=today, by=user, request=request)
    toast(request, _("It is kept as something that has ended."), undo_url=noted.undo_url)
    return HttpResponseRedirect(_page_of(current.from_customer))


@staff_only(EDIT)
@require_POST
def relationship_remove(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    current = _find(user, public_id)
    with _noting(request, current) as noted:
        actions_relationships.remove_relationship(current, by=user, request=request)
    toast(request, _("Removed."), undo_url=noted.undo_url)
    return HttpResponseRedirect(_page_of(current.from_customer))


def _find(user: User, public_id: Any) -> Relationship:
    ties = Relationship.objects.select_related("from_customer", "to_customer")
    found: Relationship = find_or_404(ties, user, public_id=public_id)
    return found


def _noting(request: HttpRequest, tie: Relationship) -> AbstractContextManager[Noted]:
    return noting_ties(tie.from_customer, tie.to_customer, by=staff_user(request), now=utc_now(), request=request)


def _page_of(customer: Customer) -> str:
    return reverse("customer_relationships", args=[customer.public_id])
