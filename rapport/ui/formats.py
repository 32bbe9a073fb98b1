"""How pages write money, numbers, days and instants: in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rapport.core.clock import seen_from, utc_now
from rapport.core.money import Money, format_money, format_money_short

Number = int | float | Decimal
_DASH = "—"


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en")


def money(amount: Money | int | None, currency: str = "", *, whole: bool = False) -> str:
    """€12,480.00 from a Money, or from micros and a currency; nothing is a dash."""
    micros, code = _amount(amount, currency)
    return _DASH if micros is None else format_money(micros, code, locale=_locale(), whole=whole)


def money_short(amount: Money | int | None, currency: str = "") -> str:
    """€6.4 m: for tiles and narrow columns."""
    micros, code = _amount(amount, currency)
    return _DASH if micros is None else format_money_short(micros, code, locale=_locale())


def number(value: Number | None, *, digits: int = 0, signed: bool = False) -> str:
    """12,480; with `signed`, +31 and −9."""
    if value is None:
        return _DASH
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    shown = -value if signed and value < 0 else value
    text = str(format_decimal(shown, format=pattern, locale=_locale()))
    if not signed or not value:
        return text
    return ("+" if value > 0 else "−") + text


def percent(ratio: Number | None, *, digits: int = 0) -> str:
    """31 % from the ratio 0.31, its sign never on a line of its own."""
    if ratio is None:
        return _DASH
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "\u00a0%"
    return str(format_percent(ratio, format=pattern, locale=_locale()))


def day(value: date | datetime | None, *, style: str = "d MMM y") -> str:
    """9 Dec 2011; an instant is shown as its day where the reader is."""
    if value is None:
        return _DASH
    return format_date(_here(value) if isinstance(value, datetime) else value, format=style, locale=_locale())


def moment(value: datetime | None) -> str:
    """9 Dec 2011, 12:50, where the reader is."""
    return _DASH if value is None else format_datetime(_here(value), "d MMM y, HH:mm", locale=_locale())


def moment_with_zone(value: datetime | None) -> str:
    """9 Dec 2011, 12:50:00 GMT: for titles, where precision matters."""
    return _DASH if value is None else format_datetime(_here(value), "d MMM y, HH:mm:ss z", locale=_locale())


def short_moment(value: datetime | date | None, *, now: datetime | None = None) -> str:
    """As a timeline says it: 09:12 today, Thu 09:12 this week, 3 Nov this year, 3 Nov 2023 before."""
    if value is None:
        return _DASH
    today = _here(now or utc_now()).date()
    here = _here(value) if isinstance(value, datetime) else value
    that_day = here.date() if isinstance(here, datetime) else here
    if isinstance(here, datetime) and 0 <= (today - that_day).days < 7:
        clock = format_time(here, "HH:mm", locale=_locale())
        return clock if that_day == today else f"{format_date(that_day, 'EEE', locale=_locale())} {clock}"
    return day(that_day, style="d MMM" if that_day.year == today.year else "d MMM y")


def clock(value: datetime | None) -> str:
    """09:12, where the reader is."""
    return _DASH if value is None else str(format_time(_here(value), "HH:mm", locale=_locale()))


def ago(value: datetime | None, *, now: datetime | None = None) -> str:
    """4 min ago, 3 hours ago, 12 days ago, then the day."""
    if value is None:
        return _DASH
    seconds = ((now or utc_now()) - value).total_seconds()
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("%d min ago") % (seconds // 60)
    if seconds < 86_400:
        return translation.ngettext("%d hour ago", "%d hours ago", int(seconds // 3600)) % (seconds // 3600)
    if seconds < 30 * 86_400:
        return translation.ngettext("%d day ago", "%d days ago", int(seconds // 86_400)) % (seconds // 86_400)
    return day(value)


def machine_time(value: datetime | date | None) -> str:
    return "" if value is None else value.isoformat()


def _here(value: datetime) -> datetime:
    return value if timezone.is_naive(value) else seen_from(value, timezone.get_current_timezone())


def _amount(amount: Money | int | None, currency: str) -> tuple[int | None, str]:
    return (amount.micros, amount.currency) if isinstance(amount, Money) else (amount, currency)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "money": money,
    "money_short": money_short,
    "number": number,
    "percent": percent,
    "date": day,
    "datetime": moment,
    "datetime_zone": moment_with_zone,
    "short_time": short_moment,
    "ago": ago,
    "clock": clock,
    "machine_time": machine_time,
}
