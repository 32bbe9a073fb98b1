"""What can be chosen at set-up and in a profile: time zones of the IANA list, currencies of ISO 4217 in use today."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_currency_name

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


@cache
def time_zones() -> tuple[str, ...]:
    """Names such as Europe/London, as people look for them; UTC first."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES))
    return ("UTC", *sorted(places))


@cache
def currencies(locale: str = "en") -> tuple[tuple[str, str], ...]:
    """(code, "Euro (EUR)") of every currency that is legal tender somewhere today, by name."""
    codes = {
        code
        for periods in get_global("territory_currencies").values()
        for code, _since, until, is_tender in periods
        if is_tender and until is None
    }
    return tuple(sorted(((code, f"{get_currency_name(code, locale=locale)} ({code})") for code in codes), key=_by_name))


def _by_name(choice: tuple[str, str]) -> str:
    return choice[1].casefold()
