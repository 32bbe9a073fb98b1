"""Rows of purchases, each an order of its own: what an order is called that its file gives no number. No Django here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rapport.commerce.amounts import MOST_OF_LINE_MICROS
from rapport.records.imports.values import ValueRefused

_MICROS = Decimal(1_000_000)


def purchase_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `purchases`. What an order without a number says makes its number.

    So the same row is the same order whenever it comes, and nothing in the number tells of whom it is. A file without a
    column of amounts says only who bought when: its orders come to nothing. In a file with one, every row must say it.
    """
    zone = ZoneInfo(answers.get("time_zone") or "UTC")
    has_amounts = "amount" in answers["columns"]

    def finish(values: dict[str, Any]) -> None:
        if values["amount"] is None:
            if has_amounts:
                raise ValueRefused("missing", "amount")
            values["amount"] = 0
        amount, units = values["amount"], values["units"]
        if abs(amount) > MOST_OF_LINE_MICROS:
            raise ValueRefused("too_large", "amount")
        if units and abs(amount / units) > MOST_OF_LINE_MICROS:
            raise ValueRefused("too_large_together", "units")
        if values["order_number"] is None:
            values["order_number"] = _number(values, values["placed_at"].astimezone(zone))

    return finish


def _number(values: dict[str, Any], placed: datetime) -> str:
    when = f"{placed:%Y%m%d}" if placed.time() == datetime.min.time() else f"{placed:%Y%m%dT%H%M%S.%f}"
    said = (values["customer_number"], when, _plain(values["units"]), _plain(Decimal(values["amount"]) / _MICROS))
    digest = hashlib.sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{when[:8]}-{digest[:16]}"


def _plain(number: Decimal | None) -> str:
    return "" if number is None else format(number.normalize() if number else Decimal(0), "f")
