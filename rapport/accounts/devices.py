"""Browsers that somebody has come in with before: guesses made elsewhere do not lock her out of these.

A signed cookie says whose browser it is, and nothing else; it opens nothing. Failures from it are counted by itself.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from rapport.accounts.models import User

_SALT = "rapport.device"
KEPT_SECONDS = 180 * 24 * 3600


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    known = _read(request)
    mark = known[1] if known is not None and known[0] == _whose(user) else secrets.token_urlsafe(12)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME, signing.dumps([_whose(user), mark], salt=_SALT), max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def device_of(request: HttpRequest, email: str) -> str:
    """The mark of this browser, where whoever has this address has come in with it; else nothing."""
    known = _read(request)
    if known is None:
        return ""
    user = User.objects.filter(email=email, is_active=True).first()
    return known[1] if user is not None and known[0] == _whose(user) else ""


def _whose(user: User) -> str:
    """Being shut out ends this too."""
    return f"{user.pk}.{user.times_deactivated}"


def _read(request: HttpRequest) -> tuple[str, str] | None:
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        whose, mark = signing.loads(text, salt=_SALT, max_age=KEPT_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(whose), str(mark)
