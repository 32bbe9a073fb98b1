"""A session without a sign-in. As a program, it prints the key of one for the first administrator."""

from __future__ import annotations

import os
from typing import Any

import django


def session_key(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _first_administrator() -> Any:
    from rapport.accounts.models import User

    return User.objects.filter(is_active=True, role__name="Administrator").order_by("pk").first()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    print(session_key(_first_administrator()))
