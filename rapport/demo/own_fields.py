"""What the demo company keeps of its customers in fields of its own: how they like their coffee, and until when they are bound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from rapport.demo import company
from rapport.demo.ledger import Ledger, Profile, dice_for
from rapport.records.registry import FieldKind


class OwnField(NamedTuple):
    name: str
    label: str
    kind: FieldKind
    choices: Mapping[str, str] = MappingProxyType({})
    is_column: bool = False


ROAST = OwnField(
    "c_roast", "Roast", FieldKind.CHOICE,
    {"light": "Light", "medium": "Medium", "dark": "Dark", "decaf": "Decaf"}, is_column=True,
)  # fmt: skip
BREWS_WITH = OwnField(
    "c_brews_with", "Brews with", FieldKind.CHOICES,
    {"espresso_machine": "Espresso machine", "filter": "Filter", "moka_pot": "Moka pot", "french_press": "French press"},
)  # fmt: skip
CONTRACT_UNTIL = OwnField("c_contract_until", "Contract until", FieldKind.DATE)
FIELDS = (ROAST, BREWS_WITH, CONTRACT_UNTIL)


def ask_for_own_fields(ledger: Ledger) -> None:
    """The web shop and the till ask for tastes, field sales write contracts; not everybody answers."""
    for profile in ledger.profiles:
        profile.custom = _said_in(ledger, profile)
        if profile.custom:
            profile.raw = {**profile.raw, **_as_written(profile.custom)}


def _said_in(ledger: Ledger, profile: Profile) -> dict[str, Any]:
    dice = dice_for(ledger.seed, "own fields", profile.customer.place, profile.source)
    if profile.source == company.FIELD and profile.customer.is_organization:
        signed = profile.first_seen.date()
        years = 1 + max(0, (ledger.today - signed).days) // 365 + dice.randrange(2)
        return {CONTRACT_UNTIL.name: (signed + timedelta(days=365 * years)).isoformat()}
    if profile.customer.is_organization:
        return {}
    favorite = dice_for(ledger.seed, "roast", profile.customer.place).choices([*ROAST.choices], (3, 5, 4, 1))[0]
    if profile.source == company.WEB_SHOP and dice.random() < 0.55:
        ways = [way for way in BREWS_WITH.choices if dice.random() < 0.35]
        return {ROAST.name: favorite} | ({BREWS_WITH.name: ways} if ways else {})
    if profile.source == company.TILL and dice.random() < 0.2:
        return {ROAST.name: dice.choice([favorite, favorite, *ROAST.choices])}
    return {}


def _as_written(custom: Mapping[str, Any]) -> dict[str, str]:
    """The columns as the source headed and filled them."""
    written = {}
    for field in FIELDS:
        said = custom.get(field.name)
        if said is not None:
            values = said if isinstance(said, list) else [said]
            written[field.label] = ", ".join(field.choices.get(value, value) for value in values)
    return written
