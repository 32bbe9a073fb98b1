"""Who belongs together in the demo company: staff of cafés, households, who sent whom; and further ways to reach them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random

from rapport.customers.demo import ContactPointRow, IdentifierRow, RelationshipRow
from rapport.demo.ledger import Customer, Ledger, Profile, dice_for, public_id
from rapport.demo.names import ascii_letters
from rapport.demo.places import Address, address_in
from rapport.demo.profiles import EMAIL, PHONE

_HOUSEHOLD_SHARE, _REFERRED_SHARE, _DELIVERY_SHARE, _MOBILE_SHARE = 0.06, 0.05, 0.3, 0.1
_ROLES = ("spouse", "partner", "sister", "brother", "flatmate", "")
_NEAR = 400


def surround(ledger: Ledger) -> None:
    """Each customer is tied to earlier ones only, so that those who come later change nothing."""
    employers = {c.company: c for c in ledger.customers if c.is_organization}
    neighbors: defaultdict[str, list[Customer]] = defaultdict(list)
    people: list[Customer] = []
    for customer in ledger.customers:
        dice = dice_for(ledger.seed, "around", customer.place)
        employer = None if customer.is_organization else employers.get(customer.company)
        if employer is not None:
            _tie(ledger, dice, "works_at", customer, employer, customer.job_title or "", customer.joined_at.date())
        elif not customer.is_organization:
            _live_and_refer(ledger, dice, customer, neighbors[customer.address.city], people)
        _reach(ledger, dice, customer, employer)
        if not customer.is_organization:
            people.append(customer)
            neighbors[customer.address.city].append(customer)


def _live_and_refer(
    ledger: Ledger, dice: Random, customer: Customer, neighbors: list[Customer], people: list[Customer]
) -> None:
    if neighbors and dice.random() < _HOUSEHOLD_SHARE:
        _tie(ledger, dice, "household", dice.choice(neighbors[-_NEAR:]), customer, dice.choice(_ROLES), None)
    if people and dice.random() < _REFERRED_SHARE:
        _tie(ledger, dice, "referred", dice.choice(people[-_NEAR:]), customer, "", customer.joined_at.date())


def _reach(ledger: Ledger, dice: Random, customer: Customer, employer: Customer | None) -> None:
    profile = _first(customer)
    if customer.is_organization and dice.random() < _DELIVERY_SHARE:
        _add_address(ledger, dice, profile, "delivery", address_in(customer.country, dice))
    if employer is not None and employer.email and customer.email:
        host = employer.email.partition("@")[2]
        local = ascii_letters(customer.name.latin_given) or "post"
        _add(ledger, dice, profile, "email", "work", f"{local}{customer.place}@{host}", EMAIL)
    if customer.country.code == "NL" and dice.random() < _MOBILE_SHARE:
        _add(ledger, dice, profile, "phone", "mobile", f"+316{10_000_000 + customer.place * 7919 % 89_999_999}", PHONE)


def _tie(
    ledger: Ledger, dice: Random, kind: str, one: Customer, other: Customer, role: str, since: date | None
) -> None:
    ledger.ties.append(RelationshipRow(public_id(dice), kind, _first(one).place, _first(other).place, role, since))


def _add(ledger: Ledger, dice: Random, profile: Profile, kind: str, label: str, value: str, identifier: int) -> None:
    ledger.points.append(ContactPointRow(public_id(dice), profile.place, kind, label, value, value, {}))
    ledger.identifiers.append(IdentifierRow(identifier, value, profile.place))


def _add_address(ledger: Ledger, dice: Random, profile: Profile, label: str, address: Address) -> None:
    parts = {
        "street": address.street, "postal_code": address.postal_code, "city": address.city, "region": address.region,
        "country": address.country,
    }  # fmt: skip
    value = ", ".join(part for part in parts.values() if part)
    ledger.points.append(ContactPointRow(public_id(dice), profile.place, "address", label, value, None, parts))


def _first(customer: Customer) -> Profile:
    return next(iter(customer.profiles.values()))
