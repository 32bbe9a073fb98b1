"""What somebody changes about themselves."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from rapport.accounts.api_tokens import end_tokens_of
from rapport.accounts.models import User
from rapport.audit.actions import record
from rapport.core.acting import SystemActor, acting

SIGN_IN = SystemActor("sign-in")


def change_profile(
    user: User,
    *,
    name: str,
    time_zone: str,
    theme: str,
    has_keyboard_keys: bool,
    start_page: str = "",
    by: User,
    request: HttpRequest | None = None,
) -> None:
    with acting(by, request, reason="profile"):
        user.name, user.time_zone, user.theme, user.has_keyboard_keys = name, time_zone, theme, has_keyboard_keys
        user.start_page = start_page
        user.save(update_fields=["name", "time_zone", "theme", "has_keyboard_keys", "start_page"])


def set_password(user: User, password: str, *, request: HttpRequest | None = None) -> None:
    """Replace the password: every session that was opened with the old one ends, and so does every token."""
    with acting(user, request, reason="password"):
        user.set_password(password)
        user.reset_asked_at = None
        user.save(update_fields=["password", "reset_asked_at"])
        end_tokens_of(user)
        record("password changed", by=user, request=request, about=str(user.pk))


def note_reset_asked(user: User, *, now: datetime, request: HttpRequest | None = None) -> None:
    """Somebody said at sign-in to be `user` without a password; administrators see it on the staff page."""
    with acting(SIGN_IN, request, reason="password reset asked"):
        user.reset_asked_at = now
        user.save(update_fields=["reset_asked_at"])
