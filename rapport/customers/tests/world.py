"""Customers for the tests of this room and of those above it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import add_touchpoint, ensure_source
from rapport.customers.models import Customer, Profile
from rapport.customers.survivorship.deriving import derive_customers
from tests.world import NOW


def make_customer(name: str = "Ana Souza", *, owner: Any = None, source: str = "shop", **values: Any) -> Customer:
    """A customer with one profile, as an import would leave it."""
    kind = values.pop("kind", "person")
    external_id = values.pop("external_id", name)
    with acting(SYSTEM):
        customer = Customer.objects.create(kind=kind, owner=owner)
        add_profile(customer, source=source, external_id=external_id, name=name or None, **values)
    customer.refresh_from_db()
    return customer


def add_profile(
    customer: Customer, *, source: str, external_id: str, seen_at: datetime = NOW, priority: int = 100, **values: Any
) -> Profile:
    with acting(SYSTEM):
        profile = Profile.objects.create(
            customer=customer,
            source=ensure_source(source, label=source.title(), priority=priority),
            external_id=external_id,
            kind=customer.kind,
            seen_at=seen_at,
            **values,
        )
        derive_customers([customer.pk])
    customer.refresh_from_db()
    return profile


def touch(customer: Customer, kind: str = "page_view", *, days_ago: float = 0, **values: Any) -> int:
    profile = Profile.objects.filter(customer=customer).order_by("pk").first()
    assert profile is not None
    values = {"channel": "web", "summary": "", **values}
    return add_touchpoint(
        customer_id=customer.pk, profile_id=profile.pk, kind=kind, occurred_at=NOW - timedelta(days=days_ago), **values
    )
