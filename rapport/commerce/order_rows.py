"""Rows of orders in a file: what kind of order their status makes them, and what a line comes to. No Django here."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rapport.commerce.amounts import MOST_OF_LINE_MICROS
from rapport.customers.normalizing import normalize_email
from rapport.records.imports.values import ValueRefused

_CANCELLED = (
    "cancelled", "canceled", "cancellation", "voided", "void", "expired", "storniert", "storno", "annulliert", "annulée", "annulé",
    "cancelado", "anulado", "geannuleerd",
)  # fmt: skip
_RETURNED = ("returned", "return", "refunded", "retoure", "erstattet", "zurückgesandt", "retourné", "remboursé", "devuelto",
             "reembolsado", "retour", "terugbetaald")  # fmt: skip
_CORRECTED = ("adjustment", "adjusted", "correction", "korrektur", "ajustement", "ajuste", "correctie")


def order_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `orders`; a line without a quantity is one piece."""

    def finish(values: dict[str, Any]) -> None:
        values["email_norm"] = normalize_email(values["customer_email"])
        values["customer_key"] = values["customer_number"] or values["email_norm"]
        values["kind"] = kind_of(values["status"])
        if values["unit_price"] is not None:
            values["quantity"] = Decimal(1) if values["quantity"] is None else values["quantity"]
            if abs(values["quantity"] * values["unit_price"]) > MOST_OF_LINE_MICROS:
                raise ValueRefused("too_large_together", "quantity")

    return finish


def kind_of(status: str | None) -> str | None:
    """The kind of order that a status makes; nothing where it says nothing, a sale where it says anything else."""
    if not status:
        return None
    word = status.strip().casefold()
    for kind, words in (("cancellation", _CANCELLED), ("return", _RETURNED), ("adjustment", _CORRECTED)):
        if word in words:
            return kind
    return "sale"
