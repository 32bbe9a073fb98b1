"""A shop as a refresh would leave it: the tables that marts read, made by DuckDB, always the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from rapport.insight.warehouse.parts import ROWS_PER_FILE, ROWS_PER_GROUP

CUSTOMERS, ORDERS, TOUCHPOINTS = 1_000_000, 2_500_000, 50_000_000
LINES_PER_ORDER = 4
PRODUCTS = 5_000
AS_OF, BEFORE = date(2025, 12, 31), date(2024, 12, 31)
CURRENCY = "EUR"
_SECONDS = 1096 * 86_400

_MOMENT = "to_timestamp(1672531200 + {second})"
_DAY = "date '2023-01-01' + ({second} // 86400)::integer"
_SECOND = f"({{number}} * {_SECONDS} // ({{rows}} + 1))"

# always the same for the same number: one of 0 … most - 1, and something from 0 to 1
_MACROS = (
    "create macro chance(number, what, most) as (hash(number, what) % most::ubigint)::bigint",
    "create macro evenly(number, what) as hash(number, what) / 18446744073709551616.0",
)
_ORDERS = """
select o as order_id, case when chance(o, 'nobody', 40) > 0 then who end as profile_id,
       case when chance(o, 'nobody', 80) = 0 then who end as direct_customer_id, kind, {moment} as placed_at, {day} as placed_on,
       (case when kind = 'sale' then 1 else -1 end) * (100 + chance(o, 'total', 20000))::bigint * 10000 as total_micros,
       case when chance(o, 'currency', 50) > 0 then 'EUR' else 'GBP' end as currency,
       (['web_shop', 'till', 'phone'])[1 + chance(o, 'channel', 3)] as channel, {lines_per_order}::bigint as line_count,
       case when kind <> 'sale' and o % 2 = 0 then greatest(o - 1000, 0)::bigint end as reverses_id,
       case when chance(o, 'delivered', 3) > 0 then {day} + 2 end as delivered_on
  from (select o, least({customers}, 1 + floor({customers} * pow(evenly(o, 'who'), 2)))::bigint as who,
               (['cancellation', 'return', 'adjustment'])[1 + chance(o, 'kind', 33)] as other, coalesce(other, 'sale') as kind
          from range({low}, {high}) made (o))
"""
_LINES = """
select o as order_id, number, case when chance(o * 8 + number, 'none', 50) > 0 then product end as product_id,
       sign * quantity * 1000000 as quantity_micros, unit as unit_price_micros, sign * quantity * unit as amount_micros
  from (select o, number, (case when chance(o, 'kind', 33) < 3 then -1 else 1 end)::bigint as sign,
               (1 + chance(o * 8 + number, 'quantity', 3))::bigint as quantity,
               least({products}, 1 + floor({products} * pow(evenly(o * 8 + number, 'what'), 3)))::bigint
                   as product,
               (100 + product * 7919 % 9900)::bigint * 10000 as unit
          from range({low}, {high}) made (line),
               lateral (select line // {lines_per_order} as o, line % {lines_per_order} as number))
"""
_TOUCHPOINTS = """
select t as touchpoint_id, who as profile_id,
       (['page_view', 'page_view', 'page_view', 'page_view', 'email', 'order', 'delivery', 'call', 'visit', 'case', 'campaign',
         'campaign', 'survey', 'review'])[1 + chance(t, 'kind', 14)] as kind,
       (['web', 'web_shop', 'email', 'phone', 'direct_mail'])[1 + chance(t, 'channel', 5)] as channel,
       case when chance(t, 'direction', 3) = 0 then 'out' else 'in' end as direction, {moment} as occurred_at, {day} as occurred_on,
       case when t % 2 = 0 then 'live' else 'import' end as source_kind
  from (select t, least({customers}, 1 + floor({customers} * pow(evenly(t, 'who'), 1.5)))::bigint as who
          from range({low}, {high}) made (t))
"""
_PROFILES = """
select p as profile_id, case when p % 20 = 0 then p - 1 else p end as customer_id from range({low}, {high}) made (p)
"""
_PRODUCTS = """
select p as product_id, 'P' || p as code, 'Product ' || p as name, 'Category ' || p % 40 as category,
       (100 + p * 7919 % 9900) * 10000 as price_micros,
       case when p % 4 > 0 then (100 + p * 7919 % 9900) * 6000 + p % 7 end as cost_micros, 'EUR' as currency
  from range({low}, {high}) made (p)
"""
_VALUES = """
select 1 + v // 2 as customer_id, (['plan', 'taste'])[1 + v % 2] as field,
       (['gold', 'silver', 'bronze'])[1 + chance(v, 'value', 3)] as value from range({low}, {high}) made (v)
"""
_RELATIONSHIPS = """
select r as relationship_id, case when r % 5 > 0 then 'referred' else 'household' end as kind,
       1 + (chance(r, 'by', 4 * r))::bigint as from_profile_id, 5 * r as to_profile_id,
       case when r % 3 > 0 then date '2023-01-01' + (chance(r, 'since', 1000))::integer end as since, null::date as until
  from range({low}, {high}) made (r)
"""


@dataclass(frozen=True)
class Sizes:
    """How many rows of each."""

    customers: int
    orders: int
    touchpoints: int

    @classmethod
    def of(cls, scale: float) -> Sizes:
        return cls(*(int(size * scale) for size in (CUSTOMERS, ORDERS, TOUCHPOINTS)))

    @property
    def lines(self) -> int:
        return self.orders * LINES_PER_ORDER


def make_shop(folder: Path, sizes: Sizes) -> None:
    """Skewed as shops are: a few customers and products of many orders, most of few."""
    # what it takes, the first number, and the number after the last
    tables = {
        "orders": (_ORDERS, 1, sizes.orders + 1),
        "order_lines": (_LINES, LINES_PER_ORDER, LINES_PER_ORDER + sizes.lines),
        "touchpoints": (_TOUCHPOINTS, 1, sizes.touchpoints + 1),
        "profile_customers": (_PROFILES, 1, sizes.customers + 1),
        "products": (_PRODUCTS, 1, PRODUCTS + 1),
        "customer_values": (_VALUES, 0, 2 * sizes.customers),
        "relationships": (_RELATIONSHIPS, 1, sizes.customers // 5 + 1),
    }
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "tmp")}) as connection:
        for macro in _MACROS:
            connection.execute(macro)
        for name, (select, first, after) in tables.items():
            (folder / name).mkdir(parents=True)
            for number, low in enumerate(range(first, after, ROWS_PER_FILE)):
                _write(
                    connection, select, folder / name / f"{number}.parquet", sizes, low, min(low + ROWS_PER_FILE, after)
                )


def _write(connection: duckdb.DuckDBPyConnection, select: str, file: Path, sizes: Sizes, low: int, high: int) -> None:
    rows = sizes.touchpoints if select is _TOUCHPOINTS else sizes.orders
    second = _SECOND.format(number="t" if select is _TOUCHPOINTS else "o", rows=rows)
    query = select.format(
        low=low, high=high, customers=sizes.customers, products=PRODUCTS, lines_per_order=LINES_PER_ORDER,
        moment=_MOMENT.format(second=second), day=_DAY.format(second=second),
    )  # fmt: skip
    connection.execute(
        f"copy ({query}) to '{file}' (format parquet, compression zstd, compression_level 1, row_group_size {ROWS_PER_GROUP})"
    )
