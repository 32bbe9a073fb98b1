"""The doors: setting up, and joining by an invitation."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rapport.accounts import actions, queries
from rapport.accounts.access import public
from rapport.accounts.choices import time_zones
from rapport.accounts.forms import NewPersonForm, SetUpForm
from rapport.core.clock import utc_now
from rapport.ui.rendering import render_page


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Answers until it was used, and never again."""
    if queries.business() is not None:
        raise Http404
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            administrator = actions.set_up_business(**form.cleaned_data, now=utc_now(), request=request)
        except actions.AlreadySetUp as error:
            raise Http404 from error
        get_adapter(request).login(request, administrator)
        return HttpResponseRedirect("/")
    return _page(request, "accounts/set_up.html", form)


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = queries.open_invitation(token, now=utc_now())
    if invitation is None:
        return _closed(request)
    form = NewPersonForm(request.POST or None, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.accept_invitation(token, **form.cleaned_data, now=utc_now(), request=request)
        except actions.InvitationClosed:
            return _closed(request)
        get_adapter(request).login(request, user)
        return HttpResponseRedirect(reverse("profile"))
    return _page(request, "accounts/join.html", form, invitation=invitation)


def _page(request: HttpRequest, template: str, form: NewPersonForm, **context: object) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render_page(request, template, {"form": form, "time_zones": time_zones(), **context}, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    return render_page(request, "accounts/join_closed.html", status=404)
