"""Writes the demo company's customers: sources, profiles, identifiers, what staff logged, and the timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from rapport.core.loading import load_rows, reserve_ids
from rapport.customers.contact_points.further import ADDRESS_PARTS
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.models import Source
from rapport.customers.survivorship.deriving import derive_customers


class SourceRow(NamedTuple):
    name: str
    label: str
    priority: int


class CustomerRow(NamedTuple):
    """`owner` is the place of a member of the staff in the list of staff, from 1."""

    public_id: UUID
    kind: str
    owner: int | None
    created_at: datetime


class ProfileRow(NamedTuple):
    """`customer` is a customer's place in the list of customers, from 1.

    `values` are golden attributes by name, `custom` those in fields of the business's own.
    """

    customer: int
    source: str
    external_id: str
    kind: str
    seen_at: datetime
    raw: Mapping[str, Any]
    values: Mapping[str, str | date | None]
    custom: Mapping[str, Any] = MappingProxyType({})


class IdentifierRow(NamedTuple):
    kind: int
    value: str
    profile: int


class InteractionRow(NamedTuple):
    public_id: UUID
    profile: int
    kind: str
    text: str
    occurred_at: datetime
    logged_by: int


class TouchpointRow(NamedTuple):
    """`record` is the id of what stands behind it; of a call, note or visit its place among the interactions."""

    occurred_at: datetime
    profile: int
    kind: str
    channel: str
    direction: str
    record: int | None
    summary: str


class ConsentRow(NamedTuple):
    """An entry of the consent ledger."""

    public_id: UUID
    profile: int
    purpose: str
    channel: str
    status: str
    occurred_at: datetime
    origin: str
    proof: Mapping[str, str]


class ContactPointRow(NamedTuple):
    """A further way to reach whom a profile is of; `parts` are those of an address."""

    public_id: UUID
    profile: int
    kind: str
    label: str
    value: str
    value_norm: str | None
    parts: Mapping[str, str]


class RelationshipRow(NamedTuple):
    """A tie between two profiles, by their places."""

    public_id: UUID
    kind: str
    from_profile: int
    to_profile: int
    role: str
    since: date | None


class Loaded(NamedTuple):
    """Where the ids of what was loaded begin: the id of place n is `first + n - 1`."""

    first_customer: int
    first_profile: int


def write_sources(sources: Iterable[SourceRow]) -> dict[str, int]:
    """The ids of all sources by name."""
    for row in sources:
        Source.objects.create(name=row.name, label=row.label, priority=row.priority)
    return dict(Source.objects.values_list("name", "id"))


def write_customers(
    customers: Sequence[CustomerRow],
    profiles: Sequence[ProfileRow],
    identifiers: Sequence[IdentifierRow],
    points: Sequence[ContactPointRow] = (),
    *,
    source_ids: Mapping[str, int],
    staff_ids: Sequence[int],
) -> Loaded:
    """Load customers with their profiles, then derive what they show from them."""
    first = Loaded(reserve_ids("customers_customer", len(customers)), reserve_ids("customers_profile", len(profiles)))
    load_rows(
        "customers_customer",
        ("id", "public_id", "kind", "owner_id", "created_at", "updated_at"),
        (
            (
                first.first_customer + place,
                row.public_id,
                row.kind,
                row.owner and staff_ids[row.owner - 1],
                row.created_at,
                row.created_at,
            )
            for place, row in enumerate(customers)
        ),
    )
    _write_profiles(profiles, first, source_ids=source_ids)
    _write_ways(profiles, points, identifiers, first)
    derive_customers(range(first.first_customer, first.first_customer + len(customers)))
    return first


def _write_profiles(profiles: Sequence[ProfileRow], first: Loaded, *, source_ids: Mapping[str, int]) -> None:
    load_rows(
        "customers_profile",
        ("id", "customer_id", "source_id", "external_id", "kind", "seen_at", "raw", "custom", *GOLDEN_FIELDS),
        (
            (
                first.first_profile + place,
                first.first_customer + row.customer - 1,
                source_ids[row.source],
                row.external_id,
                row.kind,
                row.seen_at,
                Jsonb(row.raw),
                Jsonb(dict(row.custom)),
                *map(row.values.get, GOLDEN_FIELDS),
            )
            for place, row in enumerate(profiles)
        ),
    )


def _write_ways(
    profiles: Sequence[ProfileRow],
    points: Sequence[ContactPointRow],
    identifiers: Sequence[IdentifierRow],
    first: Loaded,
) -> None:
    """How those profiles' people are reached, and what they are known by."""
    load_rows(
        "customers_contactpoint",
        ("public_id", "profile_id", "customer_id", "kind", "label", "value", "value_norm", *ADDRESS_PARTS),
        (
            (
                row.public_id,
                first.first_profile + row.profile - 1,
                first.first_customer + profiles[row.profile - 1].customer - 1,
                row.kind,
                row.label,
                row.value,
                row.value_norm,
                *map(row.parts.get, ADDRESS_PARTS),
            )
            for row in points
        ),
    )
    load_rows(
        "customers_identifier",
        ("kind", "value_norm", "profile_id", "customer_id"),
        (
            (
                row.kind,
                row.value,
                first.first_profile + row.profile - 1,
                first.first_customer + profiles[row.profile - 1].customer - 1,
            )
            for row in identifiers
        ),
    )


