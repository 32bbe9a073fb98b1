"""Fields of one's own: what a room declares to take them, what one is, and how its values are kept, read and shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.core.money import format_money, from_micros
from rapport.core.rooms import contributions
from rapport.records.imports.staging_worker import OWN_PREFIX
from rapport.records.imports.values import is_web_address
from rapport.records.registry import Field, FieldKind
from rapport.ui.formats import day, number

if TYPE_CHECKING:
    from django.http import HttpRequest

    from rapport.accounts.models import User

NAME_PREFIX = OWN_PREFIX
LONGEST_TEXT = 2_000
LONGEST_LINK = 1_000
MOST_CHOICES = 500
_TEXT = ("is", "is_not", "starts_with", "contains", "empty", "filled")
_AMOUNT = ("is", "over", "under", "at_least", "at_most", "empty", "filled")
_OPERATORS: dict[FieldKind, tuple[str, ...]] = {
    FieldKind.TEXT: _TEXT,
    FieldKind.LINK: _TEXT,
    FieldKind.NUMBER: _AMOUNT,
    FieldKind.MONEY: _AMOUNT,
    FieldKind.DATE: ("on", "before", "after", "empty", "filled"),
    FieldKind.CHOICE: ("is", "is_not", "empty", "filled"),
    FieldKind.CHOICES: ("has", "has_all", "has_not", "empty", "filled"),
    FieldKind.BOOLEAN: ("is", "empty", "filled"),
}
_CHOSEN = (FieldKind.CHOICE, FieldKind.CHOICES)
SEARCHABLE = (FieldKind.TEXT, FieldKind.LINK)
SORTABLE = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.MONEY, FieldKind.DATE)


@dataclass(frozen=True)
class Choice:
    """One of the values to choose from. `value` stays when the label changes; an archived one is not offered any more."""

    value: str
    label: str
    archived: bool = False


@dataclass(frozen=True)
class CustomDefinition:
    """One field of one's own, as every process knows it until the next change."""

    public_id: uuid.UUID
    object: str
    name: str
    label: str
    kind: FieldKind
    help_text: str = ""
    is_required: bool = False
    is_column: bool = False
    is_searched: bool = False
    is_sorted: bool = False
    choices: tuple[Choice, ...] = ()
    position: int = 0
    is_archived: bool = False
    has_index: bool = False
    currency: str = ""

    def offered(self, held: Any = None) -> list[tuple[str, str]]:
        """What can be chosen: what is not archived, and what the record holds already."""
        kept = {held} if isinstance(held, str) else set(held or ())
        return [(each.value, each.label) for each in self.choices if not each.archived or each.value in kept]

    def label_of(self, value: str) -> str:
        return next((each.label for each in self.choices if each.value == value), value)


@dataclass(frozen=True)
class CustomRecord:
    """One record on the page where its own fields are typed."""

    key: int
    title: str
    url: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class CustomObject:
    """A kind of object that takes fields of one's own; a room lists its own in own_fields.CUSTOM_OBJECTS.

    `tables` have a column `custom`; the first is the one that is listed. `find` answers by public id what this person
    may see, for the page on which values are typed where the room has no form of its own: then `edit_right` and `write`,
    which stores the changed values of a record, are given too. `search_again` brings the words of the given fields into the
    search of the objects that hold them, where the object has a search of its own. `is_small` says that the objects are
    few enough to be sorted in memory.
    """

    name: str
    label: str | Promise
    url_name: str
    tables: tuple[str, ...]
    find: Callable[[User, Any], CustomRecord | None] | None = None
    edit_right: str = ""
    view_right: str = ""
    write: Callable[[int, Mapping[str, Any], User, datetime, HttpRequest | None], None] | None = None
    search_again: Callable[[Sequence[str]], None] | None = None
    is_small: bool = False
    panel_file: str = ""
    order: int = 50


def custom_objects() -> dict[str, CustomObject]:
    """Every object that takes fields of one's own, by name, in the order of the settings page."""
    found = contributions("own_fields", "CUSTOM_OBJECTS", CustomObject)
    return {each.name: each for each in sorted(found, key=lambda each: (each.order, each.name))}


@dataclass(frozen=True)
class Shown:
    """A value of a record as its page shows it."""

    definition: CustomDefinition
    value: Any
    text: str
    href: str = field(default="")

    @property
    def label(self) -> str:
        return self.definition.label


def shown_values(
    definitions: Sequence[CustomDefinition], values: Mapping[str, Any], *, currency: str = ""
) -> list[Shown]:
    """Those of the fields that the record says something in."""
    return [
        Shown(each, values[each.name], as_text(each, values[each.name], currency=currency), href_of(each, values[each.name]))
        for each in definitions
        if has_value(values.get(each.name))
    ]  # fmt: skip


def has_value(value: Any) -> bool:
    return value is not None and value != "" and value != []


def as_text(definition: CustomDefinition, value: Any, *, currency: str = "") -> str:
    """A kept value in the reader's language; what is not of the field's kind is shown as it is."""
    if not has_value(value):
        return ""
    try:
        return _TEXTS.get(definition.kind, _plain)(definition, value, currency)
    except (ValueError, TypeError, ArithmeticError):
        return str(value)


def href_of(definition: CustomDefinition, value: Any) -> str:
    """Where a link leads, if it is one that may be followed."""
    return value if definition.kind is FieldKind.LINK and isinstance(value, str) and is_web_address(value) else ""


