"""Reading one cell: text in, a typed value or a refusal with a stable code out. No Django here: worker processes use it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Convert = Callable[[str], Any]


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


REASONS = {
    "missing": gettext_noop("This column may not be empty: fill it in, or take the row out of the file."),
    "no_customer": gettext_noop(
        "The row says of no customer: fill one of these columns in, or take the row out of the file."
    ),
    "no_order": gettext_noop(
        "The row says neither of which order nor of which customer it is: fill one of these columns in, or take the row out of"
        " the file."
    ),
    "no_product": gettext_noop(
        "The row says of no product: fill one of these columns in, or take the row out of the file."
    ),
    "nothing_known": gettext_noop(
        "Nothing tells this row from others: it takes a number, a name, an e-mail address, a phone number, a date of birth or a"
        " postal code."
    ),
    "too_long": gettext_noop("The text is too long for this column."),
    "nul": gettext_noop("The cell holds a zero byte, which no text may hold."),
    "surrogate": gettext_noop("The cell holds half a character, which no text may hold."),
    "unreadable": gettext_noop("This value cannot be read."),
    "email": gettext_noop("This is not an e-mail address."),
    "date": gettext_noop("This is not a date in the order that was chosen."),
    "date_range": gettext_noop("There is no such day in the calendar."),
    "instant": gettext_noop("This is not a date and time in the order that was chosen."),
    "instant_range": gettext_noop("The time is before 1900 or after 2200."),
    "number": gettext_noop("This is not a number."),
    "integer": gettext_noop("This is not a whole number."),
    "too_large": gettext_noop("The number is too large."),
    "too_precise": gettext_noop("The amount has more than six decimals."),
    "too_large_together": gettext_noop("The numbers of this row come to too much together."),
    "choice": gettext_noop("This value is not one of those that are allowed."),
    "boolean": gettext_noop("This is neither yes nor no."),
    "link": gettext_noop("This is not a web address that begins with http:// or https://."),
    "error_cell": gettext_noop("The cell of the workbook holds an error instead of a value."),
    "too_few_cells": gettext_noop("The row has fewer cells than the header."),
    "too_many_cells": gettext_noop("The row has more cells than the header."),
    "unknown_customer": gettext_noop("No customer has this number in this source."),
    "same_ends": gettext_noop("A customer cannot belong together with herself."),
    "ends_before": gettext_noop("This ends before it begins."),
    "to_come": gettext_noop("This is still to be done: it is no contact yet, and can come in as a task."),
}


class ValueRefused(ValueError):
    """A cell cannot be taken, or none of several `columns` says what the row needs; `code` is one of REASONS."""

    def __init__(self, code: str, *columns: str) -> None:
        super().__init__(REASONS[code])
        self.code = code
        self.columns = columns


@dataclass(frozen=True)
class Reading:
    """How dates, times and numbers of a file are written."""

    dates: str = "ymd"
    decimal: str = "."
    time_zone: str = "UTC"


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PARTS = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})\.?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?\s*(am|pm|a\.m\.|p\.m\.)?\s*(z|utc|[+-]\d{2}:?\d{2})?", re.I
)
_DATE_FROM_TIME = re.compile("[T ]")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_SPACES = re.compile(r"[\s  ’']")
_MICROS = Decimal(1_000_000)
_TOO_LARGE = Decimal(10) ** 12
_LARGEST = 2**63 - 1
_SIX_DECIMALS = Decimal("0.000001")
_MOST_ZEROS = 30
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIRST_INSTANT, _LAST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
_REMEMBERED = 5_000


def storable(text: str) -> str:
    """The text with signs in the place of what the database cannot hold, to be shown."""
    text = text.replace("\0", "␀")
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def without(text: str, signs: str) -> str:
    """The text without some signs; for few of them twice as fast as a translation or a pattern."""
    for sign in signs:
        text = text.replace(sign, "")
    return text


def text_reader(at_most: int) -> Convert:
    def read(text: str) -> str | None:
        text = text.strip()
        if not text.isascii():
            if _SURROGATE.search(text):
                raise ValueRefused("surrogate")
            text = unicodedata.normalize("NFC", text)
        if len(text) > at_most:
            raise ValueRefused("too_long")
        if "\0" in text:
            raise ValueRefused("nul")
        return text or None

    return read


def email_reader(at_most: int) -> Convert:
    plain = text_reader(min(at_most, 320))

    def read(text: str) -> str | None:
        found = plain(text.strip().removeprefix("mailto:"))
        if found is not None and not _EMAIL.fullmatch(found):
            raise ValueRefused("email")
        return found  # type: ignore[no-any-return]

    return read


def split_date(text: str, order: str) -> tuple[int, int, int] | None:
    """Year, month and day as written, or None when the text is not three numbers in that order."""
    found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _PARTS.fullmatch(text)
    if not found:
        return None
    parts = dict(zip(order, (found[1], found[2], found[3]), strict=True))
    if len(parts["d"]) > 2 or len(parts["m"]) > 2 or len(parts["y"]) not in (2, 4):
        return None
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 1900 if year > 68 else 2000
    return year, int(parts["m"]), int(parts["d"])


def date_reader(order: str) -> Convert:
    known: dict[str, date | None] = {}

    def read(text: str) -> date | None:
        if len(text) == 10 and text[4] == text[7] == "-":  # as most are written
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass  # the pattern says what is wrong
        found = known.get(text)
        if found is None and text not in known:
            found = _read_date(text.strip(), order)
            if len(known) > _REMEMBERED:
                known.clear()
            known[text] = found
        return found

    return read


def _read_date(text: str, order: str) -> date | None:
    if not text:
        return None
    day = text
    if len(text) > 10 and (text[10] in " T" or " " in text):  # a time after the date is left out
        day = text[:10] if _ISO.fullmatch(text[:10]) else text.split(" ", 1)[0]
    parts = split_date(day, order) or split_date(text, order)
    if parts is None:
        raise ValueRefused("date")
    try:
        return date(*parts)
    except ValueError as error:
        raise ValueRefused("date_range") from error


def instant_reader(order: str, time_zone: str) -> Convert:
    """Times without a zone are of `time_zone`. Of a time that comes twice (clocks going back) the first is taken."""
    zone = ZoneInfo(time_zone)
    known: dict[str, datetime | None] = {}

    def read(text: str) -> datetime | None:
        found = known.get(text)
        if found is None and text not in known:
            found = _read_instant(text.strip(), order, zone)
            if len(known) > _REMEMBERED:
                known.clear()
            known[text] = found
        return found

    return read


def _read_instant(text: str, order: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    day, *rest = _DATE_FROM_TIME.split(text, maxsplit=1)
    time = rest[0] if rest else ""
    parts = split_date(day, order)
    found = _TIME.fullmatch(time.strip()) if time.strip() else None
    if parts is None or (time.strip() and found is None):
        raise ValueRefused("instant")
    hour, minute, second, micro = 0, 0, 0, 0
    if found:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        micro = int((found[4] or "0").ljust(6, "0"))
        if found[5]:
            hour = hour % 12 + (12 if found[5][0] in "pP" else 0)
    try:
        naive = datetime(*parts, hour, minute, second, micro)
    except ValueError as error:
        raise ValueRefused("date_range") from error
    if not _FIRST_INSTANT.year <= naive.year < _LAST_INSTANT.year:
        raise ValueRefused("instant_range")
    instant = naive.replace(tzinfo=_offset(found[6]) if found and found[6] else zone).astimezone(UTC)
    if not _FIRST_INSTANT <= instant < _LAST_INSTANT:
        raise ValueRefused("instant_range")
    return instant


def _offset(text: str) -> tzinfo:
    """Of Z, UTC, +0530 or +05:30; clocks are nowhere more than a day apart."""
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise ValueRefused("instant")
    behind = timedelta(hours=hours, minutes=minutes)
    return timezone(-behind if text[0] == "-" else behind)


def read_decimal(text: str, decimal: str) -> Decimal | None:
    """A number as people write it: grouping by the other sign or by spaces, a minus before or after, brackets for minus."""
    text = _SPACES.sub("", text.strip())
    if not text:
        return None
    negative = False
    if text[0] == "(" and text[-1] == ")":
        negative, text = True, text[1:-1]
    text = text.replace("−", "-").strip("€$£¥₩%")
    if text.endswith("-"):
        text = "-" + text[:-1]
    grouping = "." if decimal == "," else ","
    whole, sign, rest = text.partition(decimal)
    if grouping in whole:
        if not re.fullmatch(rf"[-+]?\D?\d{{1,3}}(\{grouping}\d{{2,3}})*\{grouping}\d{{3}}", whole):
            raise ValueRefused("number")
        whole = whole.replace(grouping, "")
    plain = f"{whole}.{rest}" if sign else whole
    if not plain.isascii() or "_" in plain:
        raise ValueRefused("number")
    try:
        number = Decimal(plain.replace("€", "").replace("$", ""))
    except ArithmeticError as error:
        raise ValueRefused("number") from error
    if not number.is_finite():
        raise ValueRefused("number")
    if not number:
        return Decimal(0)
    if abs(number.adjusted()) > _MOST_ZEROS:  # before any arithmetic, which such exponents would overflow
        raise ValueRefused("too_large" if number.adjusted() > 0 else "number")
    return number.copy_negate() if negative else number


def money_reader(decimal: str) -> Convert:
    known: dict[str, int | None] = {}

    def read(text: str) -> int | None:
        if text in known:
            return known[text]
        amount = read_decimal(text, decimal)
        micros = None
        if amount is not None:
            if abs(amount) >= _TOO_LARGE:
                raise ValueRefused("too_large")
            scaled = amount * _MICROS
            if scaled != scaled.to_integral_value(rounding=ROUND_HALF_EVEN):
                raise ValueRefused("too_precise")
            micros = int(scaled)
        if len(known) > _REMEMBERED:
            known.clear()
        known[text] = micros
        return micros

    return read


def number_reader(decimal: str) -> Convert:
    """Numbers as they are stored: with at most six decimals."""

    def read(text: str) -> Decimal | None:
        number = read_decimal(text, decimal)
        if number is None:
            return None
        rounded = number.quantize(_SIX_DECIMALS) if abs(number) < _TOO_LARGE else number
        if abs(rounded) >= _TOO_LARGE:
            raise ValueRefused("too_large")
        return number if rounded == number else rounded

    return read


def integer_reader(decimal: str) -> Convert:
    def read(text: str) -> int | None:
        number = read_decimal(text, decimal)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise ValueRefused("integer")
        if abs(number) > _LARGEST:
            raise ValueRefused("too_large")
        return int(number)

    return read


def choice_reader(choices: tuple[str, ...]) -> Convert:
    known = {choice.casefold(): choice for choice in choices}

    def read(text: str) -> str | None:
        text = text.strip()
        if not text:
            return None
        try:
            return known[text.casefold()]
        except KeyError as error:
            raise ValueRefused("choice") from error

    return read


_YES = frozenset({"yes", "y", "true", "t", "1", "on", "x", "✓", "ja", "oui", "sí", "si"})
_NO = frozenset({"no", "n", "false", "f", "0", "off", "nein", "non", "nee"})


def read_boolean(text: str) -> bool | None:
    word = text.strip().casefold()
    if not word:
        return None
    if word not in _YES and word not in _NO:
        raise ValueRefused("boolean")
    return word in _YES


def pick_reader(choices: tuple[str, ...]) -> Callable[[str], str | None]:
    """Choices are written value=label; a cell may say either, in letters of any case."""
    known: dict[str, str] = {}
    for choice in choices:
        value, _equals, label = choice.partition("=")
        known.setdefault(label.casefold(), value)
    for choice in choices:
        value = choice.partition("=")[0]
        known.setdefault(value.casefold(), value)

    def read(text: str) -> str | None:
        word = " ".join(text.split())
        if not word:
            return None
        try:
            return known[word.casefold()]
        except KeyError as error:
            raise ValueRefused("choice") from error

    return read


def picks_reader(choices: tuple[str, ...]) -> Convert:
    one = pick_reader(choices)
    order = {choice.partition("=")[0]: place for place, choice in enumerate(choices)}

    def read(text: str) -> list[str] | None:
        parts = re.split("[,;|]", text)
        found = {value for value in map(one, parts) if value is not None}
        return sorted(found, key=order.__getitem__) or None

    return read


def link_reader(at_most: int) -> Convert:
    """An address of the web alone; one without a scheme is taken as https."""
    plain = text_reader(at_most)

    def read(text: str) -> str | None:
        found: str | None = plain(text)
        if found is None:
            return None
        if "://" not in found and ":" not in found.split("/", 1)[0]:
            found = f"https://{found}"
        if len(found) > at_most:
            raise ValueRefused("too_long")
        if not is_web_address(found):
            raise ValueRefused("link")
        return found

    return read


def is_web_address(text: str) -> bool:
    """Only the web: no other scheme can do harm where somebody clicks."""
    if any(c.isspace() or ord(c) < 32 for c in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def reader_for(kind: str, *, reading: Reading, at_most: int = 1000, choices: tuple[str, ...] = ()) -> Convert:
    """The function that reads cells of one column kind (the value of a ColumnKind)."""
    readers: dict[str, Callable[[], Convert]] = {
        "email": lambda: email_reader(at_most),
        "date": lambda: date_reader(reading.dates),
        "instant": lambda: instant_reader(reading.dates, reading.time_zone),
        "money": lambda: money_reader(reading.decimal),
        "number": lambda: number_reader(reading.decimal),
        "integer": lambda: integer_reader(reading.decimal),
        "choice": lambda: choice_reader(choices),
        "amount": lambda: money_reader(reading.decimal),
        "pick": lambda: pick_reader(choices),
        "picks": lambda: picks_reader(choices),
        "boolean": lambda: read_boolean,
        "link": lambda: link_reader(at_most),
    }
    return readers.get(kind, lambda: text_reader(at_most))()
