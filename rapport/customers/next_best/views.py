"""Taking the action that is proposed on the page of a customer, or saying not now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.accounts.access import staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.forms import NotNowForm
from rapport.customers.next_best.answers import NotProposed, refuse_action, take_action
from rapport.customers.permissions import EDIT
from rapport.records.command_log.noting import undo_url
from rapport.ui.toasts import toast


@staff_only(EDIT)
@require_POST
def take(request: HttpRequest, public_id: Any, rule: str) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    try:
        done = take_action(found, rule, by=user, now=utc_now(), request=request)
    except NotProposed as refusal:
        return _refused(request, found.public_id, str(refusal))
    toast(request, _("Taken: %(title)s.") % {"title": done.title}, undo_url=undo_url(done.command))
    return HttpResponseRedirect(done.url)


@staff_only(EDIT)
@require_POST
def not_now(request: HttpRequest, public_id: Any, rule: str) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    form = NotNowForm(request.POST)
    if not form.is_valid():
        return _refused(request, found.public_id, str(form.errors["note"][0]))
    note = form.cleaned_data["note"]
    try:
        done = refuse_action(found, rule, note=note, by=user, now=utc_now(), request=request)
    except NotProposed as refusal:
        return _refused(request, found.public_id, str(refusal))
    toast(request, _("Not now: %(title)s.") % {"title": done.title}, undo_url=undo_url(done.command))
    return HttpResponseRedirect(done.url)


def _refused(request: HttpRequest, public_id: Any, why: str) -> HttpResponse:
    toast(request, why, bad=True)
    return HttpResponseRedirect(reverse("customer", args=[public_id]))
