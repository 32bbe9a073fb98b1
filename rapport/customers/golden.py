"""The golden attributes: what a profile may say of a person or an organization, and what a customer shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEXT_FIELDS = (
    "name",
    "given_name",
    "family_name",
    "organization",
    "job_title",
    "email",
    "phone",
    "website",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "language",
    "life_stage",
    "preferred_channel",
)
DATE_FIELDS = ("born_on",)
GOLDEN_FIELDS = (*TEXT_FIELDS, *DATE_FIELDS)
STAFF_SOURCE = "staff"
EVERY_FIELD = "*"
CUSTOM_PREFIX = "custom."


@dataclass(frozen=True)
class Unit:
    """Fields whose values are taken from one profile together. A profile that states one of `lead` goes before others."""

    name: str
    fields: tuple[str, ...]
    lead: tuple[str, ...] = ()


_TOGETHER = (
    Unit("name", ("name", "given_name", "family_name"), lead=("name",)),
    Unit("address", ("street", "postal_code", "city", "region", "country"), lead=("street", "postal_code", "city")),
)
_UNIT_OF = {field: unit for unit in _TOGETHER for field in unit.fields}
UNITS = tuple(dict.fromkeys(_UNIT_OF.get(field) or Unit(field, (field,)) for field in GOLDEN_FIELDS))
UNIT_BY_NAME = {unit.name: unit for unit in UNITS}


def unit_of(field: str) -> Unit:
    """The unit that a golden attribute, or a custom value called `custom.<name>`, is chosen in."""
    return _UNIT_OF.get(field) or Unit(field, (field,))


def said_by(record: Any, field: str) -> Any:
    """What a profile says, or a customer shows, of a golden attribute or of a custom value; None where nothing."""
    is_custom = field.startswith(CUSTOM_PREFIX)
    value = record.custom.get(field.removeprefix(CUSTOM_PREFIX)) if is_custom else getattr(record, field)
    return None if value in ("", []) else value


def say(record: Any, field: str, value: Any) -> str:
    """Have a profile say `value`, or nothing with None; returns the column to save."""
    if not field.startswith(CUSTOM_PREFIX):
        setattr(record, field, value)
        return field
    rest = {name: said for name, said in record.custom.items() if name != field.removeprefix(CUSTOM_PREFIX)}
    record.custom = rest if value is None else {**rest, field.removeprefix(CUSTOM_PREFIX): value}
    return "custom"
