"""Weeks and months of which all days are over, and those to come."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WEEK, MONTH = "week", "month"
LEAST_MONTHS = 24


@dataclass(frozen=True)
class Period:
    """The days from `first` to `until`, both of them, and what they brought."""

    first: date
    until: date
    net_micros: int = 0


@dataclass(frozen=True)
class Grain:
    """Weeks or months: how many are a season, how many of them are kept, foretold at most, and known at least.

    Weeks are counted back from the as-of day, so that none is cut; months are those of the calendar.
    """

    name: str
    season: int
    most: int
    most_ahead: int
    least_known: int

    def ahead(self, day: date, steps: int) -> list[Period]:
        """The periods after the end of one."""
        found = []
        for _step in range(steps):
            until = day + timedelta(weeks=1) if self.name == WEEK else _month_end(day + timedelta(days=1))
            found.append(Period(day + timedelta(days=1), until))
            day = until
        return found


WEEKS = Grain(WEEK, season=52, most=156, most_ahead=13, least_known=13)
MONTHS = Grain(MONTH, season=12, most=120, most_ahead=12, least_known=12)


def grain_of(first_on: date, as_of: date, *, asked: str | None) -> Grain:
    """Months where there are two years of them, else weeks; or what is asked for."""
    if asked:
        return MONTHS if asked == MONTH else WEEKS
    return MONTHS if len(_ends(MONTHS, first_on, as_of)) > LEAST_MONTHS else WEEKS


def periods_of(grain: Grain, days: Sequence[Mapping[str, Any]], *, as_of: date) -> list[Period]:
    """The complete periods from the first day with an order, oldest first, with the net of their days; empty ones are zero."""
    ends = _ends(grain, days[0]["placed_on"], as_of)
    sums = [0] * len(ends)
    for row in days:
        place = bisect_right(ends, row["placed_on"] - timedelta(days=1)) - 1  # the last end before the day
        if 0 <= place < len(ends) - 1:
            sums[place + 1] += row["net_micros"]
    starts = [end + timedelta(days=1) for end in ends]
    found = [Period(first, until, net) for first, until, net in zip(starts[:-1], ends[1:], sums[1:], strict=True)]
    return found[-grain.most :]


def _ends(grain: Grain, first_on: date, as_of: date) -> list[date]:
    """The last day of each complete period, and before them the day before the first one begins."""
    if grain.name == WEEK:
        count = ((as_of - first_on).days + 1) // 7
        return [as_of - timedelta(weeks=back) for back in reversed(range(count + 1))]
    day = first_on - timedelta(days=1) if first_on.day == 1 else _month_end(first_on)
    found = []
    while day <= as_of:
        found.append(day)
        day = _month_end(day + timedelta(days=1))
    return found


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
