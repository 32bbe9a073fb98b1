"""A tiny shop: orders as rows for the marts, and as records in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import ibis
import pyarrow as pa
from ibis import ir

from rapport.core.acting import SYSTEM, acting

MICROS = 1_000_000
_FACTS = pa.schema(
    [
        ("order_id", pa.int64()),
        ("customer_id", pa.int64()),
        ("kind", pa.string()),
        ("placed_on", pa.date32()),
        ("total_micros", pa.int64()),
        ("reverses_id", pa.int64()),
        ("delivered_on", pa.date32()),
    ]
)


def order(customer: int | None, day: date, total: float = 10, kind: str = "sale") -> dict[str, Any]:
    return {"customer_id": customer, "placed_on": day, "total_micros": round(total * MICROS), "kind": kind}


def orders(*rows: dict[str, Any]) -> ir.Table:
    """The facts that marts start from, in the order given."""
    numbered = [{"order_id": number} | row for number, row in enumerate(rows, start=1)]
    return ibis.memtable(pa.Table.from_pylist(numbered, schema=_FACTS))


def rows_of(table: ir.Table, *, by: str = "customer_id", threads: int = 2) -> list[dict[str, Any]]:
    backend = ibis.duckdb.connect(threads=threads)
    found: list[dict[str, Any]] = backend.to_pyarrow(table).to_pylist()
    return sorted(found, key=lambda row: row[by])


def bands_of(table: ir.Table, name: str) -> dict[int, int]:
    return {row["customer_id"]: row[f"{name}_band"] for row in rows_of(table)}


def make_customer(name: str = "Mina Kim", **fields: Any) -> Any:
    """A customer with the one profile that its orders hang on, as `customer.profile`."""
    from rapport.customers.models import Customer, Profile, Source

    with acting(SYSTEM):
        source, _ = Source.objects.get_or_create(name="shop", defaults={"label": "Shop", "priority": 10})
        customer = Customer.objects.create(name=name, sort_key=name.lower(), **fields)
        customer.profile = Profile.objects.create(
            customer=customer, source=source, external_id=str(customer.public_id), name=name,
            seen_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    return customer


def make_order(
    customer: Any, placed_at: datetime, total: float = 10, *, currency: str = "GBP", kind: str = "sale"
) -> Any:
    from rapport.commerce.models import Order
    from rapport.customers.models import Source

    with acting(SYSTEM):
        source, _ = Source.objects.get_or_create(name="shop", defaults={"label": "Shop", "priority": 10})
        return Order.objects.create(
            source_id=source.pk, external_id=f"{Order.objects.count() + 1}", kind=kind, customer=customer,
            profile_id=customer.profile.pk if customer else None, channel="web_shop", currency=currency,
            total_micros=round(total * MICROS), line_count=1, placed_at=placed_at,
        )  # fmt: skip


def make_orders(customer: Any, days: Iterable[date], total: float = 10) -> None:
    for day in days:
        make_order(customer, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), total)
