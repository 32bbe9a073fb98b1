"""The tokens of password links: for active people only, and void once their person was shut out, even if let in again."""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from rapport.accounts.models import User


class PasswordTokens(PasswordResetTokenGenerator):
    def check_token(self, user: User | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}.{user.is_active}.{user.times_deactivated}"
