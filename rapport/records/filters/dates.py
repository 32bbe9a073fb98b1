"""Days that move with today: this quarter, the last 30 days, more than 90 days ago; all in the business's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

_AMOUNT = re.compile(r"([1-9]\d{0,3})_(day|week|month|year)s?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1000, 9998

PERIODS: tuple[tuple[str, str | Promise], ...] = (
    ("today", _("today")),
    ("yesterday", _("yesterday")),
    ("tomorrow", _("tomorrow")),
    ("this_week", _("this week")),
    ("last_week", _("last week")),
    ("next_week", _("next week")),
    ("this_month", _("this month")),
    ("last_month", _("last month")),
    ("next_month", _("next month")),
    ("this_quarter", _("this quarter")),
    ("last_quarter", _("last quarter")),
    ("next_quarter", _("next quarter")),
    ("this_year", _("this year")),
    ("last_year", _("last year")),
    ("next_year", _("next year")),
)
UNITS: tuple[tuple[str, str | Promise], ...] = (
    ("days", _("days")),
    ("weeks", _("weeks")),
    ("months", _("months")),
    ("years", _("years")),
)
_SHIFTS = {"last": -1, "this": 0, "next": 1}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Span:
    """What lies between: from `start` on, before `end`; of numbers and amounts, up to `end`."""

    start: Any
    end: Any


def period(name: str, *, today: date) -> Span:
    """The days of a period by its name, the last one not among them. A week begins on Monday."""
    if name in _DAYS:
        first = today + timedelta(days=_DAYS[name])
        return Span(first, first + timedelta(days=1))
    which, _underscore, unit = name.partition("_")
    shift = _SHIFTS.get(which)
    if shift is None or unit not in ("week", *_MONTHS):
        raise ValueError(f"{name!r} is no period")
    if unit == "week":
        monday = today + timedelta(days=7 * shift - today.weekday())
        return Span(monday, monday + timedelta(days=7))
    months = _MONTHS[unit]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    return Span(months_later(first, shift * months), months_later(first, (shift + 1) * months))


def amount(text: str) -> tuple[int, str]:
    """`90_days` as a number and its unit."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time")
    return int(found[1]), found[2]


def before_today(text: str, *, today: date) -> date:
    """The day so long ago."""
    count, unit = amount(text)
    return _moved(today, -count, unit)


def after_today(text: str, *, today: date) -> date:
    """The day so far ahead."""
    count, unit = amount(text)
    return _moved(today, count, unit)


def months_later(day: date, months: int) -> date:
    """The same day of another month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _checked(year)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def midnight(day: date, *, zone: ZoneInfo) -> datetime:
    """The instant at which the day begins where the business is."""
    _checked(day.year)
    return datetime.combine(day, time(0), tzinfo=zone)


def amount_in_words(text: str) -> str:
    count, unit = amount(text)
    said = {
        "day": ngettext("%(count)s day", "%(count)s days", count),
        "week": ngettext("%(count)s week", "%(count)s weeks", count),
        "month": ngettext("%(count)s month", "%(count)s months", count),
        "year": ngettext("%(count)s year", "%(count)s years", count),
    }
    return said[unit] % {"count": count}


def _moved(day: date, count: int, unit: str) -> date:
    if unit in ("month", "year"):
        return months_later(day, count * (12 if unit == "year" else 1))
    try:
        moved = day + timedelta(days=count * (7 if unit == "week" else 1))
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error
    _checked(moved.year)
    return moved


def _checked(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"{year} is beyond the calendar")
