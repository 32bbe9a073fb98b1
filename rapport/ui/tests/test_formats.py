"""How pages write money, numbers, days and instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from rapport.core.money import MICROS, Money
from rapport.ui import formats
from rapport.ui.names import initials

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (formats.money(Money(12_480_500_000, "EUR")), "€12,480.50"),
        (formats.money(12_480 * MICROS, "EUR", whole=True), "€12,480"),
        (formats.money(1_000 * MICROS, "KRW"), "₩1,000"),
        (formats.money(None, "EUR"), "—"),
        (formats.money_short(6_400_000 * MICROS, "EUR"), "€6.4 m"),
        (formats.number(12_480), "12,480"),
        (formats.number(3.75, digits=1), "3.8"),
        (formats.number(31, signed=True), "+31"),
        (formats.number(-9, signed=True), "−9"),
        (formats.number(0, signed=True), "0"),
        (formats.number(None), "—"),
        (formats.percent(0.31), "31\u00a0%"),
        (formats.percent(0.038, digits=1), "3.8\u00a0%"),
        (formats.percent(None), "—"),
        (formats.day(date(2011, 12, 9)), "9 Dec 2011"),
        (formats.day(None), "—"),
    ],
)
def test_a_value_is_written(shown: str, expected: str) -> None:
    assert shown == expected


def test_an_instant_is_shown_where_the_reader_is() -> None:
    with timezone.override(ZoneInfo("Asia/Seoul")):
        late = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)

        assert formats.moment(late) == "3 Mar 2026, 05:30"
        assert formats.day(late) == "3 Mar 2026"
        assert formats.moment_with_zone(late) == "3 Mar 2026, 05:30:00 +0900"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 3, 5, 9, 12, tzinfo=UTC), "09:12"),
        (datetime(2026, 3, 4, 9, 12, tzinfo=UTC), "Wed 09:12"),
        (datetime(2026, 2, 26, 9, 12, tzinfo=UTC), "26 Feb"),
        (datetime(2026, 3, 6, 9, 12, tzinfo=UTC), "6 Mar"),
        (date(2026, 1, 3), "3 Jan"),
        (date(2023, 11, 3), "3 Nov 2023"),
        (None, "—"),
    ],
)
def test_a_timeline_says_only_as_much_of_a_time_as_is_needed(value: datetime | date | None, expected: str) -> None:
    assert formats.short_moment(value, now=NOW) == expected


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(days=40), "24 Jan 2026"),
    ],
)
def test_how_long_ago_something_was(passed: timedelta, expected: str) -> None:
    assert formats.ago(NOW - passed, now=NOW) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana Beatriz Souza", "AS"),
        ("Cher", "C"),
        ("李明华", "李"),
        ("김 서연", "김"),
        ("žofie nová", "ŽN"),
        ("O'Brien-Ćwik", "O"),
        ("(unknown) Smith", "S"),
        ("", "?"),
        ("…", "?"),
    ],
)
def test_initials_stand_for_a_name(name: str, expected: str) -> None:
    assert initials(name) == expected


@pytest.mark.parametrize("name", ["date", "datetime", "datetime_zone", "short_time", "ago", "machine_time"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "UTC"])
@pytest.mark.parametrize("value", [datetime(9999, 12, 31, 23, 30, tzinfo=UTC), datetime(1, 1, 1, 0, 0, tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_written_in_every_zone(name: str, zone: str, value: datetime) -> None:
    with timezone.override(ZoneInfo(zone)):
        assert formats.FILTERS[name](value)