def write_relationships(
    ties: Iterable[RelationshipRow], *, customer_of: Callable[[int], int], first_profile: int
) -> None:
    """Load who belongs together; `customer_of` tells the customer's id of a profile's place."""
    load_rows(
        "customers_relationship",
        (
            "public_id",
            "kind",
            "role",
            "from_profile_id",
            "from_customer_id",
            "to_profile_id",
            "to_customer_id",
            "since",
        ),
        (
            (
                row.public_id,
                row.kind,
                row.role,
                first_profile + row.from_profile - 1,
                customer_of(row.from_profile),
                first_profile + row.to_profile - 1,
                customer_of(row.to_profile),
                row.since,
            )
            for row in ties
        ),
    )


def write_consents(consents: Sequence[ConsentRow], *, customer_of: Callable[[int], int], first_profile: int) -> None:
    load_rows(
        "customers_consent",
        ("public_id", "profile_id", "customer_id", "purpose", "channel", "status", "occurred_at", "recorded_at", "origin",
         "wording", "proof", "recorded_by"),
        (
            (
                row.public_id,
                first_profile + row.profile - 1,
                customer_of(row.profile),
                row.purpose,
                row.channel,
                row.status,
                row.occurred_at,
                row.occurred_at,
                row.origin,
                "",
                Jsonb(dict(row.proof)),
                "",
            )
            for row in consents
        ),
    )  # fmt: skip


def write_interactions(
    interactions: Sequence[InteractionRow],
    *,
    customer_of: Callable[[int], int],
    first_profile: int,
    staff_ids: Sequence[int],
) -> int:
    """The id of the first interaction; `customer_of` tells the customer's id of a profile's place."""
    first = reserve_ids("customers_interaction", len(interactions))
    load_rows(
        "customers_interaction",
        ("id", "public_id", "customer_id", "profile_id", "kind", "text", "occurred_at", "logged_at", "logged_by_id"),
        (
            (
                first + place,
                row.public_id,
                customer_of(row.profile),
                first_profile + row.profile - 1,
                row.kind,
                row.text,
                row.occurred_at,
                row.occurred_at,
                staff_ids[row.logged_by - 1],
            )
            for place, row in enumerate(interactions)
        ),
    )
    return first


def write_touchpoints(
    touchpoints: Iterable[TouchpointRow],
    *,
    customer_of: Callable[[int], int],
    first_profile: int,
    from_day: date,
    to_day: date,
) -> None:
    """Load the timeline into its monthly partitions; `record` is an id here."""
    with connection.cursor() as cursor:
        cursor.execute("select touchpoint_partitions(%s, %s)", [from_day, to_day])
    load_rows(
        "customers_touchpoint",
        ("occurred_at", "customer_id", "profile_id", "kind", "channel", "direction", "record_id", "summary"),
        (
            (
                row.occurred_at,
                customer_of(row.profile),
                first_profile + row.profile - 1,
                row.kind,
                row.channel,
                row.direction,
                row.record,
                row.summary,
            )
            for row in touchpoints
        ),
    )
