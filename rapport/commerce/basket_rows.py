"""Rows of products that were bought: which belong together, and what a line is that has no price. No Django here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from rapport.commerce.order_rows import order_finisher
from rapport.records.imports.values import ValueRefused

WHOSE = ("customer_number", "customer_email", "order_number")
_LONGEST_CODE = 200


def basket_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `baskets`.

    Rows without an order number belong to the one order of their customer on their day; nothing in its number tells of whom it
    is. In a file without product codes the product's name is its code, in one without prices a line comes to nothing.
    """
    finish_order = order_finisher(answers)
    zone = ZoneInfo(answers.get("time_zone") or "UTC")
    has_prices, has_codes = ("unit_price" in answers["columns"], "stock_code" in answers["columns"])

    def finish(values: dict[str, Any]) -> None:
        if not has_codes and values["description"] is not None:
            values["stock_code"] = values["description"].strip()[:_LONGEST_CODE]
        if not values["stock_code"]:
            raise ValueRefused("no_product", "stock_code" if has_codes else "description")
        if not has_prices:
            values["unit_price"] = 0
        finish_order(values)
        if values["order_number"] is None:
            if values["customer_key"] is None:
                raise ValueRefused("no_order", *WHOSE)
            values["order_number"] = _number(values["customer_key"], f"{values['placed_at'].astimezone(zone):%Y%m%d}")

    return finish


def _number(customer: str, day: str) -> str:
    digest = hashlib.sha256(f"{customer}\x1f{day}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{day}-{digest[:16]}"
