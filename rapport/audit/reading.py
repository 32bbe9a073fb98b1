"""How people read the trail: in the words of the fields, without what their role does not see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.audit.queries import CHANGES, PROGRAMS, TrailEntry
from rapport.core.rooms import contributions
from rapport.ui.formats import day, moment, money, number

Values = tuple[tuple[str, Any], ...]
LONGEST_SAID = 500
MICROS = "_micros"  # how columns of money end
MILLION = 1_000_000

SIGN_INS, DENIALS, EXPORTS, PRIVACY, OTHER = "sign-ins", "denials", "exports", "privacy", "other"
KINDS: dict[str, str | Promise] = {
    CHANGES: gettext_lazy("Changes"),
    SIGN_INS: gettext_lazy("Sign-ins"),
    DENIALS: gettext_lazy("Denials"),
    EXPORTS: gettext_lazy("Exports"),
    PRIVACY: gettext_lazy("Privacy"),
    PROGRAMS: gettext_lazy("Programs"),
    OTHER: gettext_lazy("Other acts"),
}
OPERATIONS: dict[str, str | Promise] = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("removed"),
    "forget": gettext_lazy("erased"),
}


@dataclass(frozen=True)
class Act:
    """What a named event is called, and its kind; a room lists those that it records in trail.ACTS."""

    name: str
    label: str | Promise
    kind: str = OTHER


@dataclass(frozen=True)
class Reason:
    """What the reason of changes is called; a room lists those that it gives in trail.REASONS.

    A name that ends in a space is the beginning of reasons that go on with a number or a name.
    """

    name: str
    label: str | Promise


@dataclass(frozen=True)
class Acts:
    """Acts that are named as they come, listed in trail.FAMILIES: `label` tells what one of them is called, or nothing."""

    name: str
    label: Callable[[str], str]


@dataclass(frozen=True)
class ActWord:
    """What a value of named acts is called, listed in trail.WORDS; one without a label is for the machine."""

    name: str
    label: str | Promise = ""


@dataclass(frozen=True)
class TableWords:
    """What an audited table and its columns are called; a room lists its own in trail.TABLES.

    Columns that are `left_out` are for the machine. A column without a word is called as its model calls it.
    """

    table: str
    label: str | Promise
    columns: Mapping[str, str | Promise]
    left_out: Collection[str] = ()


@dataclass(frozen=True)
class RowNames:
    """How the rows of a table are called that others point at, as far as `user` may see them; listed in trail.NAMES."""

    table: str
    names: Callable[[Any, Collection[int]], Mapping[int, str]]


@dataclass(frozen=True)
class Said:
    """One value before and after, as a person reads it. `name` is the column's, `is_data` says that nobody translates the label."""

    name: str
    label: str
    before: str
    after: str
    is_data: bool = False


@dataclass(frozen=True)
class TrailReader:
    """What a room reads by itself, listed in trail.READERS: returns the values that are left for the others, and what it read."""

    name: str
    read: Callable[[Any, TrailEntry, Values], tuple[Values, list[Said]]]


@dataclass(frozen=True)
class ReadEntry:
    """An event as `user` may read it."""

    event: TrailEntry
    what: str
    is_data: bool
    reason: str
    said: tuple[Said, ...]


def acts_of(kind: str) -> tuple[str, ...]:
    return tuple(act.name for act in contributions("trail", "ACTS", Act) if act.kind == kind)


def read_entries(user: Any, entries: Sequence[TrailEntry]) -> list[ReadEntry]:
    """The events in words, for `user`."""
    readers = list(contributions("trail", "READERS", TrailReader))
    left: list[tuple[TrailEntry, Values, list[Said]]] = []
    for entry in entries:
        values, said = entry.values, list[Said]()
        for reader in readers:
            values, more = reader.read(user, entry, values)
            said += more
        left.append((entry, values, said))
    names = _names(user, ((entry.table, values) for entry, values, _said in left))
    return [
        ReadEntry(
            entry, *_what(entry), _reason(entry),
            (*(_said(entry, name, value, names) for name, value in values if _is_shown(entry, name, value)), *said),
        )
        for entry, values, said in left
    ]  # fmt: skip


@cache
def words() -> dict[str, TableWords]:
    return {each.table: each for each in contributions("trail", "TABLES", TableWords)}


def label_of_table(table: str) -> str:
    return str(words()[table].label) if table in words() else table.partition("_")[2].replace("_", " ")


@cache
def _acts() -> dict[str, str | Promise]:
    return {act.name: act.label for act in contributions("trail", "ACTS", Act)}


@cache
def _reasons() -> dict[str, str | Promise]:
    return {reason.name: reason.label for reason in contributions("trail", "REASONS", Reason)}


