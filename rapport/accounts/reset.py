"""Asking for a new password: the same work, and so the same time, whether or not anybody has the address."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from rapport.accounts.jobs import answer_password_request


class AskForPasswordForm(ResetPasswordForm):
    """Looks nobody up: a job does, out of sight of whoever asks."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = str(self.cleaned_data["email"])
        answer_password_request.defer(email=email)
        return email
