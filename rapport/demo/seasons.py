"""When people buy: the year's seasons, the days of the week, holidays, and the hours of a channel."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from rapport.demo.company import ZONE

_MONTHS = (0.9, 0.88, 0.95, 1.0, 0.98, 0.92, 0.8, 0.78, 0.98, 1.05, 1.3, 1.9)
_BUSINESS_MONTHS = (0.95, 1.0, 1.02, 1.05, 1.08, 1.08, 0.95, 0.9, 1.05, 1.05, 1.05, 1.0)
_WEEKDAYS = {
    "store": (0.5, 0.7, 0.8, 0.9, 1.2, 2.2, 0.5),
    "web_shop": (1.3, 1.1, 1.0, 1.0, 0.9, 0.8, 1.3),
    "call_center": (1.5, 1.2, 1.0, 1.0, 0.8, 0.0, 0.0),
    "field_sales": (1.3, 1.3, 1.1, 1.1, 0.5, 0.0, 0.0),
}
_HOURS = {"store": (9.5, 17.8), "web_shop": (6.8, 23.4), "call_center": (9.0, 17.2), "field_sales": (8.2, 17.0)}
_CLOSED = ((1, 1), (4, 27), (12, 25), (12, 26))


def season(day: date, *, business: bool) -> float:
    """How much livelier than usual a day of the year is."""
    factor = (_BUSINESS_MONTHS if business else _MONTHS)[day.month - 1]
    if not business and day.month == 12:
        factor *= 1.25 if day.day <= 22 else 0.45
    if not business and day.month == 11 and day.day >= 24:
        factor *= 1.5
    return factor


def is_closed(day: date) -> bool:
    return (day.month, day.day) in _CLOSED


def opening_day(day: date, channel: str, dice: Random) -> date:
    """The day near `day` on which a customer of that channel really comes."""
    weights = _WEEKDAYS[channel]
    days = [day + timedelta(days=offset) for offset in range(-2, 5)]
    chances = [0.0 if channel != "web_shop" and is_closed(near) else weights[near.weekday()] for near in days]
    return dice.choices(days, chances)[0]


def moment(day: date, channel: str, dice: Random) -> datetime:
    """An instant of that day when the channel is open; evenings for the web shop."""
    opens, closes = _HOURS[channel]
    mode = 20.5 if channel == "web_shop" and dice.random() < 0.6 else (opens + closes) / 2
    return local_instant(day, dice.triangular(opens, closes, mode) * 3600)


def local_instant(day: date, second_of_day: float) -> datetime:
    second = int(second_of_day)
    clock = time(second // 3600 % 24, second // 60 % 60, second % 60)
    return datetime.combine(day, clock, tzinfo=ZONE).astimezone(UTC)


def after_working_days(day: date, count: int) -> date:
    """The day that many working days after `day`: carriers rest on Sundays and holidays."""
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() != 6 and not is_closed(day):
            count -= 1
    return day
