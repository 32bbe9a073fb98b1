"""People for the tests of this room: profiles as imports leave them, looked at as the jobs do."""

from __future__ import annotations

from typing import Any

from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Identifier, Profile
from rapport.customers.normalizing import normalize_email, normalize_phone
from rapport.customers.survivorship.deriving import derive_customers
from rapport.customers.tests.world import make_customer
from rapport.identity.queries import every_profile_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles
from tests.world import NOW


def person(
    name: str = "Ana Souza", *, source: str = "shop", owner: Any = None, card: str = "", **values: Any
) -> Customer:
    """A customer of one profile with its identifiers, not yet looked at."""
    customer = make_customer(name, owner=owner, source=source, **values)
    with acting(SYSTEM):
        identify(Profile.objects.get(customer=customer), card=card)
    return customer


def identify(profile: Profile, *, card: str = "") -> None:
    Identifier.objects.filter(profile=profile).delete()
    said = (
        (1, normalize_email(profile.email)),
        (2, normalize_phone(profile.phone, profile.country)),
        (3, card or None),
    )
    for kind, value in said:
        if value:
            Identifier.objects.create(kind=kind, value_norm=value, profile=profile, customer=profile.customer)


def look(*customers: Customer) -> None:
    """What the jobs do after an import; without customers, the whole of it."""
    ids = [customer.pk for customer in customers]
    profiles = [p.pk for p in Profile.objects.filter(customer__in=ids)] if ids else every_profile_to_resolve()
    resolve_profiles(profiles, by=IDENTITY, now=NOW)


def one(*customers: Customer) -> bool:
    """Whether these are one customer now."""
    return len({current(customer) for customer in customers}) == 1


def current(customer: Customer) -> int:
    customer.refresh_from_db()
    return customer.merged_into_id or customer.pk


def rows(table: str, *, without: tuple[str, ...] = (), where: str = "true") -> list[Any]:
    """The rows of a table as they are, without what every derivation changes."""
    with connection.cursor() as cursor:
        dropped = "".join(f" - '{column}'" for column in without)
        cursor.execute(f"select to_jsonb(t){dropped} from {table} t where {where} order by 1")
        return [row[0] for row in cursor.fetchall()]


def derive(*customers: Customer) -> None:
    with acting(SYSTEM):
        derive_customers([customer.pk for customer in customers])
