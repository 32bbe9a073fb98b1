"""How the value of a filter is read from its text, by the comparison and the kind of field, and said in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from rapport.accounts.access import team_of
from rapport.accounts.queries import staff_named
from rapport.core.clock import business_day, utc_now
from rapport.core.money import to_micros
from rapport.records.behaviors import Asked
from rapport.records.filters.dates import (
    PERIODS,
    Span,
    after_today,
    amount_in_words,
    before_today,
    midnight,
    period,
)
from rapport.records.filters.operators import Operator, Takes
from rapport.records.filters.text import read_list
from rapport.records.registry import Field, FieldKind, UnknownField
from rapport.ui.formats import day as shown_day

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_VALUE = 200
LONGEST_LIST = 2_000
MOST_VALUES = 50
ME, MY_TEAM = "me", "my_team"
TO = ".."
_CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)
_DAYS = (FieldKind.DATE, FieldKind.INSTANT)
_LARGEST_NUMBER = Decimal(10) ** 15
_MOST_ZEROS = 30


@dataclass(frozen=True)
class Reader:
    """What reading a value needs to know besides the text: who asks, the business time zone, and what day it is there.

    Nobody asks where the answer is the same for everybody: then there is no me.
    """

    user: User | None
    zone: ZoneInfo
    now: datetime = field(default_factory=utc_now)

    @property
    def today(self) -> date:
        return business_day(self.now, zone=self.zone)


@dataclass(frozen=True)
class People:
    """Members of the staff by their keys, and what they are called."""

    ids: list[int]
    words: str


def read_value(field: Field, operator: Operator, text: str, reader: Reader) -> Any:
    """The value that the comparison is asked with. Raises UnknownField, in words for a person."""
    if field.asks is not None:
        return _read_asked(field, operator, text, reader)
    longest = LONGEST_LIST if operator.takes in (Takes.SEVERAL, Takes.CHOSEN) else LONGEST_VALUE
    if not text or len(text) > longest or "\x00" in text:
        raise UnknownField(_("The filter on “{field}” needs a value.").format(field=field.label))
    try:
        return _read(field, operator, text, reader)
    except UnknownField:
        raise
    except (ValueError, ArithmeticError) as error:
        raise UnknownField(
            _("“{value}” is not a value for “{field}”.").format(value=text[:60], field=field.label)
        ) from error


def said_of(field: Field, operator: Operator, text: str, value: Any) -> str:
    """The value in words."""
    if value is None:
        return text
    if operator.takes is Takes.AMOUNT:
        return str(operator.wrapped) % {"value": amount_in_words(text)}
    if operator.takes is Takes.PERIOD:
        return str(dict(PERIODS)[text])
    if operator.takes is Takes.TWO:
        first, last = _two(text)
        return _("%(first)s and %(last)s") % {"first": _one_said(field, first), "last": _one_said(field, last)}
    if isinstance(value, (People, Asked)):
        return value.words
    if field.kind in _CHOICES and field.choices is not None:
        labels = dict(field.choices())
        return ", ".join(str(labels.get(each, each)) for each in value)
    if isinstance(value, list):
        return ", ".join(str(field.format(each)) if field.format and field.read else each for each in value)
    if field.kind is FieldKind.BOOLEAN:
        return _("yes") if value else _("no")
    if field.read is not None and field.format is not None:
        return field.format(value)
    return _one_said(field, text)


def _read_asked(field: Field, operator: Operator, text: str, reader: Reader) -> Asked:
    assert field.asks is not None
    if len(text) > LONGEST_LIST or (not text and operator.takes is not Takes.BLANKS):
        raise UnknownField(_("The filter on “{field}” needs a value.").format(field=field.label))
    try:
        return field.asks.read(field, text, reader)
    except UnknownField:
        raise
    except (ValueError, ArithmeticError) as error:
        words = _("“{value}” is not a value for “{field}”.").format(value=text[:60], field=field.label)
        raise UnknownField(words) from error


def _one_said(field: Field, text: str) -> str:
    return shown_day(date.fromisoformat(text)) if field.kind in _DAYS else text


def _read(field: Field, operator: Operator, text: str, reader: Reader) -> Any:
    if operator.takes in (Takes.PERIOD, Takes.AMOUNT):
        return _as_kept(field, _moving(operator, text, reader), reader)
    if operator.takes is Takes.TWO:
        return _between(field, *_two(text), reader)
    if operator.takes is Takes.SEVERAL:
        found = list(dict.fromkeys(_read_text(field, each, reader) for each in read_list(text)))
        if not found or len(found) > MOST_VALUES or max(map(len, found)) > LONGEST_VALUE:
            raise ValueError(text)
        return found
    return _READERS[field.kind](field, text, reader)


def _moving(operator: Operator, text: str, reader: Reader) -> Span:
    """The days that are meant today. So many days ago is still in the last so many, and not more than so many ago."""
    today, following = reader.today, reader.today + timedelta(days=1)
    if operator.takes is Takes.PERIOD:
        return period(text, today=today)
    if operator.name == "in_last":
        return Span(before_today(text, today=today), following)
    if operator.name == "in_next":
        return Span(today, after_today(text, today=today) + timedelta(days=1))
    if operator.name == "more_ago":
        return Span(before_today(text, today=today), None)
    return Span(after_today(text, today=today) + timedelta(days=1), None)


def _as_kept(field: Field, days: Span, reader: Reader) -> Span:
    """Days as the field keeps them: as days, or as the instants at which they begin."""
    if field.kind is FieldKind.DATE:
        return days
    start, end = (None if each is None else midnight(each, zone=reader.zone) for each in (days.start, days.end))
    return Span(start, end)


def _two(text: str) -> tuple[str, str]:
    first, middle, last = (part.strip() for part in text.partition(TO))
    if not (first and middle and last):
        raise ValueError(text)
    return first, last


def _between(field: Field, first: str, last: str, reader: Reader) -> Span:
    if field.kind in _DAYS:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        if end.year > 9998:
            raise ValueError(last)
        found = Span(start, end + timedelta(days=1))
    else:
        start, end = (_READERS[field.kind](field, each, reader) for each in (first, last))
        found = Span(start, end)
    if start > end:
        words = _("“{first}” comes after “{last}”: nothing lies between them.")
        raise UnknownField(words.format(first=first[:60], last=last[:60]))
    return _as_kept(field, found, reader) if field.kind in _DAYS else found


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


def _read_day(field: Field, text: str, reader: Reader) -> Span:
    day = date.fromisoformat(text)
    if not 1000 <= day.year < 9999:
        raise ValueError(text)
    return _as_kept(field, Span(day, day + timedelta(days=1)), reader)


def _read_boolean(field: Field, text: str, reader: Reader) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _read_people(field: Field, text: str, reader: Reader) -> People:
    """Who asks, her team, and whoever is named by a public id; who is not known owns nothing."""
    wanted = list(dict.fromkeys(value.strip() for value in text.split(",")))
    if len(wanted) > MOST_VALUES:
        raise ValueError(text)
    ids: set[int] = set()
    if reader.user is None and {ME, MY_TEAM} & set(wanted):
        raise UnknownField(_("Who “me” is depends on who looks; name a colleague instead."))
    words = [str(label) for value, label in ((ME, _("me")), (MY_TEAM, _("my team"))) if value in wanted]
    if ME in wanted and reader.user is not None:
        ids.add(reader.user.pk)
    if MY_TEAM in wanted and reader.user is not None:
        ids |= team_of(reader.user)
    named = [uuid.UUID(value) for value in wanted if value not in (ME, MY_TEAM)]
    if named:
        found = staff_named(named)
        ids |= {person.pk for person in found}
        words += [person.name for person in found]
        words += [_("somebody who is not known")] * (len(found) < len(set(named)))
    return People(sorted(ids), ", ".join(words))


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
    FieldKind.PERSON: _read_people,
}
