"""The customers' pages: the list, one customer with all we know, adding, editing, logging a contact."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import reach_of, staff_only, staff_user
from rapport.accounts.queries import active_staff, business_currency, business_zone
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.core.rooms import contributions
from rapport.customers import actions, queries
from rapport.customers.access import may_change
from rapport.customers.actions_trash import trash_customer
from rapport.customers.duplicates import find_duplicates, finders
from rapport.customers.editing.details import clash, details_of, editable_units
from rapport.customers.editing.noting import note_added, note_logged, note_trashed, noting_owner, noting_said
from rapport.customers.events import CustomerCreated, CustomerTrashed, InteractionLogged
from rapport.customers.forms import NOBODY, EditCustomerForm, LogForm, NewCustomerForm, OwnerForm
from rapport.customers.forms_own_fields import fit_form, form_over, own_opened, own_typed
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer, InteractionKind, RelationshipKind
from rapport.customers.permissions import EDIT, VIEW
from rapport.customers.relationships.actions import add_relationship
from rapport.customers.signatures import filling as signatures
from rapport.customers.touchpoints import touchpoint_kinds
from rapport.records.command_log.noting import undo_url
from rapport.records.custom_fields.inputs import custom_values
from rapport.records.layouts.sight import visible_panels
from rapport.records.lists.page import answer_aside, build_list
from rapport.records.lists.querying import refuses_unknown_fields
from rapport.records.places import UnknownPlace
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.records.trash.declaring import TrashRefused
from rapport.ui.context import start_url
from rapport.ui.panels import Panel
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast
from rapport.work.logging_contacts import page_of_task
from rapport.work.private_notes import PRIVATE, keep_private

TIMELINE = "timeline"


@staff_only()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where people start."""
    return HttpResponseRedirect(start_url(staff_user(request)))


