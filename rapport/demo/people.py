"""Who the customers are: names, homes, ages, languages, and by which channels they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from rapport.demo import company
from rapport.demo.catalogue import BEANS, ESPRESSO, WHOLESALE, Item
from rapport.demo.companies import company_email, company_name
from rapport.demo.habits import CONTACT, ORGANIZATIONS, PEOPLE, habit_of
from rapport.demo.ledger import Customer, Ledger, dice_for
from rapport.demo.names import CULTURES, PersonName
from rapport.demo.places import BY_CODE, ORGANIZATION_SHARES, PEOPLE_SHARES, Country, address_in, filled
from rapport.demo.seasons import local_instant, season

_DAYS = company.YEARS * 365
_ORGANIZATION_SHARE, _CONTACT_SHARE = 0.1, 0.05
VISITED = ("NL", "BE", "DE")
_BUSINESS_CHANNELS = (("field_sales", 5.5), ("call_center", 2.0), ("web_shop", 2.5))
_BUSINESS_CHANNELS_ABROAD = (("call_center", 2.0), ("web_shop", 6.0))
_TITLES = {
    "café": ("Owner", "Head barista", "Manager", "Buyer"),
    "office": ("Office manager", "Facility manager", "Buyer", "Secretary"),
    "restaurant": ("Owner", "Chef", "Manager", "Buyer"),
}
_LIFE_STAGES = (
    (25, ("Student", "Starting out")),
    (34, ("Starting out", "Couple")),
    (48, ("Young family", "Couple", "Single")),
    (55, ("Family with teenagers", "Settled", "Single")),
    (66, ("Settled", "Children left home")),
)
_BUSINESS_STAGES = {
    "café": ("Opening", "Growing", "Established", "Chain"),
    "office": ("Small office", "Growing", "Established"),
    "restaurant": ("Opening", "Established", "Seasonal"),
}


@dataclass
class _Taken:
    """What must belong to one customer only."""

    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    companies: set[str] = field(default_factory=set)


def people_of(ledger: Ledger, count: int, items: tuple[Item, ...]) -> list[Customer]:
    """`count` customers in the order in which they came; every tenth is an organization."""
    taken = _Taken()
    arrivals = sorted(_arrival(dice_for(ledger.seed, "arrival", index), ledger.first_day) for index in range(count))
    beans = [item for item in items if item.category in (BEANS, ESPRESSO) and "Geisha" not in item.name]
    customers: list[Customer] = []
    for place, arrived in enumerate(arrivals, 1):
        dice = dice_for(ledger.seed, "customer", place)
        fate = dice.random()
        joined_at = local_instant(arrived, dice.triangular(7.5, 22, 14) * 3600)
        if fate < _ORGANIZATION_SHARE:
            customer = _organization(place, dice, joined_at, taken)
        else:
            hosts = (
                [c for c in customers[-200:] if c.is_organization]
                if fate < _ORGANIZATION_SHARE + _CONTACT_SHARE
                else []
            )
            customer = _person(place, dice, joined_at, taken, works_at=dice.choice(hosts) if hosts else None)
        customer.favorites = _favorites(customer, beans, items)
        customers.append(customer)
    return customers


def _arrival(dice: Random, first_day: date) -> date:
    """Some were there before; then more every year, and more before Christmas."""
    if dice.random() < 0.36:
        return first_day - timedelta(days=1 + int(dice.random() * 540))
    while True:
        day = first_day + timedelta(days=int(_DAYS * dice.random() ** 0.95))
        if dice.random() < season(day, business=False) / 2.1:
            return day


def _organization(place: int, dice: Random, joined_at: datetime, taken: _Taken) -> Customer:
    country = BY_CODE[dice.choices(list(ORGANIZATION_SHARES), list(ORGANIZATION_SHARES.values()))[0]]
    habit = habit_of(dice, ORGANIZATIONS)
    culture = CULTURES[dice.choices(*_weighted(country.cultures))[0]]
    contact = culture.person(dice)
    address = address_in(country, dice)
    name = company_name(habit.name, country.code, contact, address.city, taken.companies, dice)
    return Customer(
        place, dice, "organization", habit, country, contact, name, None,
        _free(taken.emails, lambda: company_email(name, contact, dice)), _phone(country, taken, dice, share=0.95),
        address, None, "fr" if culture.language == "fr" else country.language,
        _of_its_kind(_BUSINESS_STAGES, habit.name, dice), None, joined_at,
        _BUSINESS_CHANNELS if country.code in VISITED else _BUSINESS_CHANNELS_ABROAD, "", rep_for(country, address.region),
        0.25 + dice.random() * 0.3, dice.choice((0.0, 0.0, 0.05, 0.15, 0.3, 0.5, -0.1)),
    )  # fmt: skip


def _person(place: int, dice: Random, joined_at: datetime, taken: _Taken, *, works_at: Customer | None) -> Customer:
    country = (
        works_at.country if works_at else BY_CODE[dice.choices(list(PEOPLE_SHARES), list(PEOPLE_SHARES.values()))[0]]
    )
    culture_name = dice.choices(*_weighted(country.cultures))[0]
    name = CULTURES[culture_name].person(dice)
    born_on = joined_at.date() - timedelta(days=int(dice.triangular(19, 82, 38) * 365.25))
    habit = CONTACT if works_at else habit_of(dice, PEOPLE)
    address = works_at.address if works_at else address_in(country, dice)
    return Customer(
        place, dice, "person", habit, country, name, works_at.company if works_at else None,
        _of_its_kind(_TITLES, works_at.habit.name, dice) if works_at else None,
        _free(taken.emails, lambda: _email(name, country, born_on, dice)) if works_at or dice.random() < 0.93 else None,
        _phone(country, taken, dice, share=0.66), address,
        address_in(country, dice) if not works_at and dice.random() < 0.1 else None,
        _language(culture_name, country, dice), None if works_at else _life_stage(born_on, joined_at, dice),
        born_on, joined_at, _person_channels(address.city, country, born_on, dice),
        "Utrecht" if address.region in ("Utrecht", "Gelderland") else "Rotterdam",
        works_at.owner if works_at else None, dice.betavariate(1.2, 1.9), 0.0,
    )  # fmt: skip


def _person_channels(city: str, country: Country, born_on: date, dice: Random) -> tuple[tuple[str, float], ...]:
    near_store = country.code == "NL" and city in (
        "Rotterdam",
        "Utrecht",
        "Schiedam",
        "Zeist",
        "Delft",
        "Amersfoort",
        "Gouda",
    )
    store = (
        dice.choice((0.5, 3.0, 9.0)) if near_store else dice.choice((0.0, 0.0, 1.0)) if country.code == "NL" else 0.0
    )
    phone = 1.5 if born_on.year < 1962 else 0.08
    return (("web_shop", 3.0), ("store", store), ("call_center", phone if country.code in ("NL", "BE") else 0.0))


def _of_its_kind(choices: Mapping[str, tuple[str, ...]], habit: str, dice: Random) -> str:
    return dice.choice(next(some for kind, some in choices.items() if kind in habit))


def _life_stage(born_on: date, at: datetime, dice: Random) -> str | None:
    if dice.random() < 0.45:
        return None
    age = at.year - born_on.year
    for limit, stages in _LIFE_STAGES:
        if age <= limit:
            return dice.choice(stages)
    return "Retired"


def _language(culture: str, country: Country, dice: Random) -> str:
    own = CULTURES[culture].language
    if culture == "french" or own == country.language:
        return own
    return own if dice.random() < 0.4 else dice.choice((country.language, country.language, "en"))


def _email(name: PersonName, country: Country, born_on: date, dice: Random) -> str:
    given, family = name.latin_given, name.latin_family
    local = dice.choices(
        (f"{given}.{family}", f"{given}{family}", f"{given[0]}.{family}", f"{family}.{given}", f"{given}{born_on.year % 100:02}",
         f"{given}.{family}{dice.randrange(1, 99)}"), (6, 3, 3, 1, 1, 1),
    )[0]  # fmt: skip
    return f"{local}@{dice.choice(country.mail_hosts)}"


def _free(taken: set[str], make: Callable[[], str]) -> str:
    """The first e-mail address made that nobody has; then numbered."""
    address = make()
    local, _, host = address.partition("@")
    number = 1
    while address in taken:
        number += 1
        address = f"{local}{number}@{host}"
    taken.add(address)
    return address


def _phone(country: Country, taken: _Taken, dice: Random, *, share: float) -> str | None:
    if dice.random() >= share:
        return None
    for _ in range(20):
        number = filled(dice.choice(country.phones), dice)
        if number not in taken.phones:
            taken.phones.add(number)
            return number
    return None


def rep_for(country: Country, region: str) -> int:
    """Each sales person has a district."""
    if country.code in ("DE", "DK"):
        return company.FIELD_SALES[2]
    if country.code in ("BE", "FR"):
        return company.FIELD_SALES[1]
    return company.FIELD_SALES[0] if region in ("Zuid-Holland", "Zeeland", "Noord-Brabant") else company.FIELD_SALES[3]


def _favorites(customer: Customer, beans: list[Item], items: tuple[Item, ...]) -> tuple[Item, ...]:
    big = customer.is_organization
    bags = [item for item in beans if item.name.endswith("1 kg") == (big or customer.dice.random() < 0.25)]
    chosen = customer.dice.choices(
        bags, [item.popularity for item in bags], k=2 if big else 1 + (customer.dice.random() < 0.4)
    )
    if "café" in customer.habit.name:
        chosen.append(next(item for item in items if item.category == WHOLESALE))
    return tuple(dict.fromkeys(chosen))


def _weighted(pairs: tuple[tuple[str, int], ...]) -> tuple[list[str], list[int]]:
    return [name for name, _ in pairs], [weight for _, weight in pairs]
