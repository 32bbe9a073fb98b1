"""Files of purchases that name no columns: customer, perhaps another number, the day as YYYYMMDD, how many, for how much."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapport.records.imports.headless import Rows, Shape

NAMES = ("customer id", "date", "units", "amount")
_NAMES_WITH_SECOND = ("customer id", "second id", "date", "units", "amount")
_NUMBER_OF_CUSTOMER = re.compile(r"[\w.-]*\d[\w.-]*")
_DAY = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def purchase_columns(rows: Rows) -> tuple[str, ...] | None:
    """The first row must be a purchase, and half of those looked at: single rows may be broken."""
    if not _is_purchase(rows[0]) or 2 * sum(map(_is_purchase, rows)) < len(rows):
        return None
    return NAMES if len(rows[0]) == len(NAMES) else _NAMES_WITH_SECOND


def _is_purchase(cells: Sequence[str]) -> bool:
    *numbers, day, units, amount = (cell.strip() for cell in ("", "", "", *cells)[-max(len(cells), 3) :])
    return (
        len(numbers) in (1, 2)
        and all(_NUMBER_OF_CUSTOMER.fullmatch(number) for number in numbers)
        and _DAY.fullmatch(day) is not None
        and all(_NUMBER.fullmatch(cell) for cell in (units, amount))
    )


SHAPES = (Shape("purchases", purchase_columns),)
