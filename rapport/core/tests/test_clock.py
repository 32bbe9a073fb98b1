"""The business day: when it ends, whatever the clocks do that night."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rapport.core.clock import business_day, end_of_day, utc_now


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("UTC", date(2026, 2, 28), datetime(2026, 3, 1, 0, tzinfo=UTC)),
        ("Europe/London", date(2011, 12, 9), datetime(2011, 12, 10, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, 23, tzinfo=UTC)),  # clocks go forward
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 26, 0, tzinfo=UTC)),  # and back
        ("Asia/Seoul", date(2026, 3, 2), datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("America/Santiago", date(2026, 9, 5), datetime(2026, 9, 6, 4, tzinfo=UTC)),  # midnight does not exist
    ],
)
def test_a_day_ends_where_the_next_begins_in_the_zone_of_the_business(zone: str, day: date, ends: datetime) -> None:
    assert end_of_day(day, zone=ZoneInfo(zone)) == ends


def test_an_instant_belongs_to_the_day_the_business_lives() -> None:
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)

    assert business_day(late, zone=ZoneInfo("Asia/Seoul")) == date(2026, 3, 3)
    assert business_day(late, zone=ZoneInfo("America/Lima")) == date(2026, 3, 2)


def test_the_clock_speaks_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_an_instant_beyond_the_calendar_of_a_zone_keeps_its_own_day() -> None:
    assert business_day(datetime(9999, 12, 31, 23, 30, tzinfo=UTC), zone=ZoneInfo("Asia/Tokyo")) == date(9999, 12, 31)
    assert business_day(datetime(1, 1, 1, tzinfo=UTC), zone=ZoneInfo("America/New_York")) == date(1, 1, 1)
