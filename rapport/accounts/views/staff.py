"""Settings: the staff, their invitations, one member."""

from __future__ import annotations

import smtplib
import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts import actions, mail, queries
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.forms import EmailForm, InviteForm, MemberForm
from rapport.accounts.permissions import ADMINISTER
from rapport.core.clock import utc_now
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast


@staff_only(ADMINISTER)
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    return _staff_page(request, InviteForm())


@staff_only(ADMINISTER)
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation, link = actions.invite(
                **form.cleaned_data, by=staff_user(request), now=utc_now(), request=request
            )
        except actions.AlreadyOnStaff as refusal:
            form.add_error("email", str(refusal))
        else:
            return _hand_over(request, invitation, link)
    return _staff_page(request, form, status=422)


@staff_only(ADMINISTER)
@require_POST
def withdraw_invitation(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    invitation = queries.invitation_or_404(public_id)
    actions.withdraw_invitation(invitation, by=staff_user(request), request=request)
    toast(request, _("The invitation of %(email)s was withdrawn.") % {"email": invitation.email})
    return HttpResponseRedirect(reverse("staff"))


@staff_only(ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    person = queries.member_or_404(public_id)
    initial = {"role": person.role.public_id, "team": person.team.public_id if person.team else None}
    form = MemberForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_member(person, **form.cleaned_data, by=staff_user(request), request=request)
        except actions.LastAdministrator as refusal:
            form.add_error("role", str(refusal))
        else:
            toast(request, _("%(name)s was changed.") % {"name": person.name})
            return HttpResponseRedirect(reverse("staff"))
    return _member_page(request, public_id, form, status=422 if form.is_bound else 200)


@staff_only(ADMINISTER)
@require_POST
def member_active(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    person = queries.member_or_404(public_id)
    active = request.POST.get("active") == "1"
    try:
        actions.set_member_active(person, active, by=staff_user(request), request=request)
    except actions.LastAdministrator as refusal:
        toast(request, str(refusal), bad=True)
    else:
        said = _("%(name)s can sign in again.") if active else _("%(name)s is signed out and cannot sign in any more.")
        toast(request, said % {"name": person.name})
    return HttpResponseRedirect(reverse("staff-member", args=[public_id]))


@staff_only(ADMINISTER)
@require_POST
def member_link(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    person = queries.member_or_404(public_id)
    try:
        link = actions.mint_password_link(person, by=staff_user(request), request=request)
    except actions.NotActive as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("staff-member", args=[public_id]))
    context = {"link": link, "person": person.name, "valid_for": _("a day"), "mailed": False, "mail_failed": False}
    return render_page(request, "accounts/one_time_link.html", context)


def _staff_page(request: HttpRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "people": queries.staff_list(),
        "invitations": queries.waiting_invitations(),
        "now": utc_now(),
        "has_mail": mail.is_configured(),
    }
    return render_page(request, "accounts/staff.html", context, status=status)


def _member_page(request: HttpRequest, public_id: uuid.UUID, form: MemberForm, *, status: int) -> HttpResponse:
    """The member as stored: a refused change may still sit on the object the action worked on."""
    person = queries.member_or_404(public_id)
    context = {
        "form": form,
        "email_form": EmailForm(initial={"email": person.email}),
        "factors": queries.second_factors(person),
        "person": person,
        "is_self": public_id == staff_user(request).public_id,
    }
    return render_page(request, "accounts/member.html", context, status=status)


def _hand_over(request: HttpRequest, invitation: queries.Invitation, link: str) -> HttpResponse:
    """Mail the link; show it, once, where no mail goes out."""
    mail_failed = False
    if mail.is_configured():
        business = queries.business()
        try:
            mail.mail_invitation(invitation, link=link, business_name=business.name if business else "")
        except (smtplib.SMTPException, OSError):
            mail_failed = True
        else:
            toast(request, _("The invitation was mailed to %(email)s.") % {"email": invitation.email})
            return HttpResponseRedirect(reverse("staff"))
    context = {"link": link, "person": invitation.email, "valid_for": _("7 days"), "mail_failed": mail_failed}
    return render_page(request, "accounts/one_time_link.html", context)
