"""What each source knows of a customer: a till less than the web shop, and everybody writes it differently."""

from __future__ import annotations

from datetime import date, datetime
from random import Random
from typing import Any

from rapport.customers.demo import IdentifierRow
from rapport.demo import company
from rapport.demo.ledger import Customer, Ledger, Profile

EMAIL, PHONE, LOYALTY_CARD, COOKIE = 1, 2, 3, 4
Values = dict[str, str | date | None]
_REGISTERED = {
    company.WEB_SHOP: ("web_shop", "Created a web shop account"),
    company.NEWSLETTER: ("web", "Signed up for the newsletter"),
    company.FIELD: ("field_sales", "Became a business customer"),
}
_CALLING_CODES = (
    "+420",
    "+380",
    "+359",
    "+971",
    "+31",
    "+32",
    "+49",
    "+33",
    "+44",
    "+34",
    "+39",
    "+48",
    "+46",
    "+45",
    "+30",
    "+82",
    "+86",
    "+81",
)


def seen_in(ledger: Ledger, customer: Customer, source: str, at: datetime) -> Profile:
    """The customer's profile in a source, made when first seen there."""
    known = customer.profiles.get(source)
    if known is not None:
        known.seen_at = max(known.seen_at, at)
        return known
    values = _values(customer, source, at)
    external_id = _external_id(ledger, source, customer)
    profile = Profile(
        len(ledger.profiles) + 1, customer, source, external_id, at, at,
        _raw(values, source, external_id, customer.dice), values,
    )  # fmt: skip
    ledger.profiles.append(profile)
    customer.profiles[source] = profile
    _identify(ledger, profile)
    _register(ledger, profile, at)
    return profile


def _values(customer: Customer, source: str, at: datetime) -> Values:
    """The golden attributes this source has; it may still have the address from before a move."""
    dice, address = customer.dice, customer.address
    if customer.former_address is not None and (dice.random() < 0.5 or source == company.TILL):
        address = customer.former_address
    place: Values = {
        "street": address.street,
        "postal_code": address.postal_code or None,
        "city": address.city,
        "region": address.region or None,
        "country": address.country,
    }
    person: Values = {
        "name": customer.name.full,
        "given_name": customer.name.given,
        "family_name": customer.name.family,
    }
    firm: Values = {"name": customer.company} if customer.is_organization else {"organization": customer.company}
    contact: Values = {"email": customer.email, "phone": customer.phone}
    who = firm if customer.is_organization else person | firm
    if source == company.NEWSLETTER:
        said: Values = (
            {"given_name": customer.name.given, "name": customer.name.given} if not customer.is_organization else firm
        )
        told: Values = {"email": customer.email, "language": customer.language}
        return said | told | ({"life_stage": customer.life_stage} if dice.random() < 0.6 else {})
    if source == company.TILL:
        card: Values = {
            "name": customer.name.initialed if dice.random() < 0.3 else customer.name.full,
            "phone": customer.phone if dice.random() < 0.5 else None,
        }
        if dice.random() < 0.4:
            card["born_on"] = customer.born_on
        return card | {"postal_code": place["postal_code"], "city": place["city"], "country": place["country"]}
    if source == company.CALLS:
        return who | {
            "phone": customer.phone,
            "city": place["city"],
            "street": place["street"],
            "country": place["country"],
        }
    if source == company.FIELD:
        return (
            who
            | contact
            | place
            | {"language": customer.language, "life_stage": customer.life_stage, "job_title": customer.job_title}
        )
    asked: Values = {"language": customer.language}
    if dice.random() < 0.35:
        contact["phone"] = None
    if dice.random() < 0.5:
        asked |= {"life_stage": customer.life_stage, "born_on": customer.born_on}
    return who | contact | place | asked


def _raw(values: Values, source: str, external_id: str, dice: Random) -> dict[str, Any]:
    """The record as the source wrote it, with its own column names and habits."""
    columns = {
        "name": "Naam", "given_name": "Voornaam", "family_name": "Achternaam", "postal_code": "Postcode", "city": "Plaats",
        "phone": "Telefoon", "street": "Adres", "country": "Land", "email": "E-mail",
    } if source in (company.TILL, company.CALLS) else {}  # fmt: skip
    raw: dict[str, Any] = {"Id" if columns else "id": external_id}
    for field, value in values.items():
        if value is None:
            continue
        text = value.isoformat() if isinstance(value, date) else value
        if field == "phone":
            text = _as_dialed(text, dice)
        elif field == "email" and dice.random() < 0.12:
            text = text.capitalize()
        raw[columns.get(field, field)] = text
    return raw


def _as_dialed(number: str, dice: Random) -> str:
    code = next((code for code in _CALLING_CODES if number.startswith(code)), "")
    national = "0" + number[len(code) :]
    return dice.choice((number, national, f"{national[:3]}-{national[3:]}", f"{code} {number[len(code) :]}"))


def _external_id(ledger: Ledger, source: str, customer: Customer) -> str:
    if source == company.WEB_SHOP:
        return str(ledger.next_number(source, 48_200))
    if source == company.TILL:
        return f"K{ledger.next_number(source, 700_100) * 7 % 1_000_000:06}-{customer.place % 90 + 10}"
    if source == company.FIELD:
        return f"Z-{ledger.next_number(source, 2_400)}"
    if source == company.CALLS:
        return f"C{ledger.next_number(source, 15_000)}"
    if source == company.NEWSLETTER:
        return f"n-{ledger.next_number(source, 9_000)}"
    return f"customer-{customer.place}"


def _identify(ledger: Ledger, profile: Profile) -> None:
    for kind, field in ((EMAIL, "email"), (PHONE, "phone")):
        value = profile.values.get(field)
        if isinstance(value, str):
            ledger.identifiers.append(IdentifierRow(kind, value, profile.place))
    if profile.source == company.TILL:
        ledger.identifiers.append(IdentifierRow(LOYALTY_CARD, profile.external_id, profile.place))
    if profile.source == company.WEB_SHOP:
        cookie = f"a-{profile.customer.dice.getrandbits(64):016x}"
        ledger.identifiers.append(IdentifierRow(COOKIE, cookie, profile.place))


def _register(ledger: Ledger, profile: Profile, at: datetime) -> None:
    if profile.source == company.TILL:
        ledger.touch(profile, at, "registration", "store", f"Took a loyalty card in {profile.customer.store}")
    elif profile.source in _REGISTERED:
        channel, text = _REGISTERED[profile.source]
        ledger.touch(profile, at, "registration", channel, text)


def correct_by_staff(ledger: Ledger, customer: Customer) -> None:
    """Now and then a colleague typed in something better than what the sources say."""
    dice = customer.dice
    if dice.random() > (0.12 if customer.is_organization else 0.03):
        return
    latest = max(profile.seen_at for profile in customer.profiles.values())
    at = min(latest + (ledger.now - latest) * (0.3 * dice.random()), ledger.now)
    values: Values = {"life_stage": customer.life_stage or "Settled"}
    if customer.phone and dice.random() < 0.5:
        values = {"phone": customer.phone}
    elif not customer.is_organization:
        values = {"name": customer.name.full, "given_name": customer.name.given, "family_name": customer.name.family}
    external_id = _external_id(ledger, company.STAFF_SOURCE, customer)
    profile = Profile(len(ledger.profiles) + 1, customer, company.STAFF_SOURCE, external_id, at, at, {}, values)
    ledger.profiles.append(profile)
    customer.profiles[company.STAFF_SOURCE] = profile
    _identify(ledger, profile)
