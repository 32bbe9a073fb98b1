"""Writes to customers: one verb, one function, one transaction, one event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import HttpRequest

from rapport.accounts.access import refuse_shared
from rapport.core.acting import acting, is_acting
from rapport.core.events import publish
from rapport.customers.creating import write_customer
from rapport.customers.events import CustomerCreated, CustomerEdited, InteractionLogged, OwnerAssigned
from rapport.customers.golden import CUSTOM_PREFIX, GOLDEN_FIELDS, STAFF_SOURCE, said_by, say, unit_of
from rapport.customers.models import AT_HOME_FIRST, Customer, Interaction, InteractionKind, Profile, Source
from rapport.customers.moving import hold_customer
from rapport.customers.normalizing import normalize_values
from rapport.customers.profile_rows import make_profile, staff_profiles, store_profile
from rapport.customers.survivorship.deriving import IDENTIFYING, derive_customer, derive_customers, derive_known
from rapport.customers.survivorship.rules import Rules
from rapport.records.custom_fields.declaring import with_changes

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_SUMMARY = 140
DEFAULT_PRIORITY = 100


class CustomerChanged(Exception):
    """Somebody else saved the same fields since the form was opened; nothing was written."""

    def __init__(self, current: Customer, fields: list[str]) -> None:
        super().__init__("The customer was changed by somebody else.")
        self.current = current
        self.fields = fields


class NothingToTakeBack(Exception):
    """Staff said nothing of it (any more), or nobody else does, so that no other value could be shown."""


class UnableToClear(Exception):
    """A value that staff did not enter cannot be emptied; only another value can take its place."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def ensure_source(name: str, *, label: str = "", priority: int = DEFAULT_PRIORITY) -> Source:
    """The source called `name`, made where it is new. To be called inside `acting`."""
    source, _made = Source.objects.get_or_create(name=name, defaults={"label": label or name, "priority": priority})
    return source


def create_customer(
    values: Mapping[str, Any], *, by: User, now: datetime, kind: str = "person", request: HttpRequest | None = None,
    custom: Mapping[str, Any] | None = None,
) -> Customer:  # fmt: skip
    """Add a customer by hand: a profile of source staff, owned by who added it."""
    with acting(by, request, reason=CustomerCreated.name, savepoint=not is_acting()):
        said = normalize_values(_said(values))
        customer = write_customer(
            said, kind=kind, owner_id=by.pk, external_id=str(uuid.uuid4()), now=now, raw=_raw(values, said),
            custom=with_changes({}, custom or {}),
        )  # fmt: skip
        publish(CustomerCreated(customer.pk))
    return customer


def edit_customer(
    customer: Customer,
    values: Mapping[str, Any],
    *,
    version: int,
    by: User,
    now: datetime,
    opened: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
    held: Customer | None = None,
    staff: list[Profile] | None = None,
    rules: Rules | None = None,
) -> Customer:
    """Write what changed into the staff profile and derive again. `custom.<name>` names a custom value.

    Of a name or an address staff then say all parts, the changed and those that were shown. An emptied value that staff
    had entered makes way for what other sources say. Where the customer is not at `version` any more, it is refused if
    another value than in `opened` is there by now for a field of `values`; without `opened`, always. `held` is the same
    customer, where this transaction has locked and read her already, `staff` all profiles that staff have of her (one that is
    made is put there), and `rules` those that it holds.
    """
    with acting(by, request, reason=CustomerEdited.name, savepoint=not is_acting()):
        current = held or hold_customer(customer.pk)
        normal = normalize_values(values, country=current.country)
        known = (f for f in normal if f in GOLDEN_FIELDS or f.startswith(CUSTOM_PREFIX))
        changed = {f: _or_none(normal[f]) for f in known if _differs(current, f, normal[f])}
        if current.version != version:
            clashes = list(changed) if opened is None else [f for f in changed if _differs(current, f, opened.get(f))]
            if opened is None or clashes:
                raise CustomerChanged(current, clashes)
        if not changed:
            return current
        known_to_staff = staff_profiles(current.pk) if staff is None else staff
        profile = next((each for each in known_to_staff if each.home_id is None), None)
        was_staffs = {f for f in changed if profile is not None and said_by(profile, f) is not None}
        whole, raw = _whole_units(current, changed), _raw(values, changed)
        if profile is None:
            known_to_staff.append(_say_first(current, whole, raw=raw, now=now))
        else:
            _say_again(profile, whole, changed=changed, raw=raw, now=now)
        if rules is not None and IDENTIFYING.isdisjoint(whole):
            current = derive_known(current.pk, rules) or current
        else:
            current = derive_customer(current.pk) or current
        emptied = [f for f, value in changed.items() if value is None and f not in was_staffs]
        still_there = [f for f in emptied if said_by(current, f) is not None]
        if still_there:
            raise UnableToClear(still_there)
        publish(CustomerEdited(current.pk, tuple(sorted(changed)), adds_profile=profile is None))
    return current


