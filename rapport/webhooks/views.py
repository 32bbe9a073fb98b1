"""Settings: endpoints of other systems, and what they were told."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.places import UnknownPlace, read_place, write_place
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast
from rapport.webhooks import actions, queries
from rapport.webhooks.cloud_events import as_cloud_event
from rapport.webhooks.forms import EndpointForm, ReplayForm
from rapport.webhooks.models import Endpoint, Message, MessageState, Problem, Why
from rapport.webhooks.permissions import MANAGE
from rapport.webhooks.wording import endpoint_chip, message_chip, type_labels

_REPLAYED_AT_FIRST = timedelta(days=1)


@staff_only(MANAGE)
@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    found = queries.endpoints_of(staff_user(request))
    return render_page(
        request, "webhooks/endpoints.html", {"endpoints": [(each, endpoint_chip(each)) for each in found]}
    )


@staff_only(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The secret is shown once, in the answer that made the endpoint."""
    user = staff_user(request)
    form = EndpointForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        made, secret = actions.make_endpoint(**form.values, by=user, now=utc_now(), request=request)
        return render_page(request, "webhooks/secret.html", {"endpoint": made, "secret": secret, "is_new": True})
    return render_page(request, "webhooks/edit.html", {"form": form, "endpoint": None}, status=_status(form))


@staff_only(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = staff_user(request)
    endpoint = queries.find_endpoint(user, public_id)
    opening = {name: getattr(endpoint, name) for name in (*actions.EDITABLE, "version")}
    form = EndpointForm(request.POST if request.method == "POST" else None, initial=opening, user=user)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.edit_endpoint(endpoint, form.values, version=version, by=user, request=request)
        except actions.EndpointChanged:
            form.add_error(
                None, _("Somebody else has changed this meanwhile. Open the page anew to see what it is now.")
            )
        else:
            toast(request, _("Saved."))
            return _to(endpoint)
    return render_page(request, "webhooks/edit.html", {"form": form, "endpoint": endpoint}, status=_status(form))


@staff_only(MANAGE)
@require_safe
def endpoint(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.find_endpoint(staff_user(request), public_id)
    asked = {name: request.GET.get(name, "") for name in ("state", "type")}
    try:
        before = read_place(request.GET["after"])[1] if request.GET.get("after") else 0
        page = queries.read_log(found, state=asked["state"], type=asked["type"], before=before)
    except (UnknownPlace, queries.UnknownNarrowing):
        return HttpResponseBadRequest("This log cannot be asked for so.", content_type="text/plain")
    narrowed = {name: value for name, value in asked.items() if value}
    since = utc_now() - _REPLAYED_AT_FIRST
    labels = type_labels()
    context = {
        "endpoint": found,
        "chip": endpoint_chip(found),
        "why": Why(found.why).label if found.why else "",
        "labels": labels,
        "asked": asked,
        "states": [("", _("Any")), *((value, label) for value, label in MessageState.choices)],
        "types": [("", _("Any")), *((name, name) for name in labels)],
        "messages_told": [(each, message_chip(each.state), _came_of_it(each)) for each in page.messages],
        "next_url": "?" + urlencode(narrowed | {"after": _place(page)}) if page.has_more else "",
        "replay": ReplayForm(initial={"since": since}),
    }
    return render_page(request, "webhooks/endpoint.html", context)


@staff_only(MANAGE)
@require_safe
def message(request: HttpRequest, public_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """One message: what is sent, and every attempt to send it."""
    found, told = _find_message(request, public_id, message_id)
    context = {
        "endpoint": found,
        "message": told,
        "chip": message_chip(told.state),
        "labels": type_labels(),
        "body": json.dumps(as_cloud_event(told), indent=2, ensure_ascii=False),
        "attempts": [(each, Problem(each.problem).label if each.problem else "") for each in queries.attempts_of(told)],
    }
    return render_page(request, "webhooks/message.html", context)


@staff_only(MANAGE)
@require_POST
def replay_message(request: HttpRequest, public_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    _found, told = _find_message(request, public_id, message_id)
    is_queued = actions.replay_message(told, now=utc_now())
    toast(request, _("It is sent again.") if is_queued else _("It waits to be sent already."))
    return HttpResponseRedirect(reverse("webhook_message", args=[public_id, message_id]))


@staff_only(MANAGE)
@require_POST
def replay(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything since a time, also what was accepted: the receiver knows by the webhook-id what it has had."""
    found = queries.find_endpoint(staff_user(request), public_id)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        toast(request, _("Say the day and the time from which on everything is sent again."), bad=True)
        return _to(found)
    count = actions.replay_since(found, form.cleaned_data["since"], now=utc_now())
    words = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
    toast(request, words % {"count": count})
    return _to(found)


@staff_only(MANAGE)
@require_POST
def switch(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_endpoint(user, public_id)
    if request.POST.get("to") == "on":
        if actions.resume_endpoint(found, by=user, request=request):
            toast(request, _("Messages are sent again; what has waited goes first."))
    elif actions.pause_endpoint(found, by=user, request=request):
        toast(request, _("Paused: what happens from now on waits."))
    return _to(found)


@staff_only(MANAGE)
@require_POST
def ping(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.find_endpoint(staff_user(request), public_id)
    try:
        sent = actions.ping(found)
    except actions.NotActive:
        toast(request, _("Nothing is sent while the webhook is paused or switched off."), bad=True)
        return _to(found)
    toast(request, _("A test is on its way."))
    return HttpResponseRedirect(reverse("webhook_message", args=[public_id, sent.public_id]))


@staff_only(MANAGE)
@require_POST
def rotate(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_endpoint(user, public_id)
    secret = actions.rotate_secret(found, by=user, now=utc_now(), request=request)
    return render_page(request, "webhooks/secret.html", {"endpoint": found, "secret": secret, "is_new": False})


@staff_only(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_endpoint(user, public_id)
    if request.method == "POST":
        actions.delete_endpoint(found, by=user, request=request)
        toast(request, _("“%(name)s” is told nothing any more.") % {"name": found.name})
        return HttpResponseRedirect(reverse("webhooks"))
    return render_page(request, "webhooks/delete.html", {"endpoint": found})


def _find_message(request: HttpRequest, public_id: uuid.UUID, message_id: uuid.UUID) -> tuple[Endpoint, Message]:
    found = queries.find_endpoint(staff_user(request), public_id)
    told = queries.find_message(found, message_id)
    if told is None:
        raise Http404
    return found, told


def _place(page: queries.LogPage) -> str:
    last = page.messages[-1]
    return write_place(last.happened_at, last.pk)


def _came_of_it(told: Message) -> str:
    """What the last attempt brought, in a few words."""
    status, problem = getattr(told, "last_status", None), getattr(told, "last_problem", "")
    if status is not None:
        return str(status)
    return str(Problem(problem).label) if problem else ""


def _status(form: EndpointForm) -> int:
    return 422 if form.is_bound else 200


def _to(endpoint: Endpoint) -> HttpResponse:
    return HttpResponseRedirect(reverse("webhook", args=[endpoint.public_id]))
