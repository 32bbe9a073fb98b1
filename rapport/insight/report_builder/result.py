"""The answer to a report: its parts in order, what they are called, what they measure, and the filter that finds their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.queries import business_currency, staff_list
from rapport.core.money import from_micros
from rapport.core.remembering import remembered
from rapport.insight.report_builder.questions import COUNT, NAME, SUM, Dimension, Measure, Question, measure_named
from rapport.insight.report_builder.tally import SECONDS, Sums, Tally, tally
from rapport.records.filters.dates import months_later
from rapport.records.filters.operators import operators_of
from rapport.records.filters.text import Condition, write_text
from rapport.records.filters.values import LONGEST_VALUE, TO
from rapport.records.registry import FieldKind
from rapport.ui.formats import day, money, number

MOST_SERIES = 7
MOST_SPANS = 400  # of days without anything between those that have something
_OTHERS = object()
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
Amounts = Mapping[str, Decimal | int]  # by currency; "" where the numbers have none


@dataclass(frozen=True)
class Part:
    """One value of a dimension: what it is called, and the filter that asks for it; none where a list cannot."""

    key: Any
    label: str
    condition: str = ""
    is_data: bool = False

    @property
    def is_rest(self) -> bool:
        return self.key is _OTHERS


@dataclass(frozen=True)
class Cell:
    """The parts that stand together, and what is measured of them. `href` leads to their rows."""

    parts: tuple[Part, ...]
    sums: Sums
    href: str = ""


@dataclass(frozen=True)
class Result:
    """A report with its answer as of the moment `at`; `cells` are the lines of its table.

    `firsts` are the parts of the first dimension in their order, `series` those of the second.
    """

    question: Question
    at: datetime
    cells: tuple[Cell, ...]
    firsts: tuple[Part, ...]
    series: tuple[Part, ...]
    whole: Cell
    tally: Tally

    @property
    def is_capped(self) -> bool:
        return self.tally.is_capped

    @cached_property
    def currency(self) -> str:
        """The currency that a chart is drawn in: the business's own where amounts are in it, else that of most."""
        filled: dict[str, int] = {}
        for by_currency in self.whole.sums.added.values():
            for code, (_total, count) in by_currency.items():
                filled[code] = filled.get(code, 0) + count
        named = {code: count for code, count in filled.items() if code}
        own = business_currency()
        if not named:
            return self.tally.currency or own
        return own if own in named else max(named, key=lambda code: (named[code], code))

    @property
    def other_currencies(self) -> list[str]:
        """Amounts in these are in the table and not in the chart."""
        if not self.question.measures[0].is_money:
            return []
        found = {code for each in self.whole.sums.added.values() for code in each if code}
        return sorted(found - {self.currency})

    def drawn(self, sums: Sums, measure: Measure | None = None) -> float | None:
        """What a chart draws: one number; nothing where there is none."""
        found = amounts(sums, measure or self.question.measures[0])
        value = found.get(self.currency, found.get(""))
        return None if value is None else float(value)

    def shown(self, sums: Sums, measure: Measure) -> str:
        """The number in words, each currency by itself."""
        found = amounts(sums, measure)
        said = [self._one(value, measure, code) for code, value in sorted(found.items())]
        shown = " · ".join(said) or "—"
        is_least = self.is_capped and measure.kind in (COUNT, SUM) and said
        return _("at least %(count)s") % {"count": shown} if is_least else shown

    def _one(self, value: Decimal | int, measure: Measure, code: str) -> str:
        if measure.is_money:
            currency = code or self.tally.currency or business_currency()
            return money(round(value), currency, whole=measure.kind == SUM) if currency else number(round(value))
        return number(value, digits=_digits(value))

    @property
    def rows_href(self) -> str:
        return self.whole.href