def take_back_staff_value(
    customer: Customer, field: str, *, by: User, now: datetime, request: HttpRequest | None = None
) -> Customer:
    """Drop what staff said of a field (with what belongs together with it), so that the next rule's winner is shown.

    Raises NothingToTakeBack where staff say nothing of it, or nobody else does.
    """
    unit = unit_of(field)
    with acting(by, request, reason=CustomerEdited.name):
        current = hold_customer(customer.pk)
        profiles = list(Profile.objects.filter(customer=current).select_related("source").order_by("pk"))
        saying = [p for p in profiles if any(said_by(p, f) is not None for f in unit.fields)]
        staff = [profile for profile in saying if profile.source.name == STAFF_SOURCE]
        if not staff or len(staff) == len(saying):
            raise NothingToTakeBack(unit.name)
        for profile in staff:
            columns = {say(profile, f, None) for f in unit.fields}
            profile.raw = {f: said for f, said in profile.raw.items() if f not in unit.fields}
            profile.seen_at = now
            profile.save(update_fields=[*columns, "raw", "seen_at"])
        derive_customers([current.pk])
        publish(CustomerEdited(current.pk, tuple(sorted(unit.fields))))
        current.refresh_from_db()
    return current


def assign_owner(
    customer: Customer, owner: User | None, *, by: User, now: datetime, request: HttpRequest | None = None
) -> None:
    """Make `owner` responsible for the customer, or nobody."""
    with acting(by, request, reason=OwnerAssigned.name):
        locked = hold_customer(customer.pk)
        refuse_shared(by, owner_id=locked.owner_id)
        if locked.owner_id == (owner.pk if owner is not None else None):
            return
        locked.owner, locked.updated_at, locked.version = owner, now, locked.version + 1
        locked.save(update_fields=["owner", "updated_at", "version"])
        publish(OwnerAssigned(locked.pk, locked.owner_id))


def log_interaction(
    customer: Customer,
    *,
    kind: str,
    text: str,
    by: User,
    now: datetime,
    occurred_at: datetime | None = None,
    request: HttpRequest | None = None,
) -> Interaction:
    """Keep a call, a note or a visit, and show it in the timeline. It hangs on the staff profile, else on the oldest."""
    happened = occurred_at or now
    with acting(by, request, reason=InteractionLogged.name):
        customer = hold_customer(customer.pk)
        profiles = Profile.objects.filter(customer=customer, home=None).order_by("pk")
        profile = profiles.filter(source__name=STAFF_SOURCE).first() or profiles.first()
        profile = profile or _make_staff_profile(customer, {}, now=now)
        interaction = Interaction.objects.create(
            customer=customer,
            profile=profile,
            kind=kind,
            text=text,
            occurred_at=happened,
            logged_at=now,
            logged_by=by,
        )
        add_touchpoint(
            customer_id=customer.pk,
            profile_id=profile.pk,
            kind=kind,
            channel=_CHANNELS[kind],
            occurred_at=happened,
            summary=text,
            direction="out",
            record_id=interaction.pk,
        )
        publish(InteractionLogged(interaction.pk, customer.pk, kind))
    return interaction


