"""Money: whole micros (1/1,000,000 of the currency unit) with an ISO 4217 code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision

MICROS = 1_000_000
_LARGEST = Decimal(2**63 - 1)
_HYPHEN, _MINUS = "-", "\u2212"
_LETTER_BEFORE_DIGIT = re.compile(r"([^\W\d_])(\d)")
_APART = "\\1\u00a0\\2"


class MoneyInvalid(ValueError):
    """A text is not an amount that BIGINT micros can hold exactly."""


@dataclass(frozen=True)
class Money:
    micros: int
    currency: str

    def __str__(self) -> str:
        return format_money(self.micros, self.currency)


def to_micros(amount: Decimal) -> int:
    """An amount in currency units as whole micros; more than six decimals or too large is refused."""
    try:
        scaled = amount * MICROS
        exact = scaled == scaled.to_integral_value()
    except InvalidOperation as error:
        raise MoneyInvalid(f"{amount} is not an amount") from error
    if not exact:
        raise MoneyInvalid(f"{amount} has more than six decimals")
    if abs(scaled) > _LARGEST:
        raise MoneyInvalid(f"{amount} is too large")
    return int(scaled)


def from_micros(micros: int) -> Decimal:
    return Decimal(micros) / MICROS


def format_money(micros: int, currency: str, *, locale: str = "en", whole: bool = False) -> str:
    """As a person reads it, rounded to the currency's digits; `whole` drops the decimals."""
    digits = 0 if whole else get_currency_precision(currency)
    amount = from_micros(micros).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    text = format_currency(
        amount, currency, locale=locale, currency_digits=not whole, format="¤#,##0" if whole else None
    )
    return _tidy(text)


def format_money_short(micros: int, currency: str, *, locale: str = "en") -> str:
    """For tiles, in three digits: €6.4 m, €12.5 k, €633 k, €480."""
    amount = from_micros(micros)
    for unit, suffix in ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(10**4), "k")):
        if abs(amount) >= unit:
            shown = amount / (Decimal(1000) if suffix == "k" else unit)
            decimals = max(0, 2 - shown.adjusted())  # three digits that count
            rounded = shown.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
            text = format_currency(rounded, currency, locale=locale, format="¤#,##0.##", currency_digits=False)
            return f"{_tidy(text)} {suffix}"
    return format_money(micros, currency, locale=locale, whole=True)


def _tidy(text: str) -> str:
    """A space between letters and digits that does not break, and a minus sign for a minus."""
    return _LETTER_BEFORE_DIGIT.sub(_APART, text).replace(_HYPHEN, _MINUS)