def answer(question: Question, *, at: datetime, seconds: float = SECONDS, only_kept: bool = False) -> Result:
    """Ask the question. Raises what tally raises."""
    found = tally(question, seconds=seconds, only_kept=only_kept)
    firsts = _firsts(question, found)
    series = _series(question, found)
    cells: dict[tuple[Any, ...], Sums] = {}
    for key, sums in found.cells.items():
        at_place = (_kept(key[0], firsts), *(_kept(each, series) for each in key[1:]))
        cells[at_place] = cells.get(at_place, Sums()) + sums
    lines = [
        _cell(question, parts, cells.get(tuple(each.key for each in parts), Sums()))
        for parts in _in_order(firsts, series)
        if not series or tuple(each.key for each in parts) in cells
    ]
    whole = _cell(question, (), _sum(found.cells.values()))
    return Result(question, at, tuple(lines), tuple(firsts), tuple(series), whole, found)


def amounts(sums: Sums, measure: Measure) -> Amounts:
    """What is measured, by currency; micros of money, and their average unrounded. Nothing where no record has a value."""
    if measure.field is None:
        return {"": sums.count}
    by_currency = sums.added.get(measure.field.name, {})
    if measure.kind == SUM:
        return {code: total for code, (total, _filled) in by_currency.items()} or ({} if sums.count else {"": 0})
    return {code: Decimal(total) / filled for code, (total, filled) in by_currency.items() if filled}


def plain(value: Decimal | int, measure: Measure) -> Decimal | int:
    """A number as a file has it: money in its currency."""
    if measure.is_money:
        return from_micros(round(value))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else round(value, 6)
    return value


def _sum(found: Iterable[Sums]) -> Sums:
    whole = Sums()
    for each in found:
        whole = whole + each
    return whole


def _cell(question: Question, parts: tuple[Part, ...], sums: Sums) -> Cell:
    listed = question.source.listed
    if listed is None or not all(each.condition for each in parts) or not sums.count:
        return Cell(parts, sums)
    query = question.rows_query([each.condition for each in parts])
    return Cell(parts, sums, f"{reverse(listed.url_name)}?{query}")


