"""Writes that hide a customer and bring her back: nothing of her is lost before the trash is emptied."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.accounts.access import refuse_shared
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.events import CustomerRestored, CustomerTrashed, ProfilesLeft
from rapport.customers.models import Customer, Profile
from rapport.customers.moving import hold_customer
from rapport.customers.restrictions import restricted_among
from rapport.records.trash import TrashRefused

if TYPE_CHECKING:
    from rapport.accounts.models import User


def trash_customer(customer: Customer, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Hide the customer, with whoever was merged into her; says whether she was still there. Raises TrashRefused."""
    with acting(by, request, reason=CustomerTrashed.name):
        locked = hold_customer(customer.pk)
        refuse_shared(by, owner_id=locked.owner_id)
        if locked.trashed_at is not None:
            return False
        if restricted_among([locked.pk]):
            raise TrashRefused(_("What may be done with this customer is restricted; she has to be kept as she is."))
        locked.trashed_at, locked.updated_at, locked.version = now, now, locked.version + 1
        locked.save(update_fields=["trashed_at", "updated_at", "version"])
        publish(CustomerTrashed(locked.pk))
    return True


def restore_customer(customer: Customer, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Bring the customer back; says whether she lay in the trash. Who is the same is looked at again: others came since."""
    with acting(by, request, reason=CustomerRestored.name):
        locked = hold_customer(customer.pk)
        if locked.trashed_at is None:
            return False
        locked.trashed_at, locked.updated_at, locked.version = None, now, locked.version + 1
        locked.save(update_fields=["trashed_at", "updated_at", "version"])
        profiles = Profile.objects.filter(customer=locked).order_by("pk").values_list("pk", flat=True)
        publish(ProfilesLeft(tuple(profiles)))
        publish(CustomerRestored(locked.pk))
    return True
