"""Fields of one's own for the tests, one of each kind."""

from __future__ import annotations

from typing import Any

from rapport.records.custom_fields.actions import add_field, choices_from

KINDS = ("text", "number", "money", "date", "choice", "choices", "boolean", "link")


def make_field(by: Any, label: str, kind: str = "text", *, object_name: str = "customer", **details: Any) -> Any:
    if "choices" in details:
        details["choices"] = choices_from(details["choices"], [])
    return add_field(object_name, label=label, kind=kind, by=by, **details)


def make_every_kind(by: Any, *, object_name: str = "customer", **details: Any) -> dict[str, Any]:
    """One field of each kind by its kind."""
    choices = {"choices": ["Gold", "Silver", "Bronze"]}
    return {
        kind: make_field(
            by,
            f"My {kind}",
            kind,
            object_name=object_name,
            **(choices if kind in ("choice", "choices") else {}),
            **details,
        )
        for kind in KINDS
    }


EVERY_VALUE = {
    "c_my_text": "Blue suede",
    "c_my_number": "12.5",
    "c_my_money": 1_250_000_000,
    "c_my_date": "2026-03-14",
    "c_my_choice": "gold",
    "c_my_choices": ["gold", "bronze"],
    "c_my_boolean": True,
    "c_my_link": "https://example.com/a?b=1",
}