def _in_order(firsts: Sequence[Part], series: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    for first in firsts:
        if not series:
            yield (first,)
        for second in series:
            yield first, second


def _kept(key: Any, parts: Sequence[Part]) -> Any:
    """The key itself, or that of all others where it has no place of its own."""
    return key if any(each.key == key for each in parts) else _OTHERS


def _firsts(question: Question, found: Tally) -> list[Part]:
    dimension = question.dimensions[0]
    sums = _by_key(found, 0)
    keys = _sorted(question, sums, found)
    if dimension.is_time and question.sort == NAME:
        keys = _without_gaps(keys, dimension)
        kept = keys[-question.top :] if not question.descending else keys[::-1][: question.top]
    else:
        kept = keys[: question.top]
    parts = [_part(key, question, 0, found) for key in kept]
    if len(kept) < len(keys):
        rest = Part(_OTHERS, _("All others"))
        is_before = dimension.is_time and question.sort == NAME and not question.descending
        parts = [replace(rest, label=_("All before")), *parts] if is_before else [*parts, rest]
    return parts


def _series(question: Question, found: Tally) -> list[Part]:
    """The parts of the second dimension: days in order, others by how many records they have."""
    if len(question.dimensions) < 2:
        return []
    sums = _by_key(found, 1)
    ranked = sorted(sums, key=lambda key: (-sums[key].count, str(key)))
    kept = ranked if len(ranked) <= MOST_SERIES else ranked[: MOST_SERIES - 1]
    order = _orders(question.dimensions[1], found, 1)
    parts = [_part(key, question, 1, found) for key in sorted(kept, key=order)]
    return parts if len(kept) == len(ranked) else [*parts, Part(_OTHERS, _("All others"))]


def _by_key(found: Tally, place: int) -> dict[Any, Sums]:
    sums: dict[Any, Sums] = {}
    for key, each in found.cells.items():
        sums[key[place]] = sums.get(key[place], Sums()) + each
    return sums


def _sorted(question: Question, sums: Mapping[Any, Sums], found: Tally) -> list[Any]:
    order = _orders(question.dimensions[0], found, 0)
    measure = measure_named(question)
    if measure is None:
        keys = sorted(sums, key=order)
        is_turned = question.descending and not question.dimensions[0].is_time
        return keys[::-1] if is_turned else keys
    sign = -1 if question.descending else 1
    drawn = {key: _rank(each, measure) for key, each in sums.items()}
    return sorted(sums, key=lambda key: (drawn[key] is None, sign * (drawn[key] or 0), order(key)))


def _rank(sums: Sums, measure: Measure) -> float | None:
    found, own = amounts(sums, measure), business_currency()
    value = found.get(own, next(iter(found.values()), None))
    return None if value is None else float(value)


def _orders(dimension: Dimension, found: Tally, place: int) -> Callable[[Any], Any]:
    """The order of a field's values by themselves; those without one come last."""
    if dimension.field.kind is FieldKind.CHOICE and dimension.field.choices is not None:
        at = {value: number for number, (value, _label) in enumerate(dimension.field.choices())}
        return lambda key: (key is None, at.get(key, len(at)), str(key))
    if dimension.is_time:
        return lambda key: (key is None, key or date.min)
    if dimension.field.kind is FieldKind.PERSON:
        names = _names()
        return lambda key: (key is None, names.get(key, ("", ""))[1].casefold(), str(key))
    return lambda key: (key is None, str(found.labels.get((place, key), key)).casefold(), str(key))


def _without_gaps(keys: Sequence[Any], dimension: Dimension) -> list[Any]:
    """Every span from the first to the last, those too in which nothing was; without a day is last."""
    days = [key for key in keys if key is not None]
    filled, at = [], days[0] if days else None
    while at is not None and at <= days[-1]:
        filled.append(at)
        if len(filled) > MOST_SPANS:
            return list(keys)
        at = next_span(at, dimension.unit)
    return [*filled, *(key for key in keys if key is None)]


def next_span(first: date, unit: str) -> date:
    """The first day of the span after the one that begins on `first`."""
    if unit in _MONTHS:
        return months_later(first, _MONTHS[unit])
    return first + timedelta(days=7 if unit == "week" else 1)


def _part(key: Any, question: Question, place: int, found: Tally) -> Part:
    dimension = question.dimensions[place]
    is_data = dimension.field.kind in (FieldKind.TEXT, FieldKind.PERSON) or dimension.field.own is not None
    condition = partial(_condition, dimension)
    if key is None:
        return Part(None, _("Without a value"), condition("empty", ""))
    if dimension.is_time:
        last = next_span(key, dimension.unit) - timedelta(days=1)
        return Part(key, _span_label(key, dimension.unit), condition("between", f"{key}{TO}{last}"))
    if dimension.field.kind is FieldKind.PERSON:
        public_id, name = _names().get(key, ("", _("Somebody who is not here any more")))
        return Part(key, name, condition("is", public_id) if public_id else "", is_data)
    if dimension.field.kind is FieldKind.BOOLEAN:
        return Part(key, _("yes") if key else _("no"), condition("is", "yes" if key else "no"))
    if dimension.field.kind is FieldKind.CHOICE:
        labels = dict(dimension.field.choices()) if dimension.field.choices is not None else {}
        return Part(key, str(labels.get(key, key)), condition("is", str(key)), is_data)
    written = found.labels.get((place, key), str(key))
    shown = dimension.field.format(written) if dimension.field.format is not None else written
    can_be_asked = bool(written) and written == written.strip() and len(written) <= LONGEST_VALUE
    return Part(key, shown or _("Empty"), condition("is", written) if can_be_asked else "", is_data)


def _condition(dimension: Dimension, operator: str, value: str) -> str:
    """The filter of a list; nothing where it knows no such comparison."""
    if dimension.field.object.startswith("mart"):
        return ""
    if all(each.name != operator for each in operators_of(dimension.field)):
        return ""
    return write_text(Condition(dimension.field.name, operator, value))


def _span_label(first: date, unit: str) -> str:
    if unit == "quarter":
        return _("Q%(quarter)s %(year)s") % {"quarter": (first.month + 2) // 3, "year": first.year}
    if unit == "week":
        return _("Week of %(day)s") % {"day": day(first)}
    return day(first, style={"day": "d MMM y", "month": "MMM y", "year": "y"}[unit])


def _names() -> dict[int, tuple[str, str]]:
    """Everybody who works or worked here: public id and name."""
    staff = remembered("records.staff", staff_list)
    return {each.pk: (str(each.public_id), each.name) for each in staff}


def _digits(value: Decimal | int) -> int:
    if isinstance(value, int) or value == value.to_integral_value():
        return 0
    return 2
