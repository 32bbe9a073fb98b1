"""Questions about what happened to a record, such as contacts and orders: asked like a field, without a value to show.

A room lists them in `behaviors.BEHAVIORS`, as fields that bring what `asks` for them. Lists, counts, files, programs and
segments ask them through the same filters (filters/conditions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from string import Formatter
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from rapport.core.money import to_micros
from rapport.records.filters.dates import amount_in_words, before_today, midnight
from rapport.records.filters.text import read_list, write_list
from rapport.records.registry import Field, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.filters.values import Reader

Part = tuple[sql.Composable, list[Any]]
Sees = Callable[[str, str], bool]  # (object, field)
NEVER = ("never", "is_not")
_MOST_TIMES = 9_999
_LARGEST_SUM = Decimal(9_000_000_000)
_LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """A question as it was read: its words, and its SQL over `r`.

    `keyed` looks at the rows of one record after the other, `whole` at all rows at once, where very many records are asked;
    `told` is what one record's answer rests on: how many rows there are, or what they come to.
    """

    words: str
    keyed: Part
    whole: Part
    told: Part | None = None
    is_sum: bool = False

    def condition(self, *, is_negated: bool, whole: bool) -> Part:
        condition, arguments = self.whole if whole else self.keyed
        return sql.SQL("(not {})" if is_negated else "{}").format(condition), arguments


class Asks(Protocol):
    """What a field brings that is asked for in a way of its own. `read` raises UnknownField or ValueError."""

    def read(self, field: Field, text: str, reader: Reader) -> Asked: ...

    def seen_by(self, sees: Sees) -> Asks:
        """What is left of it for who does not see every field."""
        ...

    def choices_for(self, user: User) -> list[tuple[str, str | Promise]]: ...


class BlankKind(Enum):
    CHOICE = "choice"
    COUNT = "count"
    MONEY = "money"
    LENGTH = "length"
    TEXT = "text"


@dataclass(frozen=True)
class Blank:
    """Something that a question leaves open. Its SQL is a condition on a row, or, as `having`, on all of them together.

    {value} is what was filled in; of a length of time, the instant so long ago, and {end} the end of today. `told` is what
    all rows come to, where that is asked. Who does not see the field that it is about (object, name) is not offered it.
    """

    name: str
    label: str | Promise
    kind: BlankKind
    where: str = ""
    having: str = ""
    said: str | Promise = "%(value)s"
    choices: Callable[[], Sequence[tuple[str, str | Promise]]] | None = None
    about: tuple[str, str] | None = None
    told: str = ""


@dataclass(frozen=True)
class Behavior:
    """Rows that may or may not be there for a record: `key` names the record, `base` which rows count at all.

    `told` is what is said of them where somebody asks why.
    """

    rows: str
    key: str
    blanks: tuple[Blank, ...]
    base: str = "true"
    told: str = "count(*)"

    def seen_by(self, sees: Sees) -> Behavior:
        return replace(self, blanks=tuple(each for each in self.blanks if each.about is None or sees(*each.about)))

    def choices_for(self, user: User) -> list[tuple[str, str | Promise]]:
        return []

    def read(self, field: Field, text: str, reader: Reader) -> Asked:
        filled = read_blanks(text)
        unknown = set(filled) - {blank.name for blank in self.blanks}
        if unknown:
            raise ValueError(text)
        values = {
            blank.name: _value(blank, filled[blank.name], reader) for blank in self.blanks if blank.name in filled
        }
        words = [
            str(blank.said) % {"value": _said(blank, filled[blank.name])}
            for blank in self.blanks
            if blank.name in filled
        ]
        return self._asked(values, ", ".join(words) or _("any at all"))

    def _asked(self, values: Mapping[str, Mapping[str, Any]], words: str) -> Asked:
        where = self._parts(values, "where")
        having = [part for part in self._parts(values, "having") if part[1] != [1]]
        rows, key = sql.SQL(self.rows), sql.SQL(self.key)  # type: ignore[arg-type]
        base: Part = (sql.SQL(self.base), [])  # type: ignore[arg-type]
        of_one = _joined([(sql.SQL("{} = r.id").format(key), []), base, *where])
        sums = [blank.told for blank in self.blanks if blank.told and blank.name in values]
        told = sql.SQL("(select {} from {} where {})").format(sql.SQL([self.told, *sums][-1]), rows, of_one[0])  # type: ignore[arg-type]
        answer = ((told, of_one[1]), bool(sums))
        if not having:
            keyed = sql.SQL("exists (select from {} where {})").format(rows, of_one[0])
            return Asked(words, (keyed, of_one[1]), (keyed, of_one[1]), *answer)
        together, of_all = _joined(having), _joined([(sql.SQL("{} is not null").format(key), []), base, *where])
        keyed = sql.SQL("exists (select from {} where {} having {})").format(rows, of_one[0], together[0])
        whole = sql.SQL(
            "exists (select from (select {key} as key from {rows} where {where} group by {key} having {having}) happened"
            " where happened.key = r.id)"
        ).format(key=key, rows=rows, where=of_all[0], having=together[0])
        arguments = [*of_one[1], *together[1]]
        return Asked(words, (keyed, arguments), (whole, arguments), *answer)

    def _parts(self, values: Mapping[str, Mapping[str, Any]], which: str) -> list[Part]:
        return [
            _bound(getattr(blank, which), values[blank.name])
            for blank in self.blanks
            if blank.name in values and getattr(blank, which)
        ]


def read_blanks(text: str) -> dict[str, list[str]]:
    """`kind=call,kind=visit,times=3` as the values of each blank."""
    filled: dict[str, list[str]] = {}
    for part in read_list(text):
        name, _equals, value = part.partition("=")
        if value.strip():
            filled.setdefault(name.strip(), []).append(value.strip())
    return filled


def write_blanks(filled: Mapping[str, Sequence[str]]) -> str:
    """The opposite of `read_blanks`."""
    return write_list(_each(filled))


def _each(filled: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, values in filled.items():
        yield from (f"{name}={value.strip()}" for value in values if value.strip())


def _value(blank: Blank, texts: Sequence[str], reader: Reader) -> dict[str, Any]:
    if blank.kind is BlankKind.CHOICE:
        allowed = {value for value, _label in blank.choices()} if blank.choices is not None else set()
        if not set(texts) <= allowed:
            raise ValueError(texts)
        return {"value": list(dict.fromkeys(texts))}
    (text,) = texts
    if len(text) > _LONGEST or "\x00" in text:
        raise ValueError(text)
    if blank.kind is BlankKind.LENGTH:
        start = midnight(before_today(text, today=reader.today), zone=reader.zone)
        return {"value": start, "end": midnight(reader.today + timedelta(days=1), zone=reader.zone)}
    if blank.kind is BlankKind.COUNT:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_TIMES:
            raise UnknownField(_("How often is a number from 1 to {most}.").format(most=_MOST_TIMES))
        return {"value": int(text)}
    if blank.kind is BlankKind.MONEY:
        amount = Decimal(text)
        if not amount.is_finite() or not 0 < amount <= _LARGEST_SUM:
            raise ValueError(text)
        return {"value": to_micros(amount)}
    return {"value": text}


def _said(blank: Blank, texts: Sequence[str]) -> str:
    if blank.kind is BlankKind.CHOICE and blank.choices is not None:
        labels = dict(blank.choices())
        return _(" or ").join(str(labels[each]) for each in texts)
    if blank.kind is BlankKind.COUNT:
        return ngettext("%(count)s time", "%(count)s times", int(texts[0])) % {"count": texts[0]}
    return amount_in_words(texts[0]) if blank.kind is BlankKind.LENGTH else texts[0]


def _bound(template: str, values: Mapping[str, Any]) -> Part:
    names = [name for _text, name, _format, _as in Formatter().parse(template) if name is not None]
    placed = sql.SQL(template).format(**dict.fromkeys(names, sql.Placeholder()))  # type: ignore[arg-type]
    return placed, [values[name] for name in names]


def _joined(parts: Sequence[Part]) -> Part:
    return sql.SQL(" and ").join(part for part, _arguments in parts), [each for _part, said in parts for each in said]
