"""Reads one line about a contact: "called, wants a quote, Tue 3pm" is a call, and a task that is due on Tuesday at three."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from rapport.work.sentence_words import ENGLISH, Words

LONGEST = 4000
_CLAUSE = re.compile(r"\s*[,;\n]\s*|\s*\.\s+|\s+[-–—]\s+")
_CLOCK = re.compile(
    r"(?:^|\s)(\d{1,2})(?::([0-5]\d))?\s?(am|pm|a\.m\.?|p\.m\.?)$|(?:^|\s)([01]?\d|2[0-3]):([0-5]\d)$", re.I
)
_ISO = re.compile(r"(?:^|\s)(\d{4})-(\d{2})-(\d{2})$")


@dataclass(frozen=True)
class When:
    """A day, a time, or both; of the reader's zone."""

    day: date | None = None
    at: time | None = None

    def __bool__(self) -> bool:
        return self.day is not None or self.at is not None


@dataclass(frozen=True)
class Sentence:
    """What a line says. `kind` is empty where it begins with no word for a contact; `whom` is what follows that word.

    Without a day or a time there is no task: `due_on` is None.
    """

    text: str
    kind: str = ""
    whom: str = ""
    task: str = ""
    due_on: date | None = None
    due_time: time | None = None

    @property
    def has_task(self) -> bool:
        return self.due_on is not None


def read_sentence(text: str, *, now: datetime, zone: ZoneInfo, words: Words = ENGLISH) -> Sentence:
    """What `text` says at `now` to somebody in `zone`. A day within the clause of the contact is when it was, and no task."""
    text = text.strip()[:LONGEST]
    clauses = [clause for clause in _CLAUSE.split(text.rstrip(".!")) if clause]
    here = now.astimezone(zone)
    kind, whom, rest = _contact(clauses, words)
    said: list[str] = []
    for place, clause in enumerate(rest):
        about, when = _take_when(clause, words, here)
        if not when:
            said.append(clause)
            continue
        if not about and place + 1 < len(rest):  # "…, Tue, 3pm"
            more, also = _take_when(rest[place + 1], words, here)
            if not more and also and (when.day is None) != (also.day is None):
                when = When(when.day or also.day, when.at or also.at)
        due_on, due_time = _ahead(when, here)
        return Sentence(text, kind, whom, about or (said[-1] if said else ""), due_on, due_time)
    return Sentence(text, kind, whom)


def _contact(clauses: list[str], words: Words) -> tuple[str, str, list[str]]:
    """The kind of contact that the first clause tells of, with whom, and the clauses that are left."""
    for pattern, kind in words.verbs if clauses else ():
        found = re.match(rf"(?:{pattern})(?![\w-])[:\s]*", clauses[0], re.IGNORECASE)
        if found:
            return kind, clauses[0][found.end() :].strip(), clauses[1:]
    return "", "", clauses


def _ahead(when: When, here: datetime) -> tuple[date, time | None]:
    """A time without a day is the next time that clocks show it."""
    if when.day is not None:
        return when.day, when.at
    assert when.at is not None
    return here.date() + timedelta(days=when.at <= here.time().replace(tzinfo=None)), when.at


def _take_when(clause: str, words: Words, here: datetime) -> tuple[str, When]:
    """What is left of a clause without the day and the time at its end, and these."""
    day: date | None = None
    at: time | None = None
    left = clause.strip()
    for _each in range(2):
        if at is None:
            left, at = _take_time(left, words, here)
        if day is None:
            left, day, also = _take_day(left, words, here)
            at = at or also
    return (left, When(day, at)) if day is not None or at is not None else (clause, When())


def _take_time(text: str, words: Words, here: datetime) -> tuple[str, time | None]:
    found = _CLOCK.search(text)
    at = _clock(found) if found is not None else None
    if found is None:
        found = _ending(tuple(words.times)).search(text)
        at = words.times[found[1].casefold()] if found is not None else None
    if found is None or at is None:
        return text, None
    return _without(text[: found.start()], words.before_times), at


