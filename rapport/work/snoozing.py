"""Until when something is put off: tomorrow morning, the morning of next week's Monday, or that of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rapport.core.clock import business_day

TOMORROW, NEXT_WEEK = "tomorrow", "week"
MORNING = time(8)
_FARTHEST = timedelta(days=3653)


class UnknownDay(ValueError):
    """Neither one of the words nor a day that lies ahead within ten years."""


def until(words: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which what is put off comes back, where its reader is."""
    return datetime.combine(_day(words, today=business_day(now, zone=zone)), MORNING, tzinfo=zone).astimezone(UTC)


def _day(words: str, *, today: date) -> date:
    if words == TOMORROW:
        return today + timedelta(days=1)
    if words == NEXT_WEEK:
        return today + timedelta(days=7 - today.weekday())
    try:
        day = date.fromisoformat(words)
    except ValueError as error:
        raise UnknownDay(words) from error
    if not today < day <= today + _FARTHEST:
        raise UnknownDay(words)
    return day