@cache
def _act_words() -> dict[str, str | Promise]:
    return {word.name: word.label for word in contributions("trail", "WORDS", ActWord)}


def _what(entry: TrailEntry) -> tuple[str, bool]:
    if not entry.table:
        known = _acts().get(entry.operation) or _reasons().get(entry.operation)
        families = () if known is not None else contributions("trail", "FAMILIES", Acts)
        label = (
            str(known) if known is not None else next(filter(None, (of.label(entry.operation) for of in families)), "")
        )
        return (label, False) if label else (entry.operation, True)
    done = str(OPERATIONS.get(entry.operation, entry.operation))
    return _("%(thing)s %(done)s") % {"thing": label_of_table(entry.table), "done": done}, entry.table not in words()


def _reason(entry: TrailEntry) -> str:
    begins = next((name for name in _reasons() if name.endswith(" ") and entry.reason.startswith(name)), entry.reason)
    return str(_reasons().get(entry.reason) or _reasons().get(begins) or entry.reason)


def _is_shown(entry: TrailEntry, name: str, value: Any) -> bool:
    if entry.operation == "insert" and value in (None, "", [], {}):
        return False
    if not entry.table:
        return bool(_act_words().get(name, name))
    known = words().get(entry.table)
    return name not in ("id", "public_id") and (known is None or name not in known.left_out)


@cache
def _columns() -> dict[str, dict[str, models.Field[Any, Any]]]:
    """Table → column → field of every model."""
    return {
        model._meta.db_table: {field.attname: field for field in model._meta.concrete_fields}
        for model in apps.get_models()
    }


def _pointed_at(table: str, name: str) -> str:
    """The table that a column points at, if it does."""
    field = _columns().get(table, {}).get(name)
    related = field.related_model if field is not None and field.is_relation else None
    return related._meta.db_table if related is not None and not isinstance(related, str) else ""


def _names(user: Any, values: Iterable[tuple[str, Values]]) -> dict[str, Mapping[int, str]]:
    """Table → id → name of everything that the values point at, asked once for each table."""
    wanted: dict[str, set[int]] = {}
    for table, pairs in values:
        for name, value in pairs:
            target = _pointed_at(table, name)
            if target:
                wanted.setdefault(target, set()).update(each for each in _two(value) if isinstance(each, int))
    known = {each.table: each for each in contributions("trail", "NAMES", RowNames)}
    return {table: known[table].names(user, ids) for table, ids in wanted.items() if table in known and ids}


def _said(entry: TrailEntry, name: str, value: Any, names: Mapping[str, Mapping[int, str]]) -> Said:
    table = entry.table
    known = words().get(table)
    label = known.columns.get(name) if known is not None else None if table else _word(name)
    field = _columns().get(table, {}).get(name)
    target = _pointed_at(table, name)
    if not table:  # an act says something once
        before, after = "", _text(value, None, None)
    elif name.endswith(MICROS):
        before, after = (_amount(each, entry.values) for each in _two(value))
    else:
        before, after = (_text(each, field, names.get(target, {}) if target else None) for each in _two(value))
    spelled = name.removesuffix("_id").replace("_", " ").capitalize()
    return Said(name, str(label or spelled), before, after, is_data=label is None)


def _word(name: str) -> str | Promise | None:
    """What a value of an act is called; counts of rows have the names of their tables."""
    return _act_words().get(name) or (words()[name].label if name in words() else None)


def _amount(micros: Any, values: Values) -> str:
    """An amount in its currency, as far as the event says that; a change of an amount alone leaves it out."""
    if not isinstance(micros, int):
        return ""
    currency = _two(dict(values).get("currency"))[1]
    return money(micros, currency) if currency else number(Decimal(micros) / MILLION, digits=2)


def _two(value: Any) -> tuple[Any, Any]:
    return (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else (None, value)


def _text(value: Any, field: models.Field[Any, Any] | None, names: Mapping[int, str] | None) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if names is not None:
        return names.get(value) or _("no longer there, or not for you to see")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is None and isinstance(value, int):
        return number(value)
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, str):
        return _time(value, field)[:LONGEST_SAID]
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)[:LONGEST_SAID]
    if isinstance(value, dict):
        return ", ".join(f"{key}: {each}" for key, each in sorted(value.items()))[:LONGEST_SAID]
    return str(value)


def _time(value: str, field: models.Field[Any, Any] | None) -> str:
    try:
        if isinstance(field, models.DateTimeField):
            return moment(datetime.fromisoformat(value))
        if isinstance(field, models.DateField):
            return day(date.fromisoformat(value))
    except (ValueError, OverflowError):
        return value
    return value
