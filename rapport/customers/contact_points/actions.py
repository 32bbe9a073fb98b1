"""Writes to the ways a customer can be reached: add, change, remove, make one the first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.actions import edit_customer
from rapport.customers.addresses import Address
from rapport.customers.contact_points.further import ADDRESS_PARTS, one_line
from rapport.customers.contact_points.reading import (
    ADDRESS,
    EMAIL,
    PHONE,
    Way,
    is_staffs,
    points_of,
    said_of,
    ways_of,
)
from rapport.customers.events import CustomerEdited
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import AT_HOME_FIRST, ContactPoint, Customer, IdentifierKind, Profile, Source
from rapport.customers.moving import hold_customer
from rapport.customers.normalizing import country_code, normalize_email, normalize_phone
from rapport.customers.queries import profiles_of
from rapport.customers.survivorship.deriving import derive_customers

if TYPE_CHECKING:
    from rapport.accounts.models import User

CHANGED = "contact_points"
_IDENTIFIER_KINDS = {EMAIL: IdentifierKind.EMAIL, PHONE: IdentifierKind.PHONE}

_KEEP_IDENTIFIERS = """
with said as (select * from unnest(%s::smallint[], %s::text[]) as said (kind, value_norm)),
gone as (
    delete from customers_identifier i where i.profile_id = %s and i.kind in (1, 2)
       and not exists (select from said s where s.kind = i.kind and s.value_norm = i.value_norm)
)
insert into customers_identifier (kind, value_norm, profile_id, customer_id)
select kind, value_norm, %s, %s from said on conflict (kind, value_norm, profile_id) do nothing
"""


class PointExists(Exception):
    """The customer can be reached this way already."""


class PointChanged(Exception):
    """Somebody else changed the contact point since the form was opened; nothing was written."""

    def __init__(self, current: ContactPoint | None) -> None:
        super().__init__("The contact point was changed by somebody else.")
        self.current = current


class UnknownWay(Exception):
    """The customer cannot be reached this way (any more)."""


def staff_profile_of(customer: Customer, *, now: datetime) -> Profile:
    """What staff say of the customer, made where they have not said anything yet. To be called inside `acting`."""
    found = Profile.objects.filter(customer=customer, source__name=STAFF_SOURCE).order_by(*AT_HOME_FIRST).first()
    return found or Profile.objects.create(
        customer=customer, source=Source.objects.get(name=STAFF_SOURCE), external_id=str(uuid.uuid4()),
        kind=customer.kind, seen_at=now,
    )  # fmt: skip


def add_contact_point(
    customer: Customer,
    kind: str,
    typed: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> ContactPoint:
    """Keep a further way to reach the customer, stated by staff. Raises PointExists."""
    with acting(by, request, reason=CustomerEdited.name):
        locked = _lock(customer)
        values = _normal(kind, typed, country=locked.country)
        _refuse_known(locked, kind, values)
        profile = staff_profile_of(locked, now=now)
        point = ContactPoint.objects.create(profile=profile, customer=locked, kind=kind, **values)
        if not _has_first(locked, kind):
            _put_first(locked, _golden_of(point), by=by, now=now, request=request)
        settle(locked, profile)
    return point


def change_contact_point(
    point: ContactPoint,
    typed: Mapping[str, Any],
    *,
    opened: Mapping[str, Any],
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> ContactPoint:
    """Change what is said of a way. Refused (PointChanged) if it is not as it was `opened`, but says something else."""
    with acting(by, request, reason=CustomerEdited.name):
        locked = _lock(point.customer)
        current = ContactPoint.objects.select_related("profile__source").filter(pk=point.pk).first()
        if current is None:
            raise PointChanged(None)
        saved, values = said_of(current), _normal(current.kind, typed, country=locked.country)
        if saved != dict(opened) and saved != {field: values.get(field) or "" for field in saved}:
            raise PointChanged(current)
        if values["value"] != current.value:
            _refuse_known(locked, current.kind, values, but=current)
        changed = [field for field, value in values.items() if getattr(current, field) != value]
        if not changed:
            return current
        was_first = _is_first_of_staff(current)
        for field in changed:
            setattr(current, field, values[field])
        current.save(update_fields=changed)
        if was_first and changed != ["label"]:
            _put_first(locked, _golden_of(current), by=by, now=now, request=request)
        settle(locked, current.profile)
    return current


def remove_contact_point(point: ContactPoint, *, by: User, now: datetime, request: HttpRequest | None = None) -> None:
    """Forget a way to reach the customer; where another profile states it too, it stays."""
    with acting(by, request, reason=CustomerEdited.name):
        locked = _lock(point.customer)
        current = ContactPoint.objects.select_related("profile__source").filter(pk=point.pk).first()
        if current is None:
            return
        profile = current.profile
        if _is_first_of_staff(current):
            _put_first(locked, dict.fromkeys(_golden_of(current), ""), by=by, now=now, request=request)
        current.delete()
        settle(locked, profile)


def make_first(customer: Customer, key: str, *, by: User, now: datetime, request: HttpRequest | None = None) -> Way:
    """Make the way that is called `key` the first of its kind, on behalf of staff; what staff said before stays a way."""
    with acting(by, request, reason=CustomerEdited.name):
        locked = _lock(customer)
        points = points_of(locked)
        way = next((w for w in ways_of(locked, profiles_of(locked), points, files={}) if w.key == key), None)
        if way is None:
            raise UnknownWay(key)
        if way.is_first:
            return way
        staff = staff_profile_of(locked, now=now)
        before = _first_of(staff, way.kind)
        _put_first(locked, _as_golden(way), by=by, now=now, request=request)
        if before is not None and before["value"] not in {
            point.value for point in points if point.profile_id == staff.pk
        }:
            ContactPoint.objects.create(profile=staff, customer=locked, kind=way.kind, **before)
        derive_customers([locked.pk])
    return way


def set_contact_points(
    customer: Customer,
    points: Iterable[Mapping[str, Any]],
    *,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> list[ContactPoint]:
    """Make these the further ways that staff state: each has a `kind`, a `label`, and a `value` or the parts of an address."""
    with acting(by, request, reason=CustomerEdited.name):
        locked = _lock(customer)
        profile = staff_profile_of(locked, now=now)
        known = {(p.kind, p.value): p for p in ContactPoint.objects.filter(profile=profile)}
        kept = []
        for given in points:
            kind = str(given["kind"])
            values = _normal(kind, given, country=locked.country)
            point = known.pop((kind, values["value"]), None) or ContactPoint(
                profile=profile, customer=locked, kind=kind
            )
            for field, value in values.items():
                setattr(point, field, value)
            point.save()
            kept.append(point)
        for gone in known.values():
            gone.delete()
        settle(locked, profile)
    return kept


def _lock(customer: Customer) -> Customer:
    return hold_customer(customer.pk)


def _normal(kind: str, typed: Mapping[str, Any], *, country: str | None) -> dict[str, Any]:
    """What is kept of what was typed."""
    label = str(typed.get("label") or "")
    if kind == ADDRESS:
        parts = {part: str(typed.get(part) or "").strip() or None for part in ADDRESS_PARTS}
        parts["country"] = country_code(parts["country"])
        return {"label": label, "value": one_line(parts.values()), "value_norm": None, **parts}
    value = str(typed["value"]).strip()
    normal = normalize_email(value) if kind == EMAIL else normalize_phone(value, country)
    return {"label": label, "value": normal if kind == PHONE and normal else value, "value_norm": normal}


def _refuse_known(customer: Customer, kind: str, values: Mapping[str, Any], *, but: ContactPoint | None = None) -> None:
    others = [point for point in points_of(customer) if but is None or point.pk != but.pk]
    wanted = ContactPoint(kind=kind, **values)
    key = next(iter(ways_of(Customer(), [], [wanted], files={}))).key
    if any(way.key == key for way in ways_of(customer, profiles_of(customer), others, files={})):
        raise PointExists(values["value"])


def _first_of(profile: Profile, kind: str) -> dict[str, Any] | None:
    """What the profile says first, as a contact point."""
    typed = {part: getattr(profile, part) for part in ADDRESS_PARTS}
    if kind != ADDRESS:
        typed = {"value": profile.email if kind == EMAIL else profile.phone}
    return _normal(kind, typed, country=profile.country) if any(typed.values()) else None


def _as_golden(way: Way) -> dict[str, Any]:
    if way.address is not None:
        return {part: getattr(way.address, part) or "" for part in ADDRESS_PARTS}
    return {"email" if way.kind == EMAIL else "phone": way.value}


def _golden_of(point: ContactPoint) -> dict[str, Any]:
    if point.kind == ADDRESS:
        return {part: getattr(point, part) or "" for part in ADDRESS_PARTS}
    return {"email" if point.kind == EMAIL else "phone": point.value}


def _has_first(customer: Customer, kind: str) -> bool:
    if kind == ADDRESS:
        return bool(Address.of(customer))
    return bool(customer.email if kind == EMAIL else customer.phone)


def _is_first_of_staff(point: ContactPoint) -> bool:
    """Whether staff say the same first; then what becomes of the one becomes of the other."""
    if not is_staffs(point.profile):
        return False
    first = _first_of(point.profile, point.kind)
    return first is not None and first["value"] == point.value


def _put_first(
    customer: Customer, values: Mapping[str, Any], *, by: User, now: datetime, request: HttpRequest | None
) -> None:
    """Let staff say these golden values; the customer is locked, so the version is the one that is there."""
    current = Customer.objects.get(pk=customer.pk)
    edit_customer(current, values, version=current.version, by=by, now=now, request=request)


def settle(customer: Customer, profile: Profile) -> None:
    """Bring what is derived from contact points in step, and tell. To be called inside `acting`."""
    if not is_staffs(profile):
        _keep_identifiers(profile)
    derive_customers([customer.pk])
    publish(CustomerEdited(customer.pk, (CHANGED,)))


def _keep_identifiers(profile: Profile) -> None:
    """The e-mail addresses and numbers of a profile that came from elsewhere; those of staff are derived."""
    said = {
        (IdentifierKind.EMAIL.value, normalize_email(profile.email)),
        (IdentifierKind.PHONE.value, normalize_phone(profile.phone, profile.country)),
    }
    for point in ContactPoint.objects.filter(profile=profile, kind__in=_IDENTIFIER_KINDS):
        said.add((_IDENTIFIER_KINDS[point.kind].value, point.value_norm))
    stated = [(kind, value) for kind, value in said if value]
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_IDENTIFIERS,
            [
                [kind for kind, _v in stated],
                [value for _k, value in stated],
                profile.pk,
                profile.pk,
                profile.customer_id,
            ],
        )
