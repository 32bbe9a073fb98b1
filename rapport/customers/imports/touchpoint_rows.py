"""Rows of contacts in a file: whom, what kind, when, in one spelling. No Django here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rapport.customers.normalizing import normalize_email
from rapport.records.imports.markup import plain_text
from rapport.records.imports.values import ValueRefused

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
    "page view": "page_view", "pageview": "page_view", "web visit": "page_view",
    "campaign": "campaign", "campaign response": "campaign", "case": "case", "ticket": "case",
    "registration": "registration", "sign-up": "registration", "signup": "registration",
    "logged call": "call", "logged email": "email", "incoming email": "email", "forwarded email": "email",
    "outgoing email": "email", "list email": "email", "logged meeting": "meeting",
}  # fmt: skip
CHANNELS = {"call": "phone", "email": "email", "visit": "field_sales", "meeting": "field_sales", "page_view": "web",
            "registration": "web", "campaign": "email"}  # fmt: skip
_OUTWARD = ("out", "outbound", "outgoing", "sent", "to customer", "email", "ausgehend", "sortant", "saliente")
_TO_COME = (
    "to do",
    "todo",
    "to-do",
    "not done",
    "no",
    "false",
    "0",
    "open",
    "planned",
    "scheduled",
    "not started",
    "offen",
    "nein",
)
WHOM = ("customer_number", "customer_email", "customer_name", "organization_number")
_NAME_AND_ADDRESS = re.compile(r"(.*?)\s*[(<]([^()<>\s]+@[^()<>\s]+)[)>]\s*(?:;.*)?")


def touchpoint_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `touchpoints`; a kind that is not known here is a note that says it.

    Where the file says no kind at all, it is left to what was chosen for the whole file.
    """

    def finish(values: dict[str, Any]) -> None:
        if (values["done"] or "").strip().casefold() in _TO_COME:
            raise ValueRefused("to_come", "done")
        _take_address_from_name(values)
        values["email_norm"] = normalize_email(values["customer_email"])
        if not (values["email_norm"] or any(values[name] for name in WHOM)):
            raise ValueRefused("no_customer", *WHOM)
        said = (values["kind"] or "").replace("_", " ").strip()
        kind = _KINDS.get(said.casefold())
        texts = [plain_text(values["text"]), plain_text(values["details"])]
        text = " – ".join(each for each in dict.fromkeys(texts) if each)
        if kind is None and said:
            text = f"{said}: {text}" if text else said
        values["kind"] = kind or ("note" if said else None)
        if values["channel"] or said:
            channel = values["channel"] or CHANNELS.get(str(values["kind"]), "other")
            values["channel"] = channel.strip().casefold().replace(" ", "_")
        values["direction"] = "out" if (values["direction"] or "").strip().casefold() in _OUTWARD else "in"
        values["text"] = text

    return finish


def _take_address_from_name(values: dict[str, Any]) -> None:
    """“Ada Lovelace (ada@example.com)” is a name and an address."""
    found = _NAME_AND_ADDRESS.fullmatch(values["customer_name"] or "")
    if found:
        values["customer_name"] = found[1] or None
        values["customer_email"] = values["customer_email"] or found[2]
