"""Restriction of processing: setting it, lifting it, and leaving those who are restricted out of what is done with many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest

from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.core.remembering import remembered
from rapport.customers.actions import staff_profile_of
from rapport.customers.events import RestrictionChanged
from rapport.customers.models import Customer, Profile, Restriction, RestrictionGround
from rapport.customers.moving import hold_customer

GROUNDS = RestrictionGround.choices

# for a query over customers: `{}` is the SQL of a customer's id
RESTRICTED = "exists (select from customers_restriction held where held.customer_id = {} and held.lifted_at is null)"


def restriction_of(customer_id: int) -> Restriction | None:
    """The restriction that holds now: the one that has held longest."""
    held = Restriction.objects.filter(customer_id=customer_id, lifted_at=None).order_by("since", "pk")
    return remembered(("restriction", customer_id), held.first)


def is_restricted(customer_id: int, *, now: datetime) -> bool:
    held = Restriction.objects.filter(customer_id=customer_id, since__lte=now)
    return held.filter(Q(lifted_at=None) | Q(lifted_at__gt=now)).exists()


def restricted_among(ids: Collection[int]) -> set[int]:
    """Those of these customers who are restricted now."""
    return set(Restriction.objects.filter(lifted_at=None, customer__in=ids).values_list("customer_id", flat=True))


def restricted_ids() -> list[int]:
    """Whoever is restricted now."""
    return sorted(Restriction.objects.filter(lifted_at=None).values_list("customer_id", flat=True).distinct())


def restrict_processing(
    customer: Customer, *, ground: str, by: Actor, now: datetime, note: str = "", request: HttpRequest | None = None
) -> bool:
    """Keep everything that is known of the customer and use none of it. Says whether it was not so before."""
    with acting(by, request, reason=RestrictionChanged.name):
        locked = hold_customer(customer.pk)
        held = Restriction.objects.filter(customer=locked, lifted_at=None)
        if held.exists():
            return False
        profiles = list(Profile.objects.filter(customer=locked).order_by("pk"))
        for profile in profiles or [staff_profile_of(locked, now=now)]:
            Restriction.objects.create(
                profile=profile, customer=locked, ground=ground, note=note, since=now, set_by=by.actor_label
            )
        publish(RestrictionChanged(locked.pk, is_restricted=True))
    return True


def lift_restriction(customer: Customer, *, by: Actor, now: datetime, request: HttpRequest | None = None) -> bool:
    """What is known of the customer may be used again, as far as was agreed. Says whether there was a restriction."""
    with acting(by, request, reason=RestrictionChanged.name):
        locked = hold_customer(customer.pk)
        held = Restriction.objects.filter(customer=locked, lifted_at=None)
        if not held.update(lifted_at=now, lifted_by=by.actor_label):
            return False
        publish(RestrictionChanged(locked.pk, is_restricted=False))
    return True
