"""The clock, read at the edge (views, commands, jobs) and passed in as now=, and the business day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    return datetime.now(UTC)


def end_of_day(day: date, *, zone: ZoneInfo) -> datetime:
    """The first instant after `day` in `zone`: an event belongs to the day if it is before this."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone).astimezone(UTC)


def seen_from(instant: datetime, zone: tzinfo) -> datetime:
    """The instant on the clocks of `zone`; at either end of the calendar, which a zone may lie beyond, as it is."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def business_day(instant: datetime, *, zone: ZoneInfo) -> date:
    return seen_from(instant, zone).date()
