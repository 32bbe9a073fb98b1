"""Settings: tokens for programs, one's own and everybody's."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts import api_tokens
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.api_tokens_forms import TokenForm
from rapport.accounts.permissions import ADMINISTER, CONNECT
from rapport.accounts.rights import all_rights
from rapport.core.clock import utc_now
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast


@staff_only(CONNECT)
@require_http_methods(["GET", "HEAD", "POST"])
def my_tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown once, in the answer that made it."""
    user, now = staff_user(request), utc_now()
    form = TokenForm(request.POST if request.method == "POST" else None, offered=api_tokens.rights_to_lend(user))
    if form.is_valid():
        made, text = api_tokens.make_token(**form.cleaned_data, by=user, now=now, request=request)
        return render_page(request, "accounts/api_token_made.html", {"token": made, "text": text})
    context = {"form": form, "tokens": api_tokens.tokens_of(user), "now": now, "labels": _labels()}
    return render_page(request, "accounts/api_tokens.html", context, status=422 if form.is_bound else 200)


@staff_only(ADMINISTER)
@require_safe
def all_tokens(request: HttpRequest) -> HttpResponse:
    context = {"tokens": api_tokens.all_tokens(), "now": utc_now(), "labels": _labels()}
    return render_page(request, "accounts/api_tokens_all.html", context)


@staff_only()
@require_POST
def end_token(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = staff_user(request)
    found = api_tokens.token_or_404(user, public_id)
    if api_tokens.end_token(found, by=user, now=utc_now(), request=request):
        toast(request, _("“%(name)s” is refused from now on.") % {"name": found.name})
    back = "api_tokens_all" if request.POST.get("from") == "all" and user.has_right(ADMINISTER.name) else "api_tokens"
    if back == "api_tokens" and not user.has_right(CONNECT.name):
        back = "profile"
    return HttpResponseRedirect(reverse(back))


def _labels() -> dict[str, object]:
    return {right.name: right.label for right in all_rights()}
