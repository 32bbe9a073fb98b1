"""Writes that hide a customer and bring her back: nothing of her is lost before the trash is emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.accounts.access import refuse_shared
from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.events import (
    CustomerRestored,
    CustomersRestored,
    CustomersTrashed,
    CustomerTrashed,
    ProfilesLeft,
)
from rapport.customers.models import Customer, Profile
from rapport.customers.moving import hold_customer
from rapport.records.trash.declaring import TrashRefused

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


def trash_customers(ids: Sequence[int], *, by: User, now: datetime) -> dict[int, bool]:
    """Hide those of these customers whom `by` may see; False of whoever is restricted, and has to be kept as she is."""
    with acting(by, reason=CustomersTrashed.name), audit.rows_together(len(ids)):
        seen = Customer.objects.present().visible_to(by).filter(pk__in=ids).order_by("pk")
        held = list(seen.select_for_update(of=("self",)).values_list("pk", flat=True))
        restricted = restricted_among(held)
        hidden = [pk for pk in held if pk not in restricted]
        if hidden:
            Customer.objects.filter(pk__in=hidden).update(trashed_at=now, updated_at=now, version=F("version") + 1)
            publish(CustomersTrashed(tuple(hidden)))
        return {pk: pk not in restricted for pk in held}


def restore_customers(when: Mapping[int, datetime], *, by: User, now: datetime) -> set[int]:
    """Bring back those who lie in the trash since the moment that is given for each. Who is the same is looked at again."""
    with acting(by, reason=CustomersRestored.name), audit.rows_together(len(when)):
        seen = Customer.objects.filter(merged_into=None).visible_to(by).filter(pk__in=when).order_by("pk")
        held = dict(seen.select_for_update(of=("self",)).values_list("pk", "trashed_at"))
        back = [pk for pk, trashed_at in held.items() if trashed_at == when[pk]]
        if back:
            Customer.objects.filter(pk__in=back).update(trashed_at=None, updated_at=now, version=F("version") + 1)
            profiles = Profile.objects.filter(customer__in=back).order_by("pk").values_list("pk", flat=True)
            publish(ProfilesLeft(tuple(profiles)))
            publish(CustomersRestored(tuple(back)))
        return set(back)


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