def add_touchpoint(
    *,
    customer_id: int | None,
    profile_id: int,
    kind: str,
    channel: str,
    occurred_at: datetime,
    summary: str = "",
    direction: str = "in",
    record_id: int | None = None,
    import_id: int | None = None,
) -> int:
    """Point from the timeline to a contact; makes the month's partition where it is the first. Returns its id."""
    first_line = " ".join(summary.split())
    short = first_line if len(first_line) <= LONGEST_SUMMARY else first_line[: LONGEST_SUMMARY - 1] + "…"
    with connection.cursor() as cursor:
        cursor.execute(
            "select touchpoint_partitions(day, day) from (select (%s::timestamptz at time zone 'UTC')::date as day) d"
            " where to_regclass('customers_touchpoint_' || to_char(day, 'YYYYMM')) is null",
            [occurred_at],
        )
        cursor.execute(
            "insert into customers_touchpoint (customer_id, profile_id, kind, channel, occurred_at, summary,"
            " direction, record_id, import_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id",
            [customer_id, profile_id, kind, channel, occurred_at, short, direction, record_id, import_id],
        )
        return int(cursor.fetchone()[0])


_CHANNELS: dict[str, str] = {
    InteractionKind.CALL.value: "call_center",
    InteractionKind.NOTE.value: "call_center",
    InteractionKind.VISIT.value: "field_sales",
}


def staff_profile_of(customer: Customer, *, now: datetime) -> Profile:
    """The profile that holds what staff say of the customer; made where it is the first. Inside `acting`."""
    found = Profile.objects.filter(customer=customer, source__name=STAFF_SOURCE).order_by(*AT_HOME_FIRST).first()
    return found or _make_staff_profile(customer, {}, now=now)


def _say_first(customer: Customer, values: Mapping[str, Any], *, raw: Mapping[str, str], now: datetime) -> Profile:
    """The profile of staff who say something of the customer for the first time."""
    profile = Profile(raw={}, custom={})
    columns = {say(profile, field, value) for field, value in values.items()}
    said = {column: getattr(profile, column) for column in columns}
    return _make_staff_profile(customer, {**said, "raw": dict(raw)}, now=now)


def _say_again(
    profile: Profile, values: Mapping[str, Any], *, changed: Mapping[str, Any], raw: Mapping[str, str], now: datetime
) -> None:
    columns = {say(profile, field, value) for field, value in values.items()}
    profile.raw = {f: said for f, said in profile.raw.items() if f not in changed} | dict(raw)
    profile.seen_at = now
    store_profile(profile, {*columns, "raw", "seen_at"})


def _make_staff_profile(customer: Customer, values: Mapping[str, Any], *, now: datetime) -> Profile:
    return make_profile(
        {"customer_id": customer.pk, "external_id": str(uuid.uuid4()), "kind": customer.kind, "seen_at": now, **values},
        source=STAFF_SOURCE,
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: values[field] for field in GOLDEN_FIELDS if values.get(field)}


def _raw(typed: Mapping[str, Any], normal: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, where another spelling of it is kept."""
    return {f: str(typed[f]) for f, value in normal.items() if value and value != typed[f]}


def _differs(current: Customer, field: str, value: Any) -> bool:
    return said_by(current, field) != _or_none(value)


def _or_none(value: Any) -> Any:
    return None if value in ("", []) else value


def _whole_units(current: Customer, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What changed, with the shown values that are chosen together with it, unless nothing of them is left."""
    whole = dict(changed)
    for unit in {unit_of(field) for field in changed}:
        parts = {field: changed.get(field, said_by(current, field)) for field in unit.fields}
        if any(value is not None for value in parts.values()):
            whole |= parts
    return whole
