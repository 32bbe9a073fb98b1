"""Money: exact micros inside, the currency's digits outside."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.core.money import Money, MoneyInvalid, format_money, format_money_short, from_micros, to_micros


@given(st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1))
def test_micros_come_back_as_they_went(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros


@pytest.mark.parametrize(
    "text", ["0.0000001", "NaN", "Infinity", "9223372036854.775808", "-9223372036854.775808", "1e300"]
)
def test_what_micros_cannot_hold_exactly_is_refused(text: str) -> None:
    with pytest.raises(MoneyInvalid):
        to_micros(Decimal(text))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "GBP", "£1,234.50"),
        ("-1234.5", "EUR", "−€1,234.50"),
        ("1234.5", "JPY", "¥1,234"),  # half to even
        ("1235.5", "JPY", "¥1,236"),
        ("0.0005", "KWD", "KWD 0.000"),
        ("2.955", "GBP", "£2.96"),
    ],
)
def test_an_amount_is_shown_with_the_digits_of_its_currency(amount: str, currency: str, shown: str) -> None:
    assert format_money(to_micros(Decimal(amount)), currency).replace("\xa0", " ") == shown


def test_tiles_show_large_amounts_short() -> None:
    assert format_money_short(to_micros(Decimal(6_400_000)), "EUR") == "€6.4 m"
    assert format_money_short(to_micros(Decimal(12_500)), "EUR") == "€12.5 k"
    assert format_money_short(to_micros(Decimal(633_090)), "EUR") == "€633 k"
    assert format_money_short(to_micros(Decimal(-35_060)), "EUR") == "−€35.1 k"
    assert format_money_short(to_micros(Decimal(480)), "EUR") == "€480"
    assert str(Money(to_micros(Decimal("0.1")), "USD")) == "$0.10"
