"""What other systems have to be told when somebody is gone for good, so that they forget her too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import reach_of
from rapport.customers.permissions import VIEW
from rapport.privacy.events import CustomerErased
from rapport.records.telling import Outgoing, Said

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _say(user: User, event: CustomerErased) -> Said | None:
    """Whose she was cannot be asked any more: only those who reach everything are told."""
    return Said(event.public_ids) if event.public_ids and reach_of(user).everything else None


OUTGOING = (Outgoing("person.erased", CustomerErased, _("Somebody was erased"), "customer", _say, VIEW.name),)
