"""The words by which a sentence tells what was done and when something is to do, language by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class Words:
    """Patterns are tried in their order, without regard to case; each stands for whole words.

    `verbs`: what begins a sentence about a contact, and its kind. `days`: how far ahead of today. `weekdays` and `months`
    count from Monday 0 and January 1. `times`: names of times of the day. `before_days`: what may stand before a day,
    `before_times` before a time, `coming` before a weekday of next week. `units`: of "in 3 days", in days or minutes.
    """

    verbs: tuple[tuple[str, str], ...]
    days: Mapping[str, int]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    times: Mapping[str, time]
    before_days: tuple[str, ...]
    before_times: tuple[str, ...]
    coming: str
    next_week: str
    next_month: str
    after: str
    one: tuple[str, ...]
    units: Mapping[str, tuple[str, int]]


def _named(*names: str, begin: int) -> dict[str, int]:
    """Each name whole and by its first three letters."""
    return {word: place for place, name in enumerate(names, begin) for word in (name, name[:3])}


ENGLISH = Words(
    verbs=(
        (r"(?:i |we |just |have |had )*(?:called|rang|phoned|telephoned)", "call"),
        (r"(?:i |we |just |have |had )*(?:spoke|talked)(?: to| with)?", "call"),
        (r"(?:had )?a? ?(?:phone )?call (?:with|from|to)", "call"),
        (r"(?:i |we |just )*(?:met with|met|visited|saw|was at|were at|dropped by|dropped in on)", "visit"),
        (r"(?:had )?a? ?(?:meeting|visit|lunch|coffee) (?:with|at)", "visit"),
        (r"(?:i |we |just )*(?:noted|learned|heard from|wrote to|e-?mailed|mailed|texted)", "note"),
        (r"note(?= |:|$)", "note"),
    ),
    days={"today": 0, "tonight": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "the day after tomorrow": 2},
    weekdays=_named("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", begin=0)
    | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3},
    months=_named(
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december", begin=1,
    )
    | {"sept": 9},
    times={"morning": time(9), "noon": time(12), "midday": time(12), "afternoon": time(14), "evening": time(18)},
    before_days=("on", "by", "until", "till", "before", "due", "for", "this"),
    before_times=("at", "by", "around", "in the"),
    coming="next",
    next_week="next week",
    next_month="next month",
    after="in",
    one=("a", "an", "one"),
    units={
        "minute": ("minutes", 1), "minutes": ("minutes", 1), "min": ("minutes", 1), "hour": ("minutes", 60),
        "hours": ("minutes", 60), "day": ("days", 1), "days": ("days", 1), "week": ("days", 7), "weeks": ("days", 7),
    },
)  # fmt: skip

LANGUAGES = {"en": ENGLISH}


def words_of(language: str) -> Words:
    """The table of a language, else the English one."""
    return LANGUAGES.get(language.partition("-")[0], ENGLISH)
