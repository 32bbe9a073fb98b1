"""The pages of consent: what we may do for one customer, the customer's own answer, and the purposes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import public, staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.queries import business, business_zone
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.access import may_change
from rapport.customers.consents import asking as consents_asking
from rapport.customers.consents import ledger as consents
from rapport.customers.consents.forms import PlaceForm, PurposeForm, RecordForm, WithdrawForm
from rapport.customers.consents.objections import object_to_marketing
from rapport.customers.consents.panel import proof_of, shown_states
from rapport.customers.consents.purposes import find_purpose, save_purpose
from rapport.customers.editing.noting import CONSENT, note_consent
from rapport.customers.models import Customer, Purpose
from rapport.customers.permissions import EDIT, VIEW
from rapport.records.command_log.noting import why_not
from rapport.records.layouts.sight import hidden_names
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

FORM_METHODS = ["GET", "HEAD", "POST"]


@staff_only(VIEW)
@require_safe
def customer_consents(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything the ledger says of one customer."""
    found = queries.find_customer(staff_user(request), public_id)
    return _show(request, found, RecordForm(initial={"channel": "email"}))


@staff_only(EDIT)
@require_POST
def record(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    form = RecordForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            with acting(user, request):
                consents.record_consent(
                    found, said["purpose"], said["channel"], said["status"], by=user, now=now, origin=said["origin"],
                    wording=said["wording"], occurred_at=_moment(said["said_on"], now=now),
                    expires_at=_end_of(said["expires_on"]), request=request,
                )  # fmt: skip
                note_consent(found, by=user, now=now)
        except consents.UnableToRecord as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, _("Recorded. It stays in the ledger; a newer entry can say otherwise."))
            return HttpResponseRedirect(_page_of(found))
    return _show(request, found, form, status=422)


@staff_only(EDIT)
@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One click: from now on this is a no."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        toast(request, _("Nothing was changed: this purpose or channel is not known."), bad=True)
    else:
        now = utc_now()
        with acting(user, request):
            consents.record_consent(
                found, form.cleaned_data["purpose"], form.cleaned_data["channel"], consents.WITHDRAWN, by=user,
                now=now, origin="told to staff", request=request,
            )  # fmt: skip
            note_consent(found, by=user, now=now)
        toast(request, _("Withdrawn, from now on. This cannot be undone; a new yes can be recorded."))
    return HttpResponseRedirect(_page_of(found))


@staff_only(EDIT)
@require_POST
def object_to_all(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One click: from now on no marketing of any kind, on any channel."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    now = utc_now()
    with acting(user, request):
        count = object_to_marketing(found, by=user, now=now, origin="told to staff", request=request)
        note_consent(found, by=user, now=now)
    if count:
        toast(request, _("No marketing on any channel, from now on. A new yes can be recorded."))
    else:
        toast(request, _("It was so already: no marketing on any channel."))
    return HttpResponseRedirect(_page_of(found))


@staff_only(EDIT)
@require_POST
def ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the customer to confirm by herself."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        toast(request, _("Nobody was asked: this purpose or channel is not known."), bad=True)
        return HttpResponseRedirect(_page_of(found))
    now = utc_now()
    try:
        asked = consents_asking.ask_to_confirm(
            found, form.cleaned_data["purpose"], form.cleaned_data["channel"], by=user, now=now,
            business_name=_business_name(), origin="asked by staff", request=request,
        )  # fmt: skip
    except consents.UnableToRecord as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(_page_of(found))
    note_consent(found, by=user, now=now)
    if asked.was_mailed:
        address = _("The customer") if "email" in hidden_names(user, "customer") else asked.request.sent_to
        toast(request, _("%(address)s was asked to confirm.") % {"address": address})
        return HttpResponseRedirect(_page_of(found))
    context = {"customer": found, "title": queries.name_for(user, found), "link": asked.link}
    return render_page(request, "customers/consent_link.html", context)


@public
@require_http_methods(FORM_METHODS)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What the customer is asked; only the button answers, reading the page changes nothing."""
    now = utc_now()
    try:
        asked = consents_asking.open_request(token, now=now)
        answer = request.POST.get("answer", "") if request.method == "POST" else ""
        if answer in ("yes", "no"):
            consents_asking.answer(token, agrees=answer == "yes", now=now, request=request)
    except consents_asking.RequestClosed:
        return render_page(request, "customers/consent_closed.html", status=404)
    context = {
        "business": _business_name(),
        "purpose": consents_asking.purpose_label(asked.purpose),
        "channel": consents.channel_label(asked.channel),
        "wording": asked.wording,
        "answer": answer if answer in ("yes", "no") else "",
    }
    return render_page(request, "customers/consent_confirm.html", context)


@staff_only(ADMINISTER)
@require_http_methods(FORM_METHODS)
def purposes(request: HttpRequest) -> HttpResponse:
    """The purposes, and below them the form that adds one."""
    form = PurposeForm(request.POST if request.method == "POST" else None, initial={"is_marketing": True})
    return _save_purpose(request, None, form)


@staff_only(ADMINISTER)
@require_http_methods(FORM_METHODS)
def purpose(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = find_purpose(public_id)
    return _save_purpose(request, found, PurposeForm.of(found, request.POST if request.method == "POST" else None))


def _save_purpose(request: HttpRequest, found: Purpose | None, form: PurposeForm) -> HttpResponse:
    if form.is_valid():
        now = utc_now()
        saved = save_purpose(found, form.values(now=now), by=staff_user(request), now=now, request=request)
        toast(request, _("The purpose %(name)s was saved.") % {"name": saved.label})
        return HttpResponseRedirect(reverse("purposes"))
    context = {"form": form, "purposes": consents.purposes(retired=True), "found": found}
    return render_page(request, "customers/purposes.html", context, status=422 if form.errors else 200)


def _show(request: HttpRequest, found: Customer, form: RecordForm, *, status: int = 200) -> HttpResponse:
    labels = {each.name: each.label for each in consents.purposes(retired=True)}
    user = staff_user(request)
    hidden = hidden_names(user, "customer")
    context = {
        "customer": found,
        "title": queries.name_of(found, hidden=hidden),
        "states": shown_states(found.pk, now=utc_now()),
        "entries": [
            (
                entry,
                labels.get(entry.purpose, entry.purpose),
                consents.channel_label(entry.channel),
                proof_of(entry, hidden),
            )
            for entry in consents.history_of(found.pk)
        ],
        "form": form,
        "why_not": why_not(CONSENT),
        "ask_form": PlaceForm(auto_id="ask_%s"),
        "may_edit": may_change(user, found),
    }
    return render_page(request, "customers/consents.html", context, status=status)


def _page_of(found: Customer) -> str:
    return reverse("customer_consents", args=[found.public_id])


def _business_name() -> str:
    found = business()
    return found.name if found is not None else ""


def _moment(day: date | None, *, now: datetime) -> datetime | None:
    """The middle of a past day in the business's zone, and now for today."""
    if day is None:
        return None
    zone: ZoneInfo = business_zone()
    return now if day == now.astimezone(zone).date() else datetime.combine(day, time(12), tzinfo=zone)


def _end_of(day: date | None) -> datetime | None:
    """Until the end of the day."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=business_zone()) if day is not None else None
