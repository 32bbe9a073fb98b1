"""Tables small enough to read, in which lies everything that has led an engine astray; and how a refresh would leave them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rapport.core.extracts import all_extracts
from rapport.insight.models import Snapshot
from rapport.insight.warehouse import parts
from rapport.insight.warehouse.copying import schema_of

DAY = date(2026, 3, 31)
BEFORE = date(2025, 12, 31)
Rows = dict[str, list[dict[str, Any]]]


def _order(number: int, profile: int | None, placed_at: datetime, **values: Any) -> dict[str, Any]:
    return {
        "order_id": number, "profile_id": profile, "direct_customer_id": None, "kind": "sale", "placed_at": placed_at,
        "placed_on": placed_at.date(), "total_micros": 10_000_000, "currency": "GBP", "channel": "web_shop", "line_count": 2,
        "reverses_id": None,
        "delivered_on": placed_at.date() if number % 3 else None,
    } | values  # fmt: skip


def _an_earlier_one(found: list[dict[str, Any]], row: dict[str, Any]) -> int | None:
    earlier = (each for each in found if each["profile_id"] == row["profile_id"] and each["kind"] == "sale")
    return min((each["order_id"] for each in earlier if each["placed_on"] <= row["placed_on"]), default=None)


def many() -> Rows:
    """Ties, missing keys, refunds, several orders a day, a leap day, the nights when clocks change, another currency."""
    dice = random.Random(11)
    days = [datetime(2024, 2, 29, 23, 59, tzinfo=UTC), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)]
    days += [datetime(2025, 10, 26, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    days += [datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=dice.randint(0, 1150)) for _ in range(40)]
    found = [_order(number, dice.randint(1, 60), dice.choice(days)) for number in range(1, 500)]
    for number, row in enumerate(found):
        row["total_micros"] = dice.choice((0, 1, 9_990_000, 10_000_000, 10_000_000, 333_333_333))
        if number % 9 == 0:
            row |= {"kind": dice.choice(("return", "cancellation", "adjustment")), "total_micros": -row["total_micros"]}
            row["reverses_id"] = _an_earlier_one(found, row) if number % 2 else None
        if number % 41 == 0:
            row |= {"profile_id": None, "direct_customer_id": dice.choice((None, 3, 71))}
        if number % 53 == 0:
            row["currency"] = "EUR"
    found.append(_order(500, 61, days[0], total_micros=2**62))
    found.append(_order(501, 62, days[1], profile_id=999))
    profiles = [{"profile_id": number, "customer_id": number if number % 7 else 1} for number in range(1, 63)]
    return {"orders": found, "profile_customers": profiles} | _beside(found, profiles, dice)


def _beside(found: list[dict[str, Any]], profiles: list[dict[str, Any]], dice: random.Random) -> Rows:
    lines = [
        {"order_id": row["order_id"], "number": number, "product_id": dice.choice((None, 1, 2, 3, 4, 5)),
         "quantity_micros": 1_000_000, "unit_price_micros": row["total_micros"] // 2,
         "amount_micros": row["total_micros"] // 2}
        for row in found for number in range(2)
    ]  # fmt: skip
    products = [
        {"product_id": number, "code": f"P{number}", "name": f"Product {number}", "category": "é" if number % 2 else "",
         "price_micros": 5, "cost_micros": 3 if number % 2 else None, "currency": "GBP"}
        for number in range(1, 6)
    ]  # fmt: skip
    touches = [
        {"touchpoint_id": number, "profile_id": row["profile_id"] or 1, "kind": dice.choice(("call", "order", "email")),
         "channel": dice.choice(("phone", "web")), "direction": "in", "occurred_at": row["placed_at"],
         "occurred_on": row["placed_on"], "source_kind": "live"}
        for number, row in enumerate(found)
    ]  # fmt: skip
    people = [
        {"customer_id": row["customer_id"], "kind": "person", "country": "GB", "region": None, "language": None, "owner_id": None,
         "has_email": True, "has_phone": False, "created_at": found[0]["placed_at"], "created_on": found[0]["placed_on"]}
        for row in profiles if row["profile_id"] == row["customer_id"]
    ]  # fmt: skip
    values = [
        {"customer_id": row["customer_id"], "field": field, "value": dice.choice(("gold", "é", ""))}
        for row in people for field in ("plan", "taste")
    ]  # fmt: skip
    ties = [
        {"relationship_id": number, "kind": "referred" if number % 5 else "household", "from_profile_id": dice.randint(1, 20),
         "to_profile_id": 20 + number % 30, "since": dice.choice((None, found[number]["placed_on"])), "until": None}
        for number in range(1, 50)
    ]  # fmt: skip
    return {
        "relationships": ties,
        "order_lines": lines, "products": products, "touchpoints": touches, "customers": people, "customer_values": values,
    }  # fmt: skip


def single() -> Rows:
    found = [_order(1, 1, datetime(2026, 3, 1, tzinfo=UTC))]
    return {"orders": found} | {"profile_customers": [{"profile_id": 1, "customer_id": 1}]}


GOLDEN: dict[str, Callable[[], Rows]] = {"many": many, "single": single, "nothing": dict}


def write(folder: Path, found: Rows) -> None:
    """As a refresh would leave it that carried another on: some rows stand beside the others, some do not count."""
    for extract in all_extracts():
        schema, told, target = schema_of(extract), found.get(extract.name, []), folder / extract.name
        target.mkdir(parents=True)
        if not extract.key or extract.name not in ("orders", "profile_customers") or len(told) < 3:
            pq.write_table(pa.Table.from_pylist(told, schema=schema), target / "0.parquet")
            continue
        stale = [row | {schema.names[-1]: None} for row in told[::5]]
        pq.write_table(pa.Table.from_pylist([*stale, *(set_aside(told))], schema=schema), target / "0.parquet")
        pq.write_table(pa.Table.from_pylist(told[::5], schema=schema), target / parts.CHANGED)
        keys = pa.array([row[extract.key] for row in told[::5]], pa.int64())
        pq.write_table(pa.table({extract.key: keys}), target / parts.HIDDEN)


def set_aside(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for number, row in enumerate(told) if number % 5]


def snapshot_of(home: Path, name: str, found: Rows) -> Snapshot:
    """The tables as files under the home's warehouse, and the snapshot that names them."""
    folder = home / "warehouse" / name
    write(folder, found)
    counts = {path.name: parts.rows_of(path / "0.parquet") for path in folder.iterdir()}
    return Snapshot(folder=folder.name, time_zone="Europe/London", currency="GBP", counts=counts)
