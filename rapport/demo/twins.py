"""Duplicates that nobody has noticed yet: somebody known already, taken in again with a slip of the pen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rapport.demo import company
from rapport.demo.ledger import Customer, Ledger, dice_for
from rapport.demo.names import PersonName
from rapport.demo.profiles import seen_in

_ONE_IN = 70


def add_twins(ledger: Ledger) -> None:
    """For about one customer in seventy a second one with the same phone or e-mail address, heard of by telephone."""
    dice = dice_for(ledger.seed, "twins")
    known = [c for c in ledger.customers if not c.is_organization and c.phone and company.CALLS not in c.profiles]
    for original in dice.sample(known, min(len(ledger.customers) // _ONE_IN, len(known))):
        began = max(original.joined_at, ledger.now - timedelta(days=900))
        at = began + (ledger.now - began) * dice.random()
        twin = replace(
            original,
            place=len(ledger.customers) + 1,
            dice=dice_for(ledger.seed, "twin", original.place),
            name=_misheard(original, dice.random()),
            joined_at=at,
            former_address=None,
            owner=None,
            profiles={},
            orders=[],
        )
        ledger.customers.append(twin)
        profile = seen_in(ledger, twin, company.CALLS, at)
        ledger.log(
            profile, at, "call", "call_center", "Asked whether the Utrecht store is open on Sunday.",
            by=dice.choice(company.AGENTS),
        )  # fmt: skip


def _misheard(customer: Customer, chance: float) -> PersonName:
    name = customer.name
    if not name.full.isascii() or chance < 0.4:
        return name
    slips = (
        ("ij", "y"),
        ("ck", "k"),
        ("ou", "au"),
        ("dt", "d"),
        ("ss", "s"),
        ("nn", "n"),
        ("ee", "e"),
        ("van den", "v.d."),
    )
    for right, wrong in slips:
        if right in name.family:
            family = name.family.replace(right, wrong, 1)
            return replace(name, family=family, full=f"{name.given} {family}")
    return replace(name, given=name.given[0] + ".", full=name.initialed)
