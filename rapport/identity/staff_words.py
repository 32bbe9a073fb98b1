"""What staff said of customers while they were one, value by value, and giving it to the side it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.core.owned import OwnedTable
from rapport.core.rooms import contributions
from rapport.customers.golden import CUSTOM_PREFIX, GOLDEN_FIELDS, STAFF_SOURCE, UNITS, said_by, say
from rapport.customers.imports.leaving import delete_derived
from rapport.customers.presenting import as_read
from rapport.customers.provenance import LABELS
from rapport.customers.queries import profiles_of
from rapport.identity.choosing import Group, HandOver, Row, key_of, since_when, written_since
from rapport.identity.models import Link, NeverPair, SaidBefore
from rapport.records.custom_fields.declaring import as_text, has_value
from rapport.records.layouts.sight import hidden_names, visible_custom_fields

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.identity.queries import Home

GROUP = "said"
_UNIT_LABELS = {"name": _("Name"), "address": _("Address")}


def said_since(profiles: Sequence[Any], *, user: User) -> list[Group]:
    """What staff say differently since they were joined, as far as `user` sees the fields."""
    hidden = hidden_names(user, "customer")
    own = {f"{CUSTOM_PREFIX}{each.name}": each for each in visible_custom_fields(user, "customer")}
    staff = _staffs(profiles)
    before = said_before(staff)
    rows = []
    for profile in staff:
        was = before.get(profile.pk, {})
        for unit in changed_units(profile, was):
            definition = own.get(unit)
            fields = [field for field in fields_of(unit) if field not in hidden]
            if definition is None and (unit.startswith(CUSTOM_PREFIX) or not fields):
                continue
            if definition is not None:
                said, once = (as_text(definition, v) if has_value(v) else "" for v in _custom(profile, was, unit))
                label: Any = definition.label
            else:
                said = ", ".join(as_read(f, said_by(profile, f)) for f in fields if said_by(profile, f) is not None)
                once = ", ".join(as_read(f, was[f]) for f in fields if was.get(f) not in (None, ""))
                label = _UNIT_LABELS.get(unit) or LABELS[unit]
            rows.append(Row(f"{key_of(profile)}.{unit}", f"{label}: {said or '—'}", profile.seen_at, profile.pk, once))
    return [Group(GROUP, _("What staff said"), len(rows), tuple(rows))] if rows else []


def written_to(customer: Any, homes: Sequence[Home], out: set[int], *, user: User) -> list[Group]:
    """What staff wrote to the customer as a whole, and what they said of her, as far as it is not told whose it is."""
    since = since_when(homes, out)
    said = said_since(profiles_of(customer), user=user) if since is not None else []
    return [*said, *written_since(customer.pk, since, user=user)]


def said_before(profiles: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """The rows of these profiles as they were when they were joined with others; of younger ones nothing."""
    ids = [profile.pk for profile in profiles]
    return dict(SaidBefore.objects.filter(profile__in=ids).values_list("profile_id", "said"))


def changed_units(profile: Any, was: Mapping[str, Any]) -> list[str]:
    """The units, and the custom values, of which the profile says something else than it did."""
    changed = [unit.name for unit in UNITS if any(_text(said_by(profile, f)) != _text(was.get(f)) for f in unit.fields)]
    custom: Mapping[str, Any] = was.get("custom") or {}
    names = sorted({*profile.custom, *custom})
    return changed + [f"{CUSTOM_PREFIX}{name}" for name in names if profile.custom.get(name) != custom.get(name)]


def give_words(given: Sequence[HandOver], profiles: Sequence[Any], *, now: datetime, staff_in: Any) -> bool:
    """Have other profiles say what these say since; `staff_in` finds the staff's of a part. Says whether anything went.

    Where nothing of what was said since is left, the profile is the row it was, or is gone if it had not been there.
    """
    asked = {key: each for each in given if each.group == GROUP for key in each.keys}
    giving: list[tuple[Any, Mapping[str, Any]]] = []
    staff = _staffs(profiles)
    before = said_before(staff)
    for profile in staff:
        was = before.get(profile.pk, {})
        for unit in changed_units(profile, was):
            each = asked.get(f"{key_of(profile)}.{unit}")
            if each is None:
                continue
            target = staff_in(each.to_profile)
            if target is None or target.pk == profile.pk:
                continue
            _give(profile, was, target, fields_of(unit), now=now)
            giving.append((profile, was))
    for profile, once in giving:
        if not changed_units(profile, once):
            _leave_as_it_was(profile, once)
    return bool(giving)


def fields_of(unit: str) -> tuple[str, ...]:
    return next((each.fields for each in UNITS if each.name == unit), (unit,))


def _staffs(profiles: Iterable[Any]) -> list[Any]:
    return sorted((p for p in profiles if p.source.name == STAFF_SOURCE), key=lambda p: p.pk)


def _give(profile: Any, was: Mapping[str, Any], target: Any, fields: Sequence[str], *, now: datetime) -> None:
    raw_before = was.get("raw") or {}
    for field in fields:
        say(target, field, said_by(profile, field))
        say(profile, field, _value(field, was))
        target.raw = _with(target.raw, field, profile.raw.get(field))
        profile.raw = _with(profile.raw, field, raw_before.get(field))
    target.seen_at = now
    for each in (target, profile):
        each.save(update_fields=[*(f for f in fields if f in GOLDEN_FIELDS), "custom", "raw", "seen_at"])


def _leave_as_it_was(profile: Any, was: Mapping[str, Any]) -> None:
    if was:
        profile.seen_at = datetime.fromisoformat(was["seen_at"])
        profile.save(update_fields=["seen_at"])
    elif not _is_needed(profile):
        with connection.cursor() as cursor:
            ids = sql.SQL("select {}").format(sql.Literal(profile.pk))
            delete_derived(cursor, ids)
            cursor.execute("delete from customers_identifier where profile_id = %s", [profile.pk])
            cursor.execute("delete from customers_profile where id = %s", [profile.pk])


def _is_needed(profile: Any) -> bool:
    """Whether anything hangs on the profile, or it is all that its home has."""
    said = Link.objects.filter(one_id=profile.pk) | Link.objects.filter(other_id=profile.pk)
    nevers = NeverPair.objects.filter(one_id=profile.pk) | NeverPair.objects.filter(other_id=profile.pk)
    if said.exists() or nevers.exists():
        return True
    home = profile.home_id or profile.customer_id
    beside = type(profile).objects.filter(customer=profile.customer_id).exclude(pk=profile.pk)
    if not any((each.home_id or each.customer_id) == home for each in beside):
        return True
    with connection.cursor() as cursor:
        for owned in contributions("owned", "OWNED", OwnedTable):
            if owned.is_derived or owned.table in ("customers_profile", "customers_identifier"):
                continue
            cursor.execute(
                sql.SQL("select exists (select from {} where {} = %s and {} = %s)").format(
                    sql.Identifier(owned.table),
                    sql.Identifier(owned.profile_column),
                    sql.Identifier(owned.customer_column),
                ),
                [profile.pk, profile.customer_id],
            )
            if cursor.fetchone()[0]:
                return True
    return False


def _custom(profile: Any, was: Mapping[str, Any], unit: str) -> tuple[Any, Any]:
    name = unit.removeprefix(CUSTOM_PREFIX)
    return profile.custom.get(name), (was.get("custom") or {}).get(name)


def _value(field: str, was: Mapping[str, Any]) -> Any:
    if field.startswith(CUSTOM_PREFIX):
        return (was.get("custom") or {}).get(field.removeprefix(CUSTOM_PREFIX))
    value = was.get(field)
    return date.fromisoformat(value) if field == "born_on" and value else value


def _with(raw: Mapping[str, Any], field: str, value: Any) -> dict[str, Any]:
    rest = {name: said for name, said in raw.items() if name != field}
    return rest if value is None else {**rest, field: value}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
