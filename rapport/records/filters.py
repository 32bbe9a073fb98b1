"""Filters of lists: which comparisons each kind of field knows, how a value is read, and the SQL it becomes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from string import Formatter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.core.money import to_micros
from rapport.records.custom_fields import contained
from rapport.records.registry import Field, FieldKind, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_VALUE = 200
ME = "me"
_LARGEST_NUMBER = Decimal(10) ** 15
_MOST_ZEROS = 30


@dataclass(frozen=True)
class Operator:
    """A comparison: its name in the URL, its words on the page, and its SQL over {field}, {value} and {next_day}."""

    name: str
    label: str | Promise
    template: str

    @property
    def takes_value(self) -> bool:
        return "{value}" in self.template or "{next_day}" in self.template


@dataclass(frozen=True)
class Reader:
    """What reading a value needs to know besides the text: who asks, and the business time zone."""

    user: User
    zone: ZoneInfo


@dataclass(frozen=True)
class Day:
    """A business day as the instants between which it lies."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Filter:
    """One condition that was asked for and is allowed."""

    field: Field
    operator: Operator
    text: str
    value: Any

    @property
    def parameter(self) -> str:
        """As it stands in the URL."""
        return f"{self.field.name}.{self.operator.name}:{self.text}"

    @property
    def shown(self) -> str:
        """The value in words."""
        if self.field.kind in _CHOSEN and self.field.choices is not None and self.value is not None:
            labels = dict(self.field.choices())
            return ", ".join(str(labels.get(value, value)) for value in self.value)
        if self.field.kind is FieldKind.PERSON and self.text == ME:
            return str(_("me"))
        if self.field.kind is FieldKind.BOOLEAN and self.value is not None:
            return str(_("yes") if self.value else _("no"))
        if self.field.read is not None and self.field.format is not None and self.value is not None:
            return self.field.format(self.value)
        return self.text

    def condition(self) -> sql.Composed:
        """The SQL, with one placeholder for each of `arguments`."""
        placeholder = sql.Placeholder()
        plain = sql.SQL(self.operator.template).format(
            field=sql.SQL(self.field.sql), value=placeholder, next_day=placeholder
        )
        if not self._contained:
            return plain
        custom = sql.SQL(self.field.custom)
        held = sql.SQL(" or ").join(sql.SQL("{} @> {}::jsonb").format(custom, placeholder) for _each in self._contained)
        # says the same in a way that the index over these values can answer
        return sql.SQL("({} <> '{{}}'::jsonb and ({}) and {})").format(custom, held, plain)

    @cached_property
    def _contained(self) -> list[str]:
        own = self.field.own
        held = contained(own, self.operator.name, self.value) if own is not None else []
        return [json.dumps(each, ensure_ascii=False) for each in held]

    @property
    def arguments(self) -> list[Any]:
        return [*self._contained, *self._plain_arguments]

    @property
    def _plain_arguments(self) -> list[Any]:
        if isinstance(self.value, Day):
            named = {"value": self.value.start, "next_day": self.value.end}
            return [
                named[name] for _text, name, _format, _as in Formatter().parse(self.operator.template) if name in named
            ]
        return [self.value] if self.operator.takes_value else []


_EMPTY = (
    Operator("empty", _("is empty"), "{field} is null"),
    Operator("filled", _("is filled in"), "{field} is not null"),
)
_COMPARISONS = (
    Operator("is", _("is"), "{field} = {value}"),
    Operator("over", _("is over"), "{field} > {value}"),
    Operator("under", _("is under"), "{field} < {value}"),
    Operator("at_least", _("is at least"), "{field} >= {value}"),
    Operator("at_most", _("is at most"), "{field} <= {value}"),
)
_TEXTS = (
    Operator("is", _("is"), "lower({field}) = lower({value})"),
    Operator("is_not", _("is not"), "lower({field}) is distinct from lower({value})"),
    Operator("starts_with", _("starts with"), "starts_with(lower({field}), lower({value}))"),
    Operator("contains", _("contains"), "strpos(lower({field}), lower({value})) > 0"),
)
_CHOSEN = (FieldKind.CHOICE, FieldKind.CHOICES)
_OPERATORS: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.TEXT: _TEXTS,
    FieldKind.LINK: _TEXTS,
    FieldKind.CHOICE: (
        Operator("is", _("is"), "{field} = any({value})"),
        Operator("is_not", _("is not"), "({field} is null or {field} <> all({value}))"),
    ),
    FieldKind.CHOICES: (
        Operator("has", _("has one of"), "{field} ?| {value}"),
        Operator("has_all", _("has all of"), "{field} ?& {value}"),
        Operator("has_not", _("has none of"), "({field} is null or not {field} ?| {value})"),
    ),
    FieldKind.NUMBER: _COMPARISONS,
    FieldKind.MONEY: _COMPARISONS,
    FieldKind.DATE: (
        Operator("on", _("is on"), "{field} = {value}"),
        Operator("before", _("is before"), "{field} < {value}"),
        Operator("after", _("is after"), "{field} > {value}"),
    ),
    FieldKind.INSTANT: (
        Operator("on", _("is on"), "({field} >= {value} and {field} < {next_day})"),
        Operator("before", _("is before"), "{field} < {value}"),
        Operator("after", _("is after"), "{field} >= {next_day}"),
    ),
    FieldKind.BOOLEAN: (Operator("is", _("is"), "{field} = {value}"),),
    FieldKind.PERSON: (Operator("is", _("is"), "{field} = (select id from accounts_user where public_id = {value})"),),
}


