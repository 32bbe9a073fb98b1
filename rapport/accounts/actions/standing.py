"""What must hold after every change of the staff: somebody can still administer. Changes of the staff go one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Business, User
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
    """Inside `acting`: refuse what would leave nobody to administer, also when two changes come at once."""
    list(Business.objects.select_for_update())
    yield
    if not User.objects.filter(is_active=True, role__rights__contains=[ADMINISTER.name]).exists():
        raise LastAdministrator


@contextmanager
def unique_name() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NameTaken from error