def with_changes(values: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The kept values after a change; what was emptied is not kept at all."""
    return {name: value for name, value in {**values, **changed}.items() if has_value(value)}


def as_typed(definition: CustomDefinition, value: Any) -> Any:
    """A kept value as a form of that kind takes it."""
    if not has_value(value):
        return [] if definition.kind is FieldKind.CHOICES else None
    try:
        if definition.kind is FieldKind.NUMBER:
            return Decimal(str(value))
        if definition.kind is FieldKind.MONEY:
            return from_micros(int(value)).normalize()
        if definition.kind is FieldKind.DATE:
            return date.fromisoformat(value)
    except (ValueError, TypeError, ArithmeticError):
        return None
    return value


def plain_number(value: Decimal) -> str:
    """A number as it is kept: one spelling for one number, no exponent."""
    normal = value.normalize()
    return format(normal if normal else Decimal(0), "f")


def field_of(definition: CustomDefinition, *, is_small: bool, currency: str, order: int) -> Field:
    """The field as lists, filters, forms and exports may name it. Its name is ours, and quoted as a literal all the same."""
    sql_text, sort_sql = expressions(definition)
    can_sort = definition.kind in SORTABLE and (is_small or definition.has_index)
    return Field(
        object=definition.object,
        name=definition.name,
        label=definition.label,
        kind=definition.kind,
        sql=sql_text,
        sort_sql=sort_sql,
        operators=_OPERATORS[definition.kind],
        sortable=can_sort,
        sortable_because="Few enough to be sorted in memory." if is_small else "",
        choices=partial(_choices_of, definition) if definition.kind in _CHOSEN else None,
        default_column=definition.is_column,
        wide_only=True,
        order=order,
        format=partial(_formatted, definition, currency) if definition.kind in _TEXTS else None,
        custom="r.custom",
        own=definition,
    )


def expressions(definition: CustomDefinition, *, row: str = "r.") -> tuple[str, str]:
    """The SQL of the value, and the one that an index and a sort use where it differs. `row` is what stands before."""
    key = sql.Literal(definition.name).as_string(None)
    text = f"({row}custom ->> {key})"
    if definition.kind is FieldKind.NUMBER:
        return f"({text}::numeric)", ""
    if definition.kind is FieldKind.MONEY:
        return f"({text}::bigint)", ""
    if definition.kind is FieldKind.BOOLEAN:
        return f"({text}::boolean)", ""
    if definition.kind is FieldKind.DATE:  # the text sorts as the days do, and no setting changes what it means
        return f"({text}::date)", f'({text} collate "C")'
    if definition.kind is FieldKind.CHOICES:
        return f"({row}custom -> {key})", ""
    return text, f'(lower({text}) collate "C")'


def searched_expression(name: str, *, row: str = "r.") -> str:
    """What is compared where an object has no search of its own: its values by their beginning."""
    return f'(lower({row}custom ->> {sql.Literal(name).as_string(None)}) collate "C")'


def contained(definition: CustomDefinition, operator: str, value: Any) -> list[dict[str, Any]]:
    """What one of must be contained in `custom` for a filter to hold, so that an index can answer; empty: nothing helps."""
    if definition.kind is FieldKind.CHOICE and operator == "is":
        return [{definition.name: each} for each in value]
    if definition.kind is FieldKind.CHOICES and operator == "has":
        return [{definition.name: [each]} for each in value]
    if definition.kind is FieldKind.CHOICES and operator == "has_all":
        return [{definition.name: list(value)}]
    if definition.kind is FieldKind.BOOLEAN and operator == "is":
        return [{definition.name: value}]
    if definition.kind is FieldKind.DATE and operator == "on":
        return [{definition.name: value.isoformat()}]
    if definition.kind is FieldKind.MONEY and operator == "is":
        return [{definition.name: value}]
    if definition.kind is FieldKind.NUMBER and operator == "is":
        return [{definition.name: plain_number(value)}]
    return []


def _choices_of(definition: CustomDefinition) -> list[tuple[str, str | Promise]]:
    return [
        (each.value, _("%(label)s (archived)") % {"label": each.label} if each.archived else each.label)
        for each in definition.choices
    ]


def _formatted(definition: CustomDefinition, currency: str, value: Any) -> str:
    return as_text(definition, value, currency=currency)


def _plain(definition: CustomDefinition, value: Any, currency: str) -> str:
    return str(value)


def _number(definition: CustomDefinition, value: Any, currency: str) -> str:
    found = Decimal(str(value)).normalize()
    exponent = found.as_tuple().exponent
    return number(found, digits=max(0, -exponent) if isinstance(exponent, int) else 0)


def _money(definition: CustomDefinition, value: Any, currency: str) -> str:
    code = currency or definition.currency
    return format_money(int(value), code) if code else plain_number(from_micros(int(value)))


def _date(definition: CustomDefinition, value: Any, currency: str) -> str:
    return day(value if isinstance(value, date) else date.fromisoformat(str(value)))


def _choice(definition: CustomDefinition, value: Any, currency: str) -> str:
    return definition.label_of(str(value))


def _several(definition: CustomDefinition, value: Any, currency: str) -> str:
    held = json.loads(value) if isinstance(value, str) else value  # a list that came from the database as it is kept
    return ", ".join(definition.label_of(str(each)) for each in held) if isinstance(held, list) else str(value)


def _boolean(definition: CustomDefinition, value: Any, currency: str) -> str:
    return _("yes") if value is True else _("no")


_TEXTS: dict[FieldKind, Callable[[CustomDefinition, Any, str], str]] = {
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _several,
    FieldKind.BOOLEAN: _boolean,
}