def operators_of(field: Field) -> list[Operator]:
    """The comparisons a user may ask of `field`, in the order of the kind."""
    return [operator for operator in (*_OPERATORS[field.kind], *_EMPTY) if operator.name in field.operators]


def parse_filter(text: str, *, fields: dict[str, Field], reader: Reader) -> Filter:
    """`<field>.<operator>:<value>` as an allowed filter, or UnknownField."""
    head, _colon, value = text.partition(":")
    name, _dot, operator_name = head.partition(".")
    field = fields.get(name)
    if field is None:
        raise UnknownField(_("There is no field “{name}” to filter by.").format(name=name[:60]))
    operator = next((each for each in operators_of(field) if each.name == operator_name), None)
    if operator is None:
        raise UnknownField(
            _("“{field}” cannot be compared by “{operator}”.").format(field=field.label, operator=operator_name[:60])
        )
    if not operator.takes_value:
        return Filter(field, operator, "", None)
    return Filter(field, operator, value, _read_value(field, value, reader))


def _read_value(field: Field, text: str, reader: Reader) -> Any:
    text = text.strip()
    if not text or len(text) > LONGEST_VALUE or "\x00" in text:
        raise UnknownField(_("The filter on “{field}” needs a value.").format(field=field.label))
    try:
        return _READERS[field.kind](field, text, reader)
    except (ValueError, ArithmeticError) as error:
        raise UnknownField(
            _("“{value}” is not a value for “{field}”.").format(value=text[:60], field=field.label)
        ) from error


def _read_text(field: Field, text: str, reader: Reader) -> str:
    return (field.read(text) if field.read is not None else None) or text


def _read_choices(field: Field, text: str, reader: Reader) -> list[str]:
    wanted = list(dict.fromkeys(value.strip() for value in text.split(",")))
    allowed = {value for value, _label in field.choices()} if field.choices else set()
    if not set(wanted) <= allowed:
        raise ValueError(text)
    return wanted


def _read_number(field: Field, text: str, reader: Reader) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    if not number:
        return Decimal(0)
    if abs(number.adjusted()) > _MOST_ZEROS or abs(number) > _LARGEST_NUMBER:
        raise ValueError(text)
    return number


def _read_money(field: Field, text: str, reader: Reader) -> int:
    number = _read_number(field, text, reader)
    if abs(number) > 9_000_000_000_000:
        raise ValueError(text)
    return to_micros(number)


def _read_date(field: Field, text: str, reader: Reader) -> date:
    return date.fromisoformat(text)


def _read_day(field: Field, text: str, reader: Reader) -> Day:
    day = date.fromisoformat(text)
    if not 1000 <= day.year < 9999:
        raise ValueError(text)
    start, end = (datetime.combine(each, time(0), tzinfo=reader.zone) for each in (day, day + timedelta(days=1)))
    return Day(start, end)


def _read_boolean(field: Field, text: str, reader: Reader) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _read_person(field: Field, text: str, reader: Reader) -> uuid.UUID:
    return reader.user.public_id if text == ME else uuid.UUID(text)


_READERS: dict[FieldKind, Callable[[Field, str, Reader], Any]] = {
    FieldKind.TEXT: _read_text,
    FieldKind.LINK: _read_text,
    FieldKind.CHOICE: _read_choices,
    FieldKind.CHOICES: _read_choices,
    FieldKind.NUMBER: _read_number,
    FieldKind.MONEY: _read_money,
    FieldKind.DATE: _read_date,
    FieldKind.INSTANT: _read_day,
    FieldKind.BOOLEAN: _read_boolean,
    FieldKind.PERSON: _read_person,
}


def all_operators() -> dict[FieldKind, Sequence[Operator]]:
    """Every comparison by kind of field; for tests that check the registry against it."""
    return {kind: (*operators, *_EMPTY) for kind, operators in _OPERATORS.items()}
