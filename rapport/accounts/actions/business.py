"""Setting up: the business and its first administrator, once."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.actions.standing import Refused
from rapport.accounts.models import Business, Role, User
from rapport.accounts.standard_roles import ADMINISTRATOR
from rapport.audit.actions import record
from rapport.core.acting import SystemActor, acting

SET_UP = SystemActor("set-up")


class AlreadySetUp(Refused):
    def __init__(self) -> None:
        super().__init__(_("The business is set up already."))


def set_up_business(
    *,
    name: str,
    email: str,
    password: str,
    business_name: str,
    time_zone: str,
    currency: str,
    now: datetime,
    request: HttpRequest | None = None,
) -> User:
    """Make the business and its administrator. Of two that come at once one wins; AlreadySetUp is raised to the other."""
    with acting(SET_UP, request, reason="set-up"):
        try:
            with transaction.atomic():
                Business.objects.create(id=1, name=business_name, time_zone=time_zone, currency=currency, set_up_at=now)
        except IntegrityError as error:
            raise AlreadySetUp from error
        administrator = User.objects.create_user(
            email, password, name=name, role=Role.objects.get(name=ADMINISTRATOR), joined_at=now
        )
        record("set-up", by=administrator, request=request)
    return administrator
