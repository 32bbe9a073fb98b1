"""Settings: oneself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.accounts import actions, queries
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.choices import time_zones
from rapport.accounts.forms import ProfileForm
from rapport.accounts.permissions import CONNECT
from rapport.ui.context import start_pages
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

_FIELDS = ("name", "time_zone", "theme", "has_keyboard_keys", "start_page")


@staff_only()
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    initial = {name: getattr(user, name) for name in _FIELDS}
    form = ProfileForm(request.POST or None, initial=initial, starts=start_pages(user))
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user, **form.cleaned_data, by=user, request=request)
        toast(request, _("Your profile was saved."))
        response = HttpResponseRedirect(reverse("profile"))
        for cookie in ("theme", "shortcuts"):  # what this browser was told earlier gives way to what was saved now
            response.delete_cookie(cookie)
        return response
    context = {"form": form, "time_zones": time_zones(), "factors": queries.second_factors(user)}
    context["may_connect"] = user.has_right(CONNECT.name)
    return render_page(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)
