"""Cells: dates, times, numbers as people write them, and the reason when they cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rapport.records.imports.values import Reading, ValueRefused, reader_for


def read(kind: str, text: str, **reading: str) -> object:
    return reader_for(kind, reading=Reading(**reading))(text)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("12/11/10", "mdy", date(2010, 12, 11)), ("12/11/10", "dmy", date(2010, 11, 12)), ("12/11/10", "ymd", date(2012, 11, 10)),
        ("2010-12-01", "mdy", date(2010, 12, 1)), ("1.2.1969", "dmy", date(1969, 2, 1)), ("20101201", "dmy", date(2010, 12, 1)),
        ("3/4/99", "mdy", date(1999, 3, 4)), (" 2010/1/5 ", "mdy", date(2010, 1, 5)), ("", "mdy", None),
        ("2010-12-01 08:26", "mdy", date(2010, 12, 1)),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_order_that_was_chosen(text: str, order: str, day: date | None) -> None:
    assert read("date", text, dates=order) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("13/13/2010", "date_range"),
        ("2/30/2010", "date_range"),
        ("soon", "date"),
        ("1/2", "date"),
        ("1/2/2010x", "date"),
    ],
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read("date", text, dates="mdy")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("7/1/2011 8:26", datetime(2011, 7, 1, 7, 26, tzinfo=UTC)),
        ("7/1/2011 8:26:30 PM", datetime(2011, 7, 1, 19, 26, 30, tzinfo=UTC)),
        ("2011-07-01T08:26:00Z", datetime(2011, 7, 1, 8, 26, tzinfo=UTC)),
        ("2011-07-01 08:26:00+09:00", datetime(2011, 6, 30, 23, 26, tzinfo=UTC)),
        ("10/30/2011 1:30", datetime(2011, 10, 30, 0, 30, tzinfo=UTC)),
        ("12/1/2010 12:05 am", datetime(2010, 12, 1, 0, 5, tzinfo=UTC)),
    ],
)
def test_times_take_the_zone_that_was_chosen_unless_they_name_their_own(text: str, instant: datetime) -> None:
    assert read("instant", text, dates="mdy", time_zone="Europe/London") == instant


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1,234.5", ".", "1234.5"), ("1.234,5", ",", "1234.5"), ("-12", ".", "-12"), ("12-", ".", "-12"), ("(3.50)", ".", "-3.50"),
        ("1 234,5", ",", "1234.5"), ("1’234.5", ".", "1234.5"), ("€ 12,30", ",", "12.30"), ("0.001", ".", "0.001"),
        ("12,34,567.5", ".", "1234567.5"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, decimal: str, number: str) -> None:
    assert read("number", text, decimal=decimal) == Decimal(number)


@pytest.mark.parametrize("text", ["one", "1.2.3", "1,2", "NaN", "Infinity", "1_000", "٣", "--1", "0x10"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read("number", text, decimal=".")
    assert refusal.value.code == "number"


@pytest.mark.parametrize(
    ("text", "code"), [("0.0000001", "too_precise"), ("1e30", "too_large"), ("9" * 20, "too_large")]
)
def test_amounts_that_micros_cannot_hold_are_refused(text: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read("money", text)
    assert refusal.value.code == code


def test_amounts_are_micros() -> None:
    assert read("money", "649.125") == 649_125_000


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("text", "a\0b", "nul"),
        ("text", "x" * 1001, "too_long"),
        ("email", "a@b", "email"),
        ("integer", "1.5", "integer"),
    ],
)
def test_other_cells_are_refused_with_their_reason(kind: str, text: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read(kind, text)
    assert refusal.value.code == code


@pytest.mark.parametrize("kind", ["money", "number", "integer"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1e9999999", "too_large"),
        ("(1e9999999)", "too_large"),
        ("-1e9999999999999999999999", "number"),
        ("1e-999999", "number"),
    ],
)
def test_exponents_that_no_arithmetic_holds_are_refused(kind: str, text: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read(kind, text)
    assert refusal.value.code == code


def test_nothing_with_a_wild_exponent_is_nothing() -> None:
    assert read("number", "0e9999999") == 0


def test_quantities_keep_six_decimals_as_the_database_does() -> None:
    assert str(read("number", "0.30000000000000004")) == "0.300000"
    with pytest.raises(ValueRefused) as refusal:
        read("number", "999999999999.9999999")
    assert refusal.value.code == "too_large"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0001-01-01 00:00", "instant_range"),
        ("1899-12-31 23:59", "instant_range"),
        ("2201-01-01 00:00", "instant_range"),
        ("9999-12-31 23:30", "instant_range"),
        ("2200-12-31 23:30-05:00", "instant_range"),
        ("1900-01-01 00:10", "instant_range"),
        ("2026-01-02 10:00+99:99", "instant"),
        ("2026-01-02 10:00-24:00", "instant"),
    ],
)
def test_times_that_no_clock_shows_are_refused(text: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read("instant", text, time_zone="Europe/Amsterdam")
    assert refusal.value.code == code


def test_offsets_are_read_with_and_without_a_colon() -> None:
    assert read("instant", "2026-01-02 10:00 -0530") == datetime(2026, 1, 2, 15, 30, tzinfo=UTC)
    assert read("instant", "2026-01-02 10:00 UTC") == datetime(2026, 1, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["text", "code", "phone", "email"])
def test_half_a_character_is_refused(kind: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        read(kind, "a\ud800")
    assert refusal.value.code == "surrogate"