def _clock(found: re.Match[str]) -> time | None:
    if found[4] is not None:
        return time(int(found[4]), int(found[5]))
    hour = int(found[1])
    if not 1 <= hour <= 12:
        return None
    return time(hour % 12 + 12 * found[3].casefold().startswith("p"), int(found[2] or 0))


def _take_day(text: str, words: Words, here: datetime) -> tuple[str, date | None, time | None]:
    """The day at the end of a text; "in 2 hours" is a time too."""
    for take in (_named_day, _weekday, _date, _distance):
        taken = take(text, words, here)
        if taken is not None:
            begin, day, at = taken
            return _without(text[:begin], words.before_days), day, at
    return text, None, None


Taken = tuple[int, date, time | None] | None


def _named_day(text: str, words: Words, here: datetime) -> Taken:
    today = here.date()
    ahead = {**words.days, words.next_week: 7 - today.weekday()}
    found = _ending((*ahead, words.next_month)).search(text)
    if found is None:
        return None
    name = found[1].casefold()
    if name == words.next_month:
        return found.start(), (today.replace(day=1) + timedelta(days=32)).replace(day=1), None
    return found.start(), today + timedelta(days=ahead[name]), None


def _weekday(text: str, words: Words, here: datetime) -> Taken:
    """The next day of that name after today; with "next", that of next week."""
    found = _ending(tuple(words.weekdays)).search(text)
    if found is None:
        return None
    today, wanted = here.date(), words.weekdays[found[1].casefold()]
    coming = re.search(rf"(?:^|\s){re.escape(words.coming)}$", text[: found.start()], re.IGNORECASE)
    if coming is not None:
        return coming.start(), today + timedelta(days=7 - today.weekday() + wanted), None
    return found.start(), today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1), None


def _date(text: str, words: Words, here: datetime) -> Taken:
    """2026-03-10, 10 March, March 10th 2026; without a year, the next one. A day that is over is no day to do something."""
    found = _ISO.search(text)
    if found is not None:
        return _on(found, int(found[1]), int(found[2]), int(found[3]), here)
    for pattern, day, month in (_day_month(tuple(words.months)), _month_day(tuple(words.months))):
        found = pattern.search(text)
        if found is not None:
            year = int(found[3]) if found[3] else 0
            return _on(found, year, words.months[found[month].casefold()], int(found[day]), here)
    return None


def _on(found: re.Match[str], year: int, month: int, day: int, here: datetime) -> Taken:
    today = here.date()
    for each in (year,) if year else (today.year, today.year + 1):
        try:
            wanted = date(each, month, day)
        except ValueError:
            continue
        if wanted >= today:
            return found.start(), wanted, None
    return None


def _distance(text: str, words: Words, here: datetime) -> Taken:
    found = _in_units(words.after, words.one, tuple(words.units)).search(text)
    if found is None:
        return None
    unit, size = words.units[found[2].casefold()]
    count = size * (1 if found[1].casefold() in words.one else int(found[1]))
    if unit == "days":
        return found.start(), here.date() + timedelta(days=count), None
    # counted on the line of time, and read from the clocks there
    then = (here.astimezone(ZoneInfo("UTC")) + timedelta(minutes=count)).astimezone(here.tzinfo)
    return found.start(), then.date(), then.time().replace(second=0, microsecond=0)


def _without(text: str, befores: Iterable[str]) -> str:
    """The text without the small word at its end that led to what was taken."""
    found = _ending(tuple(befores)).search(text.rstrip())
    return (text[: found.start()] if found is not None else text).strip()


@cache
def _ending(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\s)({_any(names)})\s*$", re.IGNORECASE)


@cache
def _day_month(months: tuple[str, ...]) -> tuple[re.Pattern[str], int, int]:
    return re.compile(rf"(?:^|\s)(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_any(months)})(?: (\d{{4}}))?$", re.I), 1, 2


@cache
def _month_day(months: tuple[str, ...]) -> tuple[re.Pattern[str], int, int]:
    return re.compile(rf"(?:^|\s)({_any(months)}) (\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?$", re.I), 2, 1


@cache
def _in_units(after: str, one: tuple[str, ...], units: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\s){re.escape(after)} (\d{{1,3}}|{_any(one)}) ({_any(units)})$", re.IGNORECASE)


def _any(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
