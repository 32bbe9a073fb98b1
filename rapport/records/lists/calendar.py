"""A list as a calendar of one of its dates: a month or a week, the first records of each day by one statement."""

from __future__ import annotations

import json
from calendar import isleap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.accounts.queries import business_zone
from rapport.core.clock import business_day
from rapport.records.filters.conditions import Reader, parse_filter
from rapport.records.filters.dates import months_later
from rapport.records.lists.board import Card, card_facts, cards_of, mark
from rapport.records.lists.cells import can_change
from rapport.records.lists.columns import ListColumn
from rapport.records.lists.querying import ListRequest
from rapport.records.lists.sql import ListQuery, Part, run
from rapport.records.registry import Field, FieldKind, UnknownField
from rapport.ui.formats import number

LOOKS_AT = 50_000
MONTH, WEEK = "month", "week"
DAY, SPAN = "day", "span"
_SHOWN = {MONTH: 4, WEEK: 25}
_FIRST_YEAR, _LAST_YEAR = 1000, 9000
_LONGEST_AGO = 150


@dataclass(frozen=True)
class CalendarDay:
    """A day with the first of its records, and how many it has."""

    day: date
    is_within: bool
    is_today: bool
    cards: tuple[Card, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.cards)

    @property
    def short(self) -> str:
        return str(format_date(self.day, "EEE", locale=_locale()))

    @property
    def in_words(self) -> str:
        """Monday, 2 March 2026"""
        return str(format_date(self.day, "full", locale=_locale()))

    @property
    def more_in_words(self) -> str:
        return _("+%(count)s more") % {"count": number(self.more)}


@dataclass(frozen=True)
class Calendar:
    """The days of a month with the weeks around it, or of a week. `at` is the day that was asked for."""

    asked: ListRequest
    by: Field
    span: str
    at: date
    today: date
    weeks: tuple[tuple[CalendarDay, ...], ...]
    facts: tuple[Field, ...]
    is_movable: bool
    is_capped: bool

    kind = "calendar"

    @property
    def title(self) -> str:
        if self.span == MONTH:
            return str(format_skeleton("yMMMM", self.at, locale=_locale()))
        first, last = self.weeks[0][0].day, self.weeks[0][-1].day
        ends = (str(format_date(each, "d MMM y", locale=_locale())) for each in (first, last))
        return " – ".join(ends)

    @property
    def heads(self) -> list[tuple[str, str]]:
        """The days of the week, short and whole."""
        days = [each.day for each in self.weeks[0]]
        return [(format_date(d, "EEE", locale=_locale()), format_date(d, "EEEE", locale=_locale())) for d in days]

    @property
    def before(self) -> date:
        return months_later(self.at, -1) if self.span == MONTH else self.at - timedelta(days=7)

    @property
    def after(self) -> date:
        return months_later(self.at, 1) if self.span == MONTH else self.at + timedelta(days=7)

    @property
    def days(self) -> list[CalendarDay]:
        return [each for week in self.weeks for each in week]

    @property
    def is_bare(self) -> bool:
        return not any(each.count for each in self.days)

    @property
    def place(self) -> dict[str, str]:
        """Where in time it stands, as an address says it."""
        return {DAY: self.at.isoformat(), **({SPAN: WEEK} if self.span == WEEK else {})}

    @property
    def marks(self) -> list[str]:
        """For each day one short hash of what it shows, to see later whether it is still so."""
        return [mark(each.day, each.count, each.cards) for each in self.days]


def build_calendar(asked: ListRequest, columns: Sequence[ListColumn], query: QueryDict, *, now: datetime) -> Calendar:
    """The month or the week around the day that the address names, else around today, as the business counts its days."""
    by, zone = asked.way.by, business_zone()
    assert by is not None
    today = business_day(now, zone=zone)
    at, span = _read_day(query.get(DAY, ""), today), query.get(SPAN) or MONTH
    if span not in _SHOWN:
        raise UnknownField(_("A calendar shows a month or a week."))
    days = _days_shown(at, span)
    keys, counts, is_capped = _keys_by_day(asked, by, days, zone, most=_SHOWN[span])
    facts = card_facts(asked, columns, by)
    cards = cards_of(asked, [key for of_day in keys.values() for key in of_day], facts, by)
    shown = [
        CalendarDay(
            each,
            span == WEEK or each.month == at.month,
            each == today,
            tuple(cards[key] for key in keys.get(each, ()) if key in cards),
            counts.get(each, 0),
        )
        for each in days
    ]
    weeks = tuple(tuple(shown[first : first + 7]) for first in range(0, len(shown), 7))
    is_movable = by.kind is FieldKind.DATE and not by.is_yearly and can_change(asked.user, asked.of.name, by)
    return Calendar(asked, by, span, at, today, weeks, facts, is_movable, is_capped)


