"""What an administrator mends when somebody cannot come in: the address, and second factors that are lost."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.actions.staff import AlreadyOnStaff
from rapport.accounts.actions.standing import Refused
from rapport.accounts.models import User
from rapport.audit.actions import record
from rapport.core.acting import acting

EMAIL_CHANGED, FACTORS_RESET = "e-mail changed", "two-factor: reset"


class NoSecondFactor(Refused):
    def __init__(self) -> None:
        super().__init__(_("There is no second factor to take away."))


class OneselfRefused(Refused):
    def __init__(self) -> None:
        super().__init__(_("Your own second factors are managed in your profile."))


def change_email(member: User, email: str, *, by: User, request: HttpRequest | None = None) -> str | None:
    """Another address to sign in with; links sent to the old one are void. Returns the old one, or nothing if it is the same."""
    email = User.objects.normalize_email(email).lower()
    with acting(by, request, reason=EMAIL_CHANGED):
        current = User.objects.select_for_update(of=("self",)).get(pk=member.pk)
        before = current.email
        if before == email:
            return None
        current.email = email
        try:
            with transaction.atomic():
                current.save(update_fields=["email"])
        except IntegrityError as error:
            raise AlreadyOnStaff from error
        record(EMAIL_CHANGED, by=by, request=request, about=str(member.pk))
    return before


def reset_second_factors(member: User, *, by: User, request: HttpRequest | None = None) -> None:
    """Take away what somebody has lost: authenticator app, keys and recovery codes; the password alone lets her in then."""
    if member.pk == by.pk:
        raise OneselfRefused
    with acting(by, request, reason=FACTORS_RESET):
        if not Authenticator.objects.filter(user=member).delete()[0]:
            raise NoSecondFactor
        record(FACTORS_RESET, by=by, request=request, about=str(member.pk))
