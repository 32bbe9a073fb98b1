"""Rows of contacts in a file: whom, what kind, when, in one spelling. No Django here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapport.customers.normalizing import normalize_email
from rapport.records.values import ValueRefused

# what systems call a kind of contact → what it is here
_KINDS = {
    "call": "call", "phone": "call", "phone call": "call", "telephone": "call", "anruf": "call", "telefonat": "call",
    "appel": "call", "llamada": "call", "hovor": "call", "telefoongesprek": "call",
    "note": "note", "notes": "note", "comment": "note", "task": "note", "to do": "note", "todo": "note", "deadline": "note",
    "notiz": "note", "aufgabe": "note", "nota": "note", "poznámka": "note",
    "visit": "visit", "besuch": "visit", "visite": "visit", "visita": "visit",
    "meeting": "meeting", "appointment": "meeting", "event": "meeting", "lunch": "meeting", "termin": "meeting",
    "besprechung": "meeting", "réunion": "meeting", "reunión": "meeting", "schůzka": "meeting", "demo": "meeting",
    "email": "email", "e-mail": "email", "mail": "email", "emails": "email", "courriel": "email", "correo": "email",
    "page view": "page_view", "page_view": "page_view", "pageview": "page_view", "web visit": "page_view",
    "campaign": "campaign", "campaign response": "campaign", "case": "case", "ticket": "case",
    "registration": "registration", "sign-up": "registration", "signup": "registration",
}  # fmt: skip
_CHANNELS = {"call": "phone", "email": "email", "visit": "field_sales", "meeting": "field_sales", "page_view": "web",
             "registration": "web", "campaign": "email"}  # fmt: skip
_OUTWARD = ("out", "outbound", "outgoing", "sent", "to customer", "ausgehend", "sortant", "saliente")


def touchpoint_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `touchpoints`; a kind that is not known here is a note that says it."""

    def finish(values: dict[str, Any]) -> None:
        values["email_norm"] = normalize_email(values["customer_email"])
        if not values["customer_number"] and not values["email_norm"]:
            raise ValueRefused("missing", "customer_number")
        said = (values["kind"] or "").strip()
        kind = _KINDS.get(said.casefold())
        text = values["text"] or ""
        if kind is None and said:
            text = f"{said}: {text}" if text else said
        values["kind"] = kind or "note"
        values["channel"] = (
            (values["channel"] or _CHANNELS.get(values["kind"], "other")).strip().casefold().replace(" ", "_")
        )
        values["direction"] = "out" if (values["direction"] or "").strip().casefold() in _OUTWARD else "in"
        values["text"] = text

    return finish