def _keys_by_day(
    asked: ListRequest, by: Field, days: Sequence[date], zone: ZoneInfo, *, most: int
) -> tuple[Mapping[date, list[int]], Mapping[date, int], bool]:
    """The first records of each day, how many there are, and whether there are more than were looked at."""
    query = ListQuery(asked)
    day, within = _each_year(by, days) if by.is_yearly else _once(asked, by, days, zone)
    place = sql.SQL(by.sql) if by.kind is FieldKind.INSTANT else query.sort
    direction = sql.SQL("desc" if asked.descending and by.kind is not FieldKind.INSTANT else "asc")
    found, arguments = query.select(
        sql.SQL("{} as day, r.id, {} as place").format(day[0], place),
        conditions=[*query.conditions(), within],
        tail=(sql.SQL(" limit {}").format(LOOKS_AT + 1), []),
        joins=[by.join],
    )
    statement = sql.SQL(
        "select day, id, of_day, of_all from (select day, id, count(*) over (partition by day) as of_day,"
        " count(*) over () as of_all,"
        " row_number() over (partition by day order by place {direction} nulls last, id) as at"
        " from ({found}) looked_at) numbered where at <= {most} order by day, at"
    ).format(direction=direction, found=found, most=sql.Literal(most))
    keys: dict[date, list[int]] = {}
    counts: dict[date, int] = {}
    looked_at = 0
    for on, key, of_day, of_all in run(statement, [*day[1], *arguments]):
        keys.setdefault(on, []).append(key)
        counts[on], looked_at = of_day, of_all
    return keys, counts, looked_at > LOOKS_AT


def _once(asked: ListRequest, by: Field, days: Sequence[date], zone: ZoneInfo) -> tuple[Part, Part]:
    """The day on which a record stands, and the condition that it is among these."""
    text = f"{by.name}.between:{days[0].isoformat()}..{days[-1].isoformat()}"
    within = parse_filter(text, fields={by.name: by}, reader=Reader(asked.user, zone))
    day: Part = (sql.SQL(by.sql), [])
    if by.kind is FieldKind.INSTANT:
        day = (sql.SQL("({} at time zone {})::date").format(sql.SQL(by.sql), sql.Placeholder()), [zone.key])
    return day, (within.condition(), within.arguments)


def _each_year(by: Field, days: Sequence[date]) -> tuple[Part, Part]:
    """The same of what returns each year: with what happened on that day of an earlier year, on 29 February by the 28th too."""
    shown = {(each.month, each.day): each for each in days}
    last = shown.get((2, 28))
    if last is not None and not isleap(last.year):
        shown[2, 29] = last
    happened = [
        date(year, month, on)
        for (month, on), each in shown.items()
        for year in range(each.year - _LONGEST_AGO, each.year + 1)
        if (month, on) != (2, 29) or isleap(year)
    ]
    places = json.dumps({f"{month:02}-{on:02}": each.isoformat() for (month, on), each in shown.items()})
    field = sql.SQL(by.sql)
    day = sql.SQL("({}::jsonb ->> to_char({}, 'MM-DD'))::date").format(sql.Placeholder(), field)
    return (day, [places]), (sql.SQL("{} = any({}::date[])").format(field, sql.Placeholder()), [happened])


def _read_day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise UnknownField(_("“{value}” is no day.").format(value=text[:60])) from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise UnknownField(_("“{value}” is no day.").format(value=text[:60]))
    return found


def _days_shown(at: date, span: str) -> list[date]:
    """Whole weeks, which begin as they do where the reader's language is spoken."""
    if span == WEEK:
        first = _week_begins(at)
        return [first + timedelta(days=each) for each in range(7)]
    first, last = _week_begins(at.replace(day=1)), months_later(at.replace(day=1), 1) - timedelta(days=1)
    end = _week_begins(last) + timedelta(days=7)
    return [first + timedelta(days=each) for each in range((end - first).days)]


def _week_begins(day: date) -> date:
    return day - timedelta(days=(day.weekday() - Locale.parse(_locale()).first_week_day) % 7)


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en")
