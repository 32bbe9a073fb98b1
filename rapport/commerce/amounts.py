"""How much one line and one order may come to, so that what is added up later still fits. No Django here: workers use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapport.customers.normalizing import country_code
from rapport.records.imports.values import ValueRefused

# ten billion and a thousand billion of the currency's unit; ninety of the largest orders still fit into a BIGINT
MOST_OF_LINE_MICROS = 10**16
MOST_OF_ORDER_MICROS = 10**17


def line_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Refuses rows of the importer `retail-lines` whose quantity and price are sane alone but not together.

    Countries become codes, as in every import.
    """

    def finish(values: dict[str, Any]) -> None:
        if abs(values["quantity"] * values["unit_price"]) > MOST_OF_LINE_MICROS:
            raise ValueRefused("too_large_together", "quantity")
        values["country"] = country_code(values["country"])

    return finish
