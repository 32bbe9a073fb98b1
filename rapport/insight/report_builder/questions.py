"""What a report asks: of which records, by what, counting or adding up what; every name of it is one that the registry knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.insight.permissions import VIEW
from rapport.insight.report_builder.marts import MARTS, Mart
from rapport.records.exporting.lists import ExportedList, every_list
from rapport.records.filters.conditions import Node
from rapport.records.filters.operators import operators_of
from rapport.records.lists.querying import SAFE, ListRequest, read_request
from rapport.records.registry import Field, FieldKind, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

OF, BY, THEN, MEASURE, SORT, TOP, CHART = "of", "by", "then", "measure", "sort", "top", "chart"
COUNT, SUM, AVERAGE = "count", "sum", "average"
BARS, LINE, TABLE = "bars", "line", "table"
NAME = "name"
MOST_MEASURES = 3
MOST_TOP, USUAL_TOP = 50, 12
MONTH = "month"
UNITS: dict[str, str | Promise] = {
    "day": gettext_lazy("day"),
    "week": gettext_lazy("week"),
    MONTH: gettext_lazy("month"),
    "quarter": gettext_lazy("quarter"),
    "year": gettext_lazy("year"),
}
CHARTS: dict[str, str | Promise] = {
    BARS: gettext_lazy("Bars"),
    LINE: gettext_lazy("Line"),
    TABLE: gettext_lazy("Table alone"),
}
_OF_MONTHS = (MONTH, "quarter", "year")
_DAYS = (FieldKind.DATE, FieldKind.INSTANT)
_FEW = (FieldKind.CHOICE, FieldKind.BOOLEAN, FieldKind.PERSON, FieldKind.TEXT)
_NUMBERS = (FieldKind.NUMBER, FieldKind.MONEY)
_ALL_OF_A_LIST = "view=all"


@dataclass(frozen=True)
class Dimension:
    """What a report is broken down by; days by a `unit`."""

    field: Field
    unit: str = ""

    @property
    def parameter(self) -> str:
        return f"{self.field.name}.{self.unit}" if self.unit else self.field.name

    @property
    def is_time(self) -> bool:
        return bool(self.unit)

    @property
    def label(self) -> str:
        if not self.unit:
            return str(self.field.label)
        return f"{self.field.label} ({UNITS[self.unit]})"


@dataclass(frozen=True)
class Measure:
    """How many there are, or what a field of theirs adds up to or is on average."""

    kind: str = COUNT
    field: Field | None = None

    @property
    def parameter(self) -> str:
        return self.kind if self.field is None else f"{self.kind}.{self.field.name}"

    @property
    def is_money(self) -> bool:
        return self.field is not None and self.field.kind is FieldKind.MONEY

    @property
    def label(self) -> str:
        if self.field is None:
            return _("Number")
        return f"{self.field.label} ({_('sum') if self.kind == SUM else _('average')})"


@dataclass(frozen=True)
class Source:
    """What can be asked: the records of a list, or a small mart of the warehouse."""

    name: str
    label: str | Promise
    fields: Mapping[str, Field]
    listed: ExportedList | None = None
    mart: Mart | None = None

    @property
    def dimensions(self) -> list[Dimension]:
        """By what it can be broken down; days stand here by month."""
        return [Dimension(each, MONTH if each.kind in _DAYS else "") for each in self.fields.values() if _divides(each)]

    @property
    def measures(self) -> list[Measure]:
        counted = [Measure()] if self.mart is None else []
        numbers = [each for each in self.fields.values() if each.kind in _NUMBERS]
        kinds = (SUM, AVERAGE) if self.mart is None else (SUM,)
        return counted + [Measure(kind, each) for each in numbers for kind in kinds]


@dataclass(frozen=True)
class Question:
    """A report as it was asked, allowed and read. `asked` is the list behind it; a mart has none."""

    source: Source
    user: User
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    asked: ListRequest | None = None
    sort: str = NAME
    descending: bool = False
    top: int = USUAL_TOP
    chart: str = BARS

    @property
    def filters(self) -> tuple[Node, ...]:
        return self.asked.filters if self.asked is not None else ()

    @property
    def words(self) -> str:
        return self.asked.words if self.asked is not None else ""

    @property
    def sort_parameter(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    @property
    def kept(self) -> dict[str, list[str]]:
        """As it is kept under a name: the values of each parameter."""
        query = QueryDict(self.parameters)
        return {name: [str(value) for value in values] for name, values in query.lists()}

    @property
    def parameters(self) -> str:
        """The query string that asks the same."""
        query = QueryDict(mutable=True)
        query[OF] = self.source.name
        for name, each in zip((BY, THEN), self.dimensions, strict=False):
            query[name] = each.parameter
        query.setlist(MEASURE, [each.parameter for each in self.measures])
        query[SORT], query[TOP], query[CHART] = self.sort_parameter, str(self.top), self.chart
        if self.words:
            query["q"] = self.words
        query.setlist("filter", [each.parameter for each in self.filters])
        return query.urlencode(safe=SAFE)

    def rows_query(self, conditions: Sequence[str] = ()) -> str:
        """What the list is asked to show the records behind a part of the report."""
        query = QueryDict(mutable=True)
        if self.words:
            query["q"] = self.words
        query.setlist("filter", [*(each.parameter for each in self.filters), *conditions])
        return query.urlencode(safe=SAFE) or _ALL_OF_A_LIST

    @property
    def said(self) -> str:
        """“Number, Total (sum) · Orders · Placed (month), Channel”."""
        what = ", ".join(each.label for each in self.measures)
        return f"{what} · {self.source.label} · {', '.join(each.label for each in self.dimensions)}"


def sources_for(user: User) -> dict[str, Source]:
    """What `user` may make a report of."""
    found = {}
    for name, listed in every_list().items():
        if user.has_right(listed.right):
            found[name] = Source(name, listed.label, listed.of(user).fields_for(user), listed=listed)
    if user.has_right(VIEW.name):
        found |= {each.name: Source(each.name, each.label, each.fields, mart=each) for each in MARTS}
    return found


def read_question(query: QueryDict, *, user: User) -> Question:
    """What an address asks. Raises UnknownField for any name or value that is not allowed."""
    source = sources_for(user).get(query.get(OF, ""))
    if source is None:
        raise UnknownField(_("There is no report of “{name}”.").format(name=query.get(OF, "")[:60]))
    dimensions = tuple(_read_dimensions(query, source))
    measures = tuple(_read_measures(query, source))
    sort, descending = _read_sort(query.get(SORT, ""), dimensions, measures)
    chart = query.get(CHART) or BARS
    if chart not in CHARTS:
        raise UnknownField(_("A report cannot be shown as “{name}”.").format(name=chart[:60]))
    asked = _read_list(query, source, user)
    return Question(
        source, user, dimensions, measures, asked, sort, descending, _read_top(query.get(TOP, ""), dimensions[0]), chart
    )


def kept_query(kept: Mapping[str, Sequence[str]]) -> QueryDict:
    """The address of what was kept."""
    query = QueryDict(mutable=True)
    for name, values in kept.items():
        for value in values:
            query.appendlist(name, value)
    return query


def _read_list(query: QueryDict, source: Source, user: User) -> ListRequest | None:
    if source.listed is None:
        if query.getlist("filter") or query.get("q"):
            raise UnknownField(_("“{name}” cannot be filtered.").format(name=source.label))
        return None
    narrowed = QueryDict(mutable=True)
    narrowed.setlist("filter", query.getlist("filter"))
    if query.get("q"):
        narrowed["q"] = str(query["q"])
    return read_request(narrowed, source.listed.of(user), user=user)


def _read_dimensions(query: QueryDict, source: Source) -> Iterator[Dimension]:
    offered = {each.field.name: each for each in source.dimensions}
    wanted = [query.get(BY, ""), query.get(THEN, "")]
    if not wanted[0]:
        usual = next((each for each in offered.values() if each.field.default_column), None)
        found = usual or next(iter(offered.values()), None)
        if found is None:
            raise UnknownField(_("There is nothing to break this down by."))
        wanted[0] = found.parameter
    taken = set()
    for text in wanted:
        if text:
            found = _read_dimension(text, offered)
            if found.parameter in taken:
                raise UnknownField(_("A report is broken down by two different fields."))
            taken.add(found.parameter)
            yield found


def _read_dimension(text: str, offered: Mapping[str, Dimension]) -> Dimension:
    name, _dot, unit = text.partition(".")
    found = offered.get(name)
    offered_units = UNITS if found is not None and not found.field.object.startswith("mart") else _OF_MONTHS
    if found is None or (unit and not (found.is_time and unit in offered_units)):
        raise UnknownField(_("A report cannot be broken down by “{name}”.").format(name=text[:60]))
    return Dimension(found.field, unit or found.unit)


def _read_measures(query: QueryDict, source: Source) -> list[Measure]:
    offered = {each.parameter: each for each in source.measures}
    wanted = list(dict.fromkeys(each for each in query.getlist(MEASURE) if each)) or [next(iter(offered))]
    unknown = next((each for each in wanted if each not in offered), None)
    if unknown is not None:
        raise UnknownField(_("A report cannot measure “{name}”.").format(name=unknown[:60]))
    if len(wanted) > MOST_MEASURES:
        raise UnknownField(_("A report measures at most {count} things.").format(count=MOST_MEASURES))
    return [offered[each] for each in wanted]


def _read_sort(text: str, dimensions: Sequence[Dimension], measures: Sequence[Measure]) -> tuple[str, bool]:
    """By the first dimension's own order or by a measure; unsaid, days run on and others begin with the most."""
    if not text:
        return (NAME, False) if dimensions[0].is_time else (measures[0].parameter, True)
    name = text.removeprefix("-")
    if name in (NAME, *(each.parameter for each in measures)):
        return name, text.startswith("-")
    if name == COUNT or name.startswith((f"{SUM}.", f"{AVERAGE}.")):  # of a measure that was taken out
        return _read_sort("", dimensions, measures)
    raise UnknownField(_("A report cannot be sorted by “{name}”.").format(name=text[:60]))


def _read_top(text: str, first: Dimension) -> int:
    if not text:
        return MOST_TOP if first.is_time else USUAL_TOP
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST_TOP):
        raise UnknownField(_("A report shows from 1 to {count} parts.").format(count=MOST_TOP))
    return int(text)


def _divides(field: Field) -> bool:
    """Whether a report can be broken down by it: then each of its values can be asked for in the list."""
    if field.kind in _DAYS:
        return field.object.startswith("mart") or any(each.name == "between" for each in operators_of(field))
    names = [each.name for each in operators_of(field)]
    return field.kind in _FEW and (field.object.startswith("mart") or "is" in names)


def measure_named(question: Question) -> Measure | None:
    """The measure that a report is sorted by; nothing where it is in the order of its names."""
    return next((each for each in question.measures if each.parameter == question.sort), None)


def query_of(text: str) -> QueryDict:
    """An address's query as it was sent along; what cannot be one is UnknownField."""
    if "\x00" in text or len(text) > 20_000:
        raise UnknownField(_("The report cannot be shown like this."))
    return cast(QueryDict, QueryDict(text))