@staff_only(VIEW)
@require_safe
@refuses_unknown_fields
def customers(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    aside = answer_aside(request, CUSTOMERS, user=user)
    if aside is not None:
        return aside
    shown = build_list(request, CUSTOMERS, user=user, columns=("number", "last_contact_kind"))
    context = {
        "list": shown,
        "is_part": wants_part(request),
        "shown_name": queries.shown_name,
        "tabs": _tabs(),
        "kinds": touchpoint_kinds(),
        "currency": business_currency(),
        "is_new": not shown.page.rows
        and shown.looked is None
        and not shown.asked.is_narrowed
        and not queries.has_customers(),
        "may_edit": user.has_right(EDIT.name),
        "may_import": user.has_right("records.import"),
    }
    return render_page(request, "customers/list.html", context, block="results")


def _tabs() -> list[tuple[str, str]]:
    """Ready-made narrowings, each with its filter."""
    return [
        (_("Everyone"), ""),
        (_("People"), "kind.is:person"),
        (_("Organizations"), "kind.is:organization"),
        (_("My customers"), "owner.is:me"),
    ]


@staff_only(VIEW)
@require_safe
def customer(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = queries.find_customer(staff_user(request), public_id)
    if found.public_id != public_id:
        return HttpResponseRedirect(reverse("customer", args=[found.public_id]))
    return show_customer(request, found, LogForm())


def show_customer(
    request: HttpRequest,
    found: Customer,
    log_form: LogForm,
    *,
    in_place: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or the part in the middle for htmx. `in_place` opens a form within the details."""
    allowed = _allowed(request)
    tab = _tab_context(request, found, allowed)
    if wants_part(request):
        part = {"customer": found, "log_form": log_form, **tab}
        return render_page(request, "customers/customer.html", part, block="tab", status=status)
    user = staff_user(request)
    context = {
        **details_of(user, found),
        **(in_place or {}),
        "log_form": log_form,
        "chips": _read(request, found, allowed, "chip"),
        "worth": _read(request, found, allowed, "worth"),
        "bar": _read(request, found, allowed, "bar"),
        "left": _read(request, found, allowed, "left"),
        "right": _read(request, found, allowed, "right"),
        **tab,
    }
    return render_page(request, "customers/customer.html", context, status=status)


def _tab_context(request: HttpRequest, found: Customer, allowed: list[Panel]) -> dict[str, Any]:
    """What stands in the middle: the timeline, or the tab of another room; only the chosen one is read."""
    panels = [panel for panel in allowed if panel.place == "tab"]
    chosen = request.GET.get("tab", TIMELINE)
    context: dict[str, Any] = {"tab": chosen, "may_edit": may_change(staff_user(request), found)}
    path = reverse("customer", args=[found.public_id])
    context["tabs"] = [(_("Timeline"), path, chosen == TIMELINE)] + [
        (panel.title, f"{path}?tab={panel.name}", chosen == panel.name) for panel in panels
    ]
    context["known"] = known = queries.known_of(found)
    if chosen == TIMELINE:
        context["timeline"] = _timeline(request, found)
        context["kinds"] = [kind for name, kind in touchpoint_kinds().items() if name in known.touchpoint_kinds]
        return context
    panel = next((panel for panel in panels if panel.name == chosen), None)
    if panel is None:
        raise Http404
    context["panel"] = panel
    try:
        context["panel_context"] = panel.context(request, found.pk) or {}
    except UnknownPlace as error:
        raise Http404 from error
    return context


def _timeline(request: HttpRequest, found: Customer) -> queries.Timeline:
    kind, before = request.GET.get("kind", ""), request.GET.get("before", "")
    try:
        return queries.read_timeline(
            found, user=staff_user(request), now=utc_now(), zone=business_zone(), kind=kind, before=before
        )
    except UnknownPlace as error:
        raise Http404 from error


def _allowed(request: HttpRequest) -> list[Panel]:
    user = staff_user(request)
    panels = contributions("panels", "PANELS", Panel)
    allowed = (panel for panel in panels if not panel.right or user.has_right(panel.right))
    return visible_panels(user, "customer", sorted(allowed, key=lambda p: (p.order, p.name)))


ReadPanels = list[tuple[Panel, dict[str, Any]]]


def panels_in(request: HttpRequest, found: Customer, *places: str) -> dict[str, ReadPanels]:
    """What the panels of these places show."""
    allowed = _allowed(request)
    return {place: _read(request, found, allowed, place) for place in places}


def _read(request: HttpRequest, found: Customer, allowed: list[Panel], place: str) -> ReadPanels:
    read = [(panel, panel.context(request, found.pk)) for panel in allowed if panel.place == place]
    return [(panel, context) for panel, context in read if context is not None]


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def new_customer(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    if "signature" in request.POST:
        return _read_signature(request)
    form = NewCustomerForm(request.POST if request.method == "POST" else None)
    fit_form(form, user)
    further = signatures.further_from(request.POST.getlist("further"), by=user)
    if form.is_valid():
        return _add_customer(request, form, further)
    context = {"form": form, "finders": finders(), "further": further, "employer": _employer(request)}
    return render_page(request, "customers/new.html", context, status=422 if form.errors else 200)


def _employer(request: HttpRequest) -> FoundRecord | None:
    """Where the new customer works, as it was looked up."""
    if not request.POST.get("employer"):
        return None
    try:
        return find_record(staff_user(request), "customer", UUID(request.POST["employer"]))
    except ValueError as error:
        raise Http404 from error


def _add_customer(request: HttpRequest, form: NewCustomerForm, further: list[signatures.Further]) -> HttpResponse:
    """As typed; unless somebody may be known already, and nobody said that she is to be added anyway."""
    user, now, values = staff_user(request), utc_now(), dict(form.cleaned_data)
    kind, own = values.pop("kind"), custom_values(form, form.own)
    known, employer = find_duplicates(user, values), _employer(request)
    if employer is not None and not values.get("organization"):
        values["organization"] = employer.name
    if known and not request.POST.get("anyway"):
        context = {
            "form": form,
            "duplicates": known,
            "name_of": partial(queries.name_for, user),
            "finders": finders(),
            "further": further,
            "employer": employer,
        }
        return render_page(request, "customers/new.html", context, status=409)
    with acting(user, request, reason=CustomerCreated.name):
        made = actions.create_customer(values, kind=kind, custom=own, by=user, now=now, request=request)
        signatures.keep_further(made, further, by=user, now=now, request=request)
        if employer is not None:
            at, role = queries.find_customer(user, employer.public_id), values.get("job_title") or ""
            add_relationship(made, at, RelationshipKind.WORKS_AT, by=user, now=now, role=role, request=request)
        made.refresh_from_db(fields=["version"])  # further ways make another one
        command = note_added(made, by=user, now=now)
    for finder in finders():
        others = [found.customer for found, _shares in known if set(found.shares) != {"name"}]
        finder.keep_apart(made, others, by=user, now=utc_now())
    toast(request, _("%(name)s was added.") % {"name": queries.name_for(user, made)}, undo_url=undo_url(command))
    return HttpResponseRedirect(reverse("customer", args=[made.public_id]))


def _read_signature(request: HttpRequest) -> HttpResponse:
    """The form with what was understood of a pasted signature; nothing is kept yet."""
    user = staff_user(request)
    reading = signatures.read(request.POST["signature"], by=user)
    form = NewCustomerForm(initial={"kind": reading.kind, **reading.values})
    fit_form(form, user)
    context = {
        "form": form,
        "finders": finders(),
        "reading": reading,
        "further": reading.further,
        "employer": None,
        "known": find_duplicates(user, reading.values) if reading.values else [],
        "name_of": partial(queries.name_for, user),
    }
    return render_page(request, "customers/new.html", context)


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    form = EditCustomerForm(request.POST) if request.method == "POST" else EditCustomerForm.of(found)
    fit_form(form, user, custom=found.custom)
    if form.is_valid():
        values, version = form.typed | own_typed(form), form.cleaned_data["version"]
        opened, now = form.opened | own_opened(form), utc_now()
        try:
            with noting_said(found, by=user, now=now, request=request) as noted:
                actions.edit_customer(
                    found, values, version=version, opened=opened, by=user, now=now, request=request, held=noted.held
                )
        except actions.CustomerChanged as conflict:
            return _show_conflict(request, conflict, values)
        except actions.UnableToClear as refusal:
            for field in refusal.fields:
                form.add_error(
                    field.rpartition(".")[2],
                    _("Another source says this; type the right value instead of emptying it."),
                )
        else:
            toast(request, _("Saved."), undo_url=noted.undo_url)
            return HttpResponseRedirect(reverse("customer", args=[found.public_id]))
    context = {
        "form": form,
        "customer": found,
        "title": queries.name_for(user, found),
        "owner_form": _owner_form(request, found),
    }
    return render_page(request, "customers/edit.html", context, status=422 if form.errors else 200)


def _show_conflict(request: HttpRequest, conflict: actions.CustomerChanged, values: dict[str, Any]) -> HttpResponse:
    """Both values side by side; the form beneath saves over the newer version on purpose."""
    current = conflict.current
    user = staff_user(request)
    units = editable_units(user)
    clashes = [clash(units.get(field), current, field, values[field]) for field in conflict.fields]
    form = form_over(current, values, user)
    context = {"form": form, "customer": current, "title": queries.name_for(user, current), "clashes": clashes}
    context["owner_form"] = None
    return render_page(request, "customers/edit.html", context, status=409)


@staff_only(EDIT)
@require_POST
def log(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    is_private = request.POST.get("kind") == PRIVATE
    form = LogForm(request.POST.dict() | {"kind": InteractionKind.NOTE} if is_private else request.POST)
    if not form.is_valid():
        return show_customer(request, found, form, status=422)
    if is_private:
        keep_private(request, CUSTOMERS.name, found.public_id, form.cleaned_data["text"])
        url = reverse("customer", args=[found.public_id])
        return show_customer(request, found, LogForm()) if wants_part(request) else HttpResponseRedirect(url)
    now, said = utc_now(), form.cleaned_data
    url = page_of_task(said["text"], kind="customer", public_id=found.public_id, by=user, now=now)
    if url and "plain" not in request.POST:  # what follows is shown before it is kept
        return HttpResponse(headers={"HX-Redirect": url}) if wants_part(request) else HttpResponseRedirect(url)
    with acting(user, request, reason=InteractionLogged.name):
        logged = actions.log_interaction(found, kind=said["kind"], text=said["text"], by=user, now=now, request=request)
        command = note_logged(logged, by=user, now=now)
    toast(request, _("%(kind)s logged.") % {"kind": logged.get_kind_display()}, undo_url=undo_url(command))
    if wants_part(request):
        return show_customer(request, found, LogForm(initial={"kind": logged.kind}))
    return HttpResponseRedirect(reverse("customer", args=[found.public_id]))


@staff_only(EDIT)
@require_POST
def owner(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    form = _owner_form(request, found, request.POST)
    if not form.is_valid():
        toast(request, _("Nothing was changed: choose somebody from the list."), bad=True)
        return HttpResponseRedirect(reverse("customer_edit", args=[found.public_id]))
    now = utc_now()
    with noting_owner(found, by=user, now=now, request=request) as noted:
        actions.assign_owner(found, form.chosen, by=user, now=now, request=request)
    said = _("%(name)s is now the owner.") % {"name": form.chosen} if form.chosen else _("Nobody owns it now.")
    toast(request, said, undo_url=noted.undo_url)
    return HttpResponseRedirect(reverse("customer", args=[found.public_id]))


@staff_only(EDIT)
@require_POST
def trash(request: HttpRequest, public_id: Any) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    name, command = queries.name_for(user, found), None
    try:
        with acting(user, request, reason=CustomerTrashed.name):
            if trash_customer(found, by=user, now=now, request=request):
                command = note_trashed(found, by=user, now=now)
    except TrashRefused as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("customer", args=[found.public_id]))
    toast(request, _("%(name)s is in the trash.") % {"name": name}, undo_url=undo_url(command))
    return HttpResponseRedirect(reverse("customers"))


def _owner_form(request: HttpRequest, found: Customer, data: Any = None) -> OwnerForm:
    """Those whose records this person can reach may be chosen, so that nobody hands away what she then cannot see."""
    reach = reach_of(staff_user(request))
    colleagues = active_staff(None if reach.everything else reach.owner_ids)
    initial = {"owner": str(found.owner.public_id) if found.owner is not None else NOBODY}
    return OwnerForm(data, colleagues=colleagues, may_be_nobody=reach.everything, initial=initial)
