"""Days that move with today."""

from __future__ import annotations

from datetime import date

import pytest

from rapport.records.filters.dates import PERIODS, after_today, amount_in_words, before_today, period

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("today", "2026-03-02", "2026-03-03"),
        ("yesterday", "2026-03-01", "2026-03-02"),
        ("tomorrow", "2026-03-03", "2026-03-04"),
        ("this_week", "2026-03-02", "2026-03-09"),
        ("last_week", "2026-02-23", "2026-03-02"),
        ("next_week", "2026-03-09", "2026-03-16"),
        ("this_month", "2026-03-01", "2026-04-01"),
        ("last_month", "2026-02-01", "2026-03-01"),
        ("next_month", "2026-04-01", "2026-05-01"),
        ("this_quarter", "2026-01-01", "2026-04-01"),
        ("last_quarter", "2025-10-01", "2026-01-01"),
        ("next_quarter", "2026-04-01", "2026-07-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("next_year", "2027-01-01", "2028-01-01"),
    ],
)
def test_a_period_is_the_days_from_its_first_to_before_the_next(name: str, first: str, after: str) -> None:
    found = period(name, today=MONDAY)

    assert (found.start.isoformat(), found.end.isoformat()) == (first, after)


def test_every_period_is_known_and_follows_the_one_before() -> None:
    for today in (date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2026, 11, 22)):
        for name, _label in PERIODS:
            assert period(name, today=today).start < period(name, today=today).end
        for unit in ("week", "month", "quarter", "year"):
            assert period(f"last_{unit}", today=today).end == period(f"this_{unit}", today=today).start
            assert period(f"next_{unit}", today=today).start == period(f"this_{unit}", today=today).end


@pytest.mark.parametrize(
    ("text", "ago", "ahead"),
    [
        ("90_days", "2025-12-02", "2026-05-31"),
        ("1_day", "2026-03-01", "2026-03-03"),
        ("2_weeks", "2026-02-16", "2026-03-16"),
        ("1_months", "2026-02-02", "2026-04-02"),
        ("14_months", "2025-01-02", "2027-05-02"),
        ("3_years", "2023-03-02", "2029-03-02"),
    ],
)
def test_so_long_ago_and_so_far_ahead(text: str, ago: str, ahead: str) -> None:
    assert before_today(text, today=MONDAY).isoformat() == ago
    assert after_today(text, today=MONDAY).isoformat() == ahead


def test_a_month_without_that_day_ends_with_its_last() -> None:
    assert before_today("1_month", today=date(2026, 3, 31)) == date(2026, 2, 28)
    assert after_today("1_year", today=date(2024, 2, 29)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    "text", ["", "0_days", "-1_days", "90", "days", "90_hours", "99999_days", "9999_years", "٣_days", "1_days "]
)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no length of time|calendar"):
        before_today(text, today=MONDAY)


@pytest.mark.parametrize("name", ["", "now", "this_day", "last_decade", "this", "this_", "_week"])
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        period(name, today=MONDAY)


def test_a_length_of_time_is_said_in_words() -> None:
    assert [amount_in_words(text) for text in ("1_days", "90_days", "1_year")] == ["1 day", "90 days", "1 year"]
