"""Writes to relationships: tie two customers, change what is said of it, end it, take it away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.contact_points.actions import staff_profile_of
from rapport.customers.events import CustomerEdited
from rapport.customers.models import AT_HOME_FIRST, Customer, Profile, Relationship
from rapport.customers.moving import hold_customer
from rapport.customers.relationships.around import SYMMETRIC

if TYPE_CHECKING:
    from rapport.accounts.models import User

CHANGED = "relationships"


class RelationshipExists(Exception):
    """The two are tied like this already."""


class RelationshipChanged(Exception):
    """Somebody else changed the relationship since the form was opened; nothing was written."""

    def __init__(self, current: Relationship | None) -> None:
        super().__init__("The relationship was changed by somebody else.")
        self.current = current


class UnableToRelate(Exception):
    """A customer cannot be tied to herself."""


def add_relationship(
    customer: Customer,
    other: Customer,
    kind: str,
    *,
    by: User,
    now: datetime,
    role: str = "",
    since: date | None = None,
    until: date | None = None,
    request: HttpRequest | None = None,
) -> Relationship:
    """Tie `customer` to `other`. Raises RelationshipExists, UnableToRelate."""
    if customer.pk == other.pk:
        raise UnableToRelate
    with acting(by, request, reason=CustomerEdited.name):
        customer, other = _hold(customer, other)
        same = Q(from_customer=customer, to_customer=other)
        if kind in SYMMETRIC:
            same |= Q(from_customer=other, to_customer=customer)
        if Relationship.objects.filter(same, kind=kind, until=None).exists():
            raise RelationshipExists
        from_profile, to_profile = _profile_of(customer, now=now), _profile_of(other, now=now)
        values = {"role": role, "since": since, "until": until}
        ended = Relationship.objects.filter(kind=kind, from_profile=from_profile, to_profile=to_profile).first()
        if ended is not None:
            # one row tells of the two profiles; what has ended begins anew
            return _write(ended, values)
        made = Relationship.objects.create(
            kind=kind,
            from_profile=from_profile,
            from_customer=customer,
            to_profile=to_profile,
            to_customer=other,
            **values,
        )
        _tell(made)
    return made


def change_relationship(
    relationship: Relationship,
    values: Mapping[str, Any],
    *,
    opened: Mapping[str, Any],
    by: User,
    request: HttpRequest | None = None,
) -> Relationship:
    """Change role, since and until. Refused (RelationshipChanged) if they are not as they were `opened`."""
    with acting(by, request, reason=CustomerEdited.name):
        current = Relationship.objects.select_for_update().filter(pk=relationship.pk).first()
        if current is None:
            raise RelationshipChanged(None)
        saved = said_of(current)
        if saved != dict(opened) and saved != dict(values):
            raise RelationshipChanged(current)
        return _write(current, values)


def end_relationship(relationship: Relationship, *, on: date, by: User, request: HttpRequest | None = None) -> None:
    """Keep that it was so until this day."""
    with acting(by, request, reason=CustomerEdited.name):
        current = Relationship.objects.select_for_update().filter(pk=relationship.pk).first()
        if current is not None and (current.until is None or current.until > on):
            _write(current, {"until": max(on, current.since or on)})


def remove_relationship(relationship: Relationship, *, by: User, request: HttpRequest | None = None) -> None:
    """Take it away as something that never was."""
    with acting(by, request, reason=CustomerEdited.name):
        current = Relationship.objects.select_for_update().filter(pk=relationship.pk).first()
        if current is not None:
            _tell(current)
            current.delete()


def said_of(relationship: Relationship) -> dict[str, Any]:
    """What can be changed of it."""
    return {"role": relationship.role, "since": relationship.since, "until": relationship.until}


def _write(current: Relationship, values: Mapping[str, Any]) -> Relationship:
    changed = [field for field, value in values.items() if getattr(current, field) != value]
    for field in changed:
        setattr(current, field, values[field])
    if changed:
        current.save(update_fields=changed)
        _tell(current)
    return current


def _hold(customer: Customer, other: Customer) -> tuple[Customer, Customer]:
    """Both, or whom they were merged into, locked in the order of their numbers."""
    held = {each.pk: hold_customer(each.pk) for each in sorted((customer, other), key=lambda each: each.pk)}
    if held[customer.pk].pk == held[other.pk].pk:
        raise UnableToRelate
    return held[customer.pk], held[other.pk]


def _profile_of(customer: Customer, *, now: datetime) -> Profile:
    """A tie that staff state hangs on what staff say, else on the oldest profile."""
    profiles = Profile.objects.filter(customer=customer).order_by(*AT_HOME_FIRST)
    return profiles.filter(source__name="staff").first() or profiles.first() or staff_profile_of(customer, now=now)


def _tell(relationship: Relationship) -> None:
    for customer_id in (relationship.from_customer_id, relationship.to_customer_id):
        publish(CustomerEdited(customer_id, (CHANGED,)))
