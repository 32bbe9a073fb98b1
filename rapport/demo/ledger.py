"""What happened, while it is being imagined: customers with their profiles, orders, and the contacts around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

from rapport.commerce.demo import LineRow
from rapport.customers.demo import (
    ConsentRow,
    ContactPointRow,
    IdentifierRow,
    InteractionRow,
    RelationshipRow,
    TouchpointRow,
)
from rapport.demo.catalogue import Item
from rapport.demo.habits import Habit
from rapport.demo.names import PersonName
from rapport.demo.places import Address, Country


def dice_for(seed: int, *purpose: object) -> Random:
    """Random numbers that depend on the seed and on what they are for, not on what was drawn before."""
    return Random(f"{seed}/{'/'.join(map(str, purpose))}")  # noqa: S311 - believable, not secret


def public_id(dice: Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


@dataclass(slots=True)
class Profile:
    """One source's record; `place` numbers it among all profiles, from 1."""

    place: int
    customer: Customer
    source: str
    external_id: str
    first_seen: datetime
    seen_at: datetime
    raw: Mapping[str, Any]
    values: Mapping[str, str | date | None]
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Customer:
    """Somebody with a history. `name` is a person's; an organization has a `company` and its contact's name."""

    place: int
    dice: Random
    kind: str
    habit: Habit
    country: Country
    name: PersonName
    company: str | None
    job_title: str | None
    email: str | None
    phone: str | None
    address: Address
    former_address: Address | None
    language: str
    life_stage: str | None
    born_on: date | None
    joined_at: datetime
    channels: tuple[tuple[str, float], ...]
    store: str
    owner: int | None
    reads_mail: float
    growth: float
    favorites: tuple[Item, ...] = ()
    profiles: dict[str, Profile] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)

    @property
    def is_organization(self) -> bool:
        return self.kind == "organization"


@dataclass(slots=True, eq=False)
class Order:
    """An order on any channel; `place` and `external_id` are given when all orders are known, in their order of time."""

    customer: Customer | None
    profile: Profile | None
    source: str
    channel: str
    kind: str
    reverses: Order | None
    placed_at: datetime
    lines: tuple[LineRow, ...]
    public_id: UUID
    carrier: str = ""
    promised_on: date | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    days_late: int = 0
    place: int = 0
    external_id: str = ""

    @property
    def total_micros(self) -> int:
        return sum(line.quantity * line.unit_price_micros for line in self.lines)


@dataclass
class Ledger:
    """Everything imagined so far, up to `now`: what would come later has not happened."""

    seed: int
    first_day: date
    today: date
    now: datetime
    customers: list[Customer] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    identifiers: list[IdentifierRow] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    interactions: list[InteractionRow] = field(default_factory=list)
    touchpoints: list[TouchpointRow] = field(default_factory=list)
    ties: list[RelationshipRow] = field(default_factory=list)
    points: list[ContactPointRow] = field(default_factory=list)
    consents: list[ConsentRow] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def next_number(self, series: str, start: int) -> int:
        self.numbers[series] = number = self.numbers.get(series, start) + 1
        return number

    def touch(
        self, profile: Profile, at: datetime, kind: str, channel: str, summary: str, *,
        record: int | None = None, direction: str = "in",
    ) -> None:  # fmt: skip
        """Put a contact on the timeline, unless it lies in the future."""
        if at <= self.now:
            self.touchpoints.append(TouchpointRow(at, profile.place, kind, channel, direction, record, summary))

    def log(
        self, profile: Profile, at: datetime, kind: str, channel: str, text: str, *, by: int, direction: str = "in"
    ) -> None:
        """A member of the staff logs a call, note or visit."""
        if at <= self.now:
            dice = profile.customer.dice
            self.interactions.append(InteractionRow(public_id(dice), profile.place, kind, text, at, by))
            self.touch(profile, at, kind, channel, text, record=len(self.interactions), direction=direction)
