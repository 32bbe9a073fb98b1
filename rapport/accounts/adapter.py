"""How allauth behaves here: nobody signs up by themselves, what happens at the door is recorded, strangers learn nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from rapport.accounts import actions
from rapport.accounts.actions.doors import EMAIL_CHANGED, FACTORS_RESET
from rapport.accounts.actions.profile import SIGN_IN
from rapport.accounts.devices import device_of, remember_device
from rapport.audit.actions import record
from rapport.audit.queries import TrailAsked, trail
from rapport.audit.reading import SIGN_INS

APP = "allauth.account"
ANYWHERE = "login_failed_anywhere"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only paths of our own lead on after signing in."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Two locks: few failures from one address for one account, and many from anywhere for one account.

        Whoever has come in with this browser before is locked out by failures in this browser alone.
        """
        is_known = bool(device_of(request, _login(credentials)))
        if not is_known and not ratelimit.consume(
            request, app=APP, action=ANYWHERE, key=_login(credentials), dry_run=True
        ):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """A deactivated person hears the same as one with a wrong password."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        if not device_of(request, _login(credentials)):
            ratelimit.consume(request, app=APP, action=ANYWHERE, key=_login(credentials))
        record("failed sign-in", by=SIGN_IN, request=request, values={"email": _login(credentials)[:254]})

    def login(self, request: HttpRequest, user: Any) -> None:
        since = user.last_login
        super().login(request, user)
        for sentence in _done_to(user, since=since):
            messages.warning(request, sentence)
        record("sign-in", by=user, request=request, about=str(user.pk))

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        remember_device(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        user: Any = request.user
        super().logout(request)
        record("sign-out", by=user, request=request, about=str(user.pk))

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        messages.error(request, _("You cannot sign in with this."))
        return HttpResponseRedirect(reverse("account_login"))

    def set_password(self, user: Any, password: str) -> None:
        actions.set_password(user, password, request=self.request)

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """allauth calls this at every change of a second factor; it is recorded, not mailed."""
        room, _slash, change = template_prefix.rpartition("/email/")
        if room == "mfa":
            record(f"two-factor: {change.replace('_', ' ')}", by=user, request=self.request, about=str(user.pk))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        device = device_of(request, _login(credentials))
        return f"device {device}" if device else f"{ratelimit.get_ip(request)} {_login(credentials)}"


def _done_to(user: Any, *, since: datetime | None) -> list[str]:
    """What administrators did to this door since it was last used, for whoever comes through it."""
    words = {
        EMAIL_CHANGED: _("Since your last sign-in %(by)s has changed the address that you sign in with."),
        FACTORS_RESET: _("Since your last sign-in %(by)s has taken away your second factors."),
    }
    asked = TrailAsked(kind=SIGN_INS, acts=tuple(words), rows={}, ids=[str(user.pk)], since=since, size=len(words))
    found = trail(asked).entries
    return [words[each.operation] % {"by": each.actor} for each in found if each.actor_id != user.actor_id]


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).lower()
