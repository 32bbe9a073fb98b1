"""Writing values of many customers at once: what edit_customer does for one, set-based, with an answer for each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.editing.noting import said_flat
from rapport.customers.events import CustomersEdited
from rapport.customers.golden import DATE_FIELDS, GOLDEN_FIELDS, STAFF_SOURCE, said_by, say, unit_of
from rapport.customers.models import Customer, Profile, Source
from rapport.customers.normalizing import full_name, normalize_values
from rapport.customers.survivorship.deriving import derive_customers
from rapport.records.bulk.acts import Refused, Treated

if TYPE_CHECKING:
    from rapport.accounts.models import User

_POINTING = ("name", "organization", "email", "phone")
_SHOWN = ("id", "kind", *GOLDEN_FIELDS, "custom")
_SAID = ("id", "customer_id", *GOLDEN_FIELDS, "custom", "raw", "seen_at")
_RAW = "raw."


@dataclass
class _Change:
    """What one customer is to get: the values that differ, with what is said together with them."""

    customer: Customer
    changed: dict[str, Any]
    typed: Mapping[str, Any]
    whole: dict[str, Any]
    staff: Profile | None = None
    before: dict[str, Any] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()


def edit_customers(
    wanted: Mapping[int, Mapping[str, Any]],
    *,
    by: User,
    now: datetime,
    opened: Mapping[int, Mapping[str, Any]] | None = None,
) -> dict[int, Treated | Refused]:
    """Have staff say these values of the customers that `by` may see, None for nothing; `custom.<name>` is an own field.

    Where another value than in `opened` is there by now, the customer is left alone, and so is whoever would be nameless,
    is restricted, or of whom another source says what was to be emptied.
    """
    with acting(by, reason=CustomersEdited.name), audit.rows_together(len(wanted)):
        held = _hold(list(wanted), by=by)
        restricted = restricted_among(list(held))
        answers: dict[int, Treated | Refused] = {}
        changes = []
        for pk, customer in held.items():
            found = _change_of(customer, wanted[pk], None if opened is None else opened.get(pk))
            if pk in restricted:
                answers[pk] = Refused(_("What may be done with this customer is restricted."))
            elif isinstance(found, Refused):
                answers[pk] = found
            elif not found.changed:
                answers[pk] = Treated()
            else:
                changes.append(found)
        _say(changes, now=now)
        answers |= _keep(changes, now=now)
        return answers


def say_again(undo: Mapping[int, Mapping[str, Any]], *, by: User, now: datetime) -> dict[int, Treated | Refused]:
    """Take back what `edit_customers` noted: staff say again what they said before, where that is as it was left."""
    with acting(by, reason=CustomersEdited.name), audit.rows_together(len(undo)):
        held = _hold(list(undo), by=by)
        profiles = Profile.objects.only(*_SAID).in_bulk([undo[pk]["profile"] for pk in held])
        answers: dict[int, Treated | Refused] = {}
        back: list[Profile] = []
        fields: set[str] = set()
        for pk in held:
            profile, said = profiles.get(undo[pk]["profile"]), undo[pk]["said"]
            if profile is None or profile.customer_id != pk or not _is_as_left(profile, said):
                answers[pk] = Refused(_("Somebody has changed it since."))
                continue
            _say_flat(profile, {name: before for name, (before, _after) in said.items()})
            profile.seen_at = now
            back.append(profile)
            fields |= {name for name in said if not name.startswith(_RAW)}
            answers[pk] = Treated()
        _store(back)
        _settle(sorted(profile.customer_id for profile in back), fields)
        return answers


def _hold(ids: Sequence[int], *, by: User) -> dict[int, Customer]:
    """The customers that are there and visible, locked, the smallest id first."""
    seen = Customer.objects.present().visible_to(by).filter(pk__in=ids).order_by("pk")
    return {each.pk: each for each in seen.select_for_update(of=("self",)).only(*_SHOWN)}


def _change_of(current: Customer, wanted: Mapping[str, Any], opened: Mapping[str, Any] | None) -> _Change | Refused:
    typed = dict(wanted)
    if {"given_name", "family_name"} & set(typed) and "name" not in typed:
        is_composed = current.name == full_name(current.given_name, current.family_name)
        if is_composed or not current.name:
            parts = [typed.get(part, getattr(current, part)) for part in ("given_name", "family_name")]
            typed["name"] = full_name(*parts)
    normal = {
        name: _typed_value(name, value) for name, value in normalize_values(typed, country=current.country).items()
    }
    changed = {name: _or_none(value) for name, value in normal.items() if said_by(current, name) != _or_none(value)}
    if opened is not None and any(
        said_by(current, name) != _or_none(_typed_value(name, opened[name])) for name in changed if name in opened
    ):
        return Refused(_("Somebody has changed it since."))
    if not any(changed.get(name, getattr(current, name)) for name in _POINTING):
        return Refused(_("Give a name, an organization, an e-mail address or a phone number."))
    whole = dict(changed)
    for unit in {unit_of(name) for name in changed}:
        parts_of_it = {name: changed.get(name, said_by(current, name)) for name in unit.fields}
        if any(value is not None for value in parts_of_it.values()):
            whole |= parts_of_it
    return _Change(current, changed, typed, whole)


def _say(changes: Sequence[_Change], *, now: datetime) -> None:
    """Write into the staff's profile of each customer, made where it is the first."""
    profiles = _staff_profiles([change.customer for change in changes], now=now)
    for change in changes:
        change.staff = staff = profiles[change.customer.pk]
        change.before = said_flat(staff)
        was_said = {name for name in change.changed if said_by(staff, name) is not None}
        change.emptied = tuple(name for name, value in change.changed.items() if value is None and name not in was_said)
        for name, value in change.whole.items():
            say(staff, name, value)
        raw = {name: str(change.typed[name]) for name, value in change.changed.items()
               if value and name in change.typed and str(value) != str(change.typed[name])}  # fmt: skip
        staff.raw = {name: said for name, said in staff.raw.items() if name not in change.changed} | raw
        staff.seen_at = now
    _store([change.staff for change in changes if change.staff is not None])
    derive_customers([change.customer.pk for change in changes])


