"""What must hold after every change of the staff: somebody can administer, and only those who can have invitations open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Business, Invitation, User
from rapport.accounts.permissions import ADMINISTER


class Refused(ValueError):
    """A change that is not carried out; the message is a sentence for the person who asked."""


class LastAdministrator(Refused):
    def __init__(self) -> None:
        super().__init__(_("Somebody must stay who can manage staff and settings. Nothing was changed."))


class NameTaken(Refused):
    def __init__(self) -> None:
        super().__init__(_("This name is in use already."))


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Inside `acting`: refuse what would leave nobody to administer, also when two changes come at once.

    Open invitations of those who cannot administer any more are withdrawn, and stay so when their makers come back.
    """
    list(Business.objects.select_for_update())
    yield
    administrators = User.objects.filter(is_active=True, role__rights__contains=[ADMINISTER.name])
    if not administrators.exists():
        raise LastAdministrator
    Invitation.objects.filter(accepted_at=None).exclude(invited_by__in=administrators).delete()


@contextmanager
def unique_name() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NameTaken from error
