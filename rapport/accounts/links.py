"""Links that let one person in once. They begin with RAPPORT_ORIGIN, whatever host a request names."""

from __future__ import annotations

import hashlib
import secrets

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from rapport.accounts.models import User
from rapport.core import environment


def password_link(user: User) -> str:
    """A link to set a new password. It dies with its first use and with its age; nothing of it is stored."""
    key = default_token_generator.make_token(user)
    return environment.origin() + reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )


def join_link(token: str) -> str:
    return environment.origin() + reverse("join", kwargs={"token": token})


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