def _keep(changes: Sequence[_Change], *, now: datetime) -> dict[int, Treated | Refused]:
    """What was noted of each change; those are taken back of which another source says what was to be emptied."""
    answers: dict[int, Treated | Refused] = {}
    doubtful = [change for change in changes if change.emptied]
    shown = Customer.objects.only(*_SHOWN).in_bulk([change.customer.pk for change in doubtful])
    back = []
    for change in doubtful:
        if any(said_by(shown[change.customer.pk], name) is not None for name in change.emptied):
            assert change.staff is not None
            now_said = said_flat(change.staff)
            _say_flat(change.staff, {name: change.before.get(name) for name in {*now_said, *change.before}})
            back.append(change.staff)
            answers[change.customer.pk] = Refused(
                _("Another source says this; type the right value instead of emptying it.")
            )
    _store(back)
    derive_customers([profile.customer_id for profile in back])
    done = [change for change in changes if change.customer.pk not in answers]
    for change in done:
        assert change.staff is not None
        after = said_flat(change.staff)
        said = {
            name: [change.before.get(name), after.get(name)]
            for name in sorted({*change.before, *after})
            if change.before.get(name) != after.get(name)
        }
        answers[change.customer.pk] = Treated({"profile": change.staff.pk, "said": said} if said else {})
    if done:
        fields = {name for change in done for name in change.changed}
        publish(CustomersEdited(tuple(change.customer.pk for change in done), tuple(sorted(fields))))
    return answers


def _staff_profiles(customers: Sequence[Customer], *, now: datetime) -> dict[int, Profile]:
    ids = [each.pk for each in customers]
    known = Profile.objects.filter(customer__in=ids, home=None, source__name=STAFF_SOURCE).only(*_SAID).order_by("-pk")
    found = {each.customer_id: each for each in known}
    missing = [each for each in customers if each.pk not in found]
    if missing:
        source = Source.objects.get(name=STAFF_SOURCE)
        made = Profile.objects.bulk_create(
            Profile(customer=each, source=source, external_id=str(uuid.uuid4()), kind=each.kind, seen_at=now)
            for each in missing
        )
        found |= {each.customer_id: each for each in made}
    return found


def _store(profiles: Sequence[Profile]) -> None:
    """The profiles as they are in memory, in one statement."""
    if not profiles:
        return
    columns = [sql.Identifier(name) for name in GOLDEN_FIELDS]
    statement = sql.SQL(
        "update customers_profile p set {assignments}, raw = s.raw, custom = s.custom, seen_at = s.seen_at"
        " from jsonb_to_recordset(%s) as s (id bigint, {types}, raw jsonb, custom jsonb, seen_at timestamptz)"
        " where p.id = s.id"
    ).format(
        assignments=sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(column) for column in columns),
        types=sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL("date" if name in DATE_FIELDS else "text"))
            for name in GOLDEN_FIELDS
        ),
    )
    rows = [
        {name: getattr(each, name) for name in GOLDEN_FIELDS}
        | {"id": each.pk, "raw": each.raw, "custom": each.custom, "seen_at": each.seen_at}
        for each in profiles
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=_as_json)])


def _settle(customer_ids: Sequence[int], fields: Iterable[str]) -> None:
    if customer_ids:
        derive_customers(customer_ids)
        publish(CustomersEdited(tuple(customer_ids), tuple(sorted(fields))))


def _is_as_left(profile: Profile, said: Mapping[str, Any]) -> bool:
    flat = said_flat(profile)
    return all(flat.get(name) == after for name, (_before, after) in said.items())


def _say_flat(profile: Profile, values: Mapping[str, Any]) -> None:
    """Have the profile say values as `said_flat` names them."""
    raw = dict(profile.raw)
    for name, value in values.items():
        if not name.startswith(_RAW):
            say(profile, name, _typed_value(name, value))
        elif value is None:
            raw.pop(name.removeprefix(_RAW), None)
        else:
            raw[name.removeprefix(_RAW)] = value
    profile.raw = raw


def _typed_value(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DATE_FIELDS and isinstance(value, str) and value else value


def _or_none(value: Any) -> Any:
    return None if value in ("", []) else value


def _as_json(value: Any) -> str:
    return str(value.isoformat())
