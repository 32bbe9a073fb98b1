"""Settings: the door of one member: another address, and second factors that were lost. Both ask for one's password again."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Callable

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.accounts import actions, mail, queries
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.forms import EmailForm
from rapport.accounts.permissions import ADMINISTER
from rapport.ui.toasts import toast


@staff_only(ADMINISTER)
@require_POST
def member_email(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    person, by = queries.member_or_404(public_id), staff_user(request)
    raise_if_reauthentication_required(request, app="account")
    form = EmailForm(request.POST)
    try:
        if not form.is_valid():
            raise actions.Refused(form.errors["email"][0])
        before = actions.change_email(person, form.cleaned_data["email"], by=by, request=request)
    except actions.Refused as refusal:
        toast(request, str(refusal), bad=True)
    else:
        if before is not None:
            person.refresh_from_db(fields=["email"])
            done = _("%(name)s signs in with %(email)s from now on.") % {"name": person.name, "email": person.email}
            _tell(request, done, lambda: mail.mail_email_changed(person, before=before, by=by))
    return HttpResponseRedirect(reverse("staff-member", args=[public_id]))


@staff_only(ADMINISTER)
@require_POST
def member_factors(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    person, by = queries.member_or_404(public_id), staff_user(request)
    raise_if_reauthentication_required(request, app="account")
    try:
        actions.reset_second_factors(person, by=by, request=request)
    except actions.Refused as refusal:
        toast(request, str(refusal), bad=True)
    else:
        done = _("%(name)s signs in with the password alone now.") % {"name": person.name}
        _tell(request, done, lambda: mail.mail_factors_reset(person, by=by))
    return HttpResponseRedirect(reverse("staff-member", args=[public_id]))


def _tell(request: HttpRequest, done: str, send: Callable[[], None]) -> None:
    """By mail where mail goes out; else it is said at the next sign-in, and the administrator knows that."""
    told = False
    if mail.is_configured():
        try:
            send()
        except (smtplib.SMTPException, OSError):
            told = False
        else:
            told = True
    toast(request, f"{done} {_('A mail says so.') if told else _('No mail went out: please say so yourself.')}")
