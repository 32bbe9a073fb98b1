"""Applying staged orders, one row each or one for each of their lines: products, customers, orders."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.commerce.order_chunks import count_orders, known_order, own_values_of, with_own_values, write_orders
from rapport.commerce.retail_import import chunks_of, fresh
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.imports.people import apply_people
from rapport.records.imports.importing import Counts, Run

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

# what Rapport has exported itself is known by its id, and stays as it is
_TELLING = sql.SQL("""
not exists (select from commerce_order known
             where known.public_id = case when s.rapport_id ~ {uuid} then s.rapport_id::uuid end)
""").format(uuid=sql.Literal(_UUID))

_PRODUCTS = sql.SQL("""
create unlogged table {target} as
select mod(abs(hashtext(stock_code)::bigint), {buckets})::integer as bucket, stock_code as key,
       coalesce((array_agg(description order by line desc) filter (where description is not null))[1], '') as name
  from {table} s where stock_code is not null and {telling} group by stock_code
""")

# by number, else by an address that one customer alone has
_CUSTOMER = sql.SQL("""
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = s.customer_key offset 0) n on true
  left join lateral (select min(profile_id) as id, min(customer_id) as customer_id from customers_identifier
                      where kind = 1 and value_norm = s.email_norm having count(distinct customer_id) = 1) e on n.id is null
""")

_PEOPLE = sql.SQL("""
create unlogged table {target} as
select mod(abs(hashtext(customer_key)::bigint), {buckets})::integer as bucket, line, customer_key as key, {golden},
       'person' as kind, email_norm, null::text as phone_norm, null::text as sort_key, null::text[] as words,
       placed_at as seen_at, '{{}}' as raw, md5(customer_key) as raw_hash, null::text as custom, null::text as points
  from (select distinct on (s.customer_key) s.*
          from {table} s {customer}
         where s.customer_key is not null and coalesce(n.customer_id, e.customer_id) is null and {telling}
         order by s.customer_key, s.line) s
""")

_LINES_CHUNK = sql.SQL("""
create temporary table retail_lines on commit drop as
select s.line, s.key, coalesce(s.description, '') as description, s.quantity, s.unit_price,
       round(s.quantity * s.unit_price)::bigint as amount, p.id as product_id,
       row_number() over (partition by s.key order by s.line)::integer as number
  from {table} s
  left join lateral (select id from commerce_product where source_id = {source} and code = s.stock_code offset 0) p on true
 where s.bucket = {bucket} and s.unit_price is not null and {telling}
""")

# the first row of an order that says something says it for the whole; what was cancelled before it was paid comes to nothing
_ORDERS_CHUNK = sql.SQL("""
create temporary table retail_orders on commit drop as
select g.key, g.placed_at, g.channel, g.currency, {shipped_at} as shipped_at, {delivered_at} as delivered_at,
       {promised_on} as promised_on, g.kind, {custom} as custom,
       case when g.kind in ('cancellation', 'return') and coalesce(g.said, l.total, 0) > 0 then 0
            else coalesce(g.said, l.total, 0) end as total,
       case when g.kind in ('cancellation', 'return') and coalesce(g.said, l.total, 0) > 0 then 0
            else coalesce(l.line_count, 0) end as line_count,
       coalesce(o.id, nextval('commerce_order_id_seq')) as id, o.id is null as is_new,
       coalesce(n.id, e.id) as profile_id, coalesce(n.customer_id, e.customer_id) as customer_id
  from (select key, min(placed_at) as placed_at, {first_customer_key} as customer_key,
               {first_email_norm} as email_norm, {first_total} as said, {first_shipped_at} as shipped_at,
               {first_delivered_at} as delivered_at, {first_promised_on} as promised_on,
               coalesce({first_kind}, 'sale') as kind, coalesce(lower({first_channel}), {channel}) as channel,
               coalesce({first_currency}, {currency}) as currency, {own} as own
          from {table} s where bucket = {bucket} and {telling} group by key) g
  left join (select key, sum(amount) as total, count(*)::integer as line_count from retail_lines group by key) l using (key)
  {known}
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = g.customer_key offset 0) n on true
  left join lateral (select min(profile_id) as id, min(customer_id) as customer_id from customers_identifier
                      where kind = 1 and value_norm = g.email_norm having count(distinct customer_id) = 1) e on n.id is null
 order by g.placed_at, g.key
""")

_FIRSTS = (
    "customer_key",
    "email_norm",
    "total",
    "shipped_at",
    "delivered_at",
    "promised_on",
    "kind",
    "channel",
    "currency",
)
_FULFILLED = ("shipped_at", "delivered_at", "promised_on")


def prepare_products_of(cursor: CursorWrapper, run: Run) -> int:
    """Ready for retail_import.apply_products."""
    if not run.columns & {"stock_code", "description"}:
        return 0
    buckets = chunks_of(cursor, run, "stock_code")
    target = fresh(cursor, run.table("products"))
    cursor.execute(_PRODUCTS.format(target=target, buckets=sql.Literal(buckets), table=run.table(), telling=_TELLING))
    return buckets


def prepare_customers_of(cursor: CursorWrapper, run: Run) -> int:
    """Customers whom the file names by a number or an address that nobody has yet."""
    if not run.columns & {"customer_number", "customer_email"}:
        return 0
    buckets = chunks_of(cursor, run, "customer_key")
    said = {"name": "customer_name", "email": "customer_email"}
    golden = sql.SQL(", ").join(
        sql.SQL("{} as {}").format(sql.Identifier(said[name]), sql.Identifier(name))
        if name in said
        else sql.SQL("null::{} as {}").format(sql.SQL("date" if name == "born_on" else "text"), sql.Identifier(name))
        for name in GOLDEN_FIELDS
    )
    cursor.execute(
        _PEOPLE.format(
            target=fresh(cursor, run.table("people")), buckets=sql.Literal(buckets), golden=golden, table=run.table(),
            customer=_CUSTOMER.format(source=sql.Literal(run.source_id)), telling=_TELLING,
        )
    )  # fmt: skip
    return buckets


def apply_customers_of(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    return apply_people(cursor, run, chunk, table=run.table("people"), columns={"name", "email"})


def apply_orders_of(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """Orders as the file tells them; one that it tells differently than before is replaced, its lines included."""
    values: dict[str, sql.Composable] = {
        "source": sql.Literal(run.source_id), "bucket": sql.Literal(chunk), "table": run.table(), "telling": _TELLING,
        "channel": sql.Literal(run.answers["channel"]), "currency": sql.Literal(run.answers.get("currency") or ""),
        "own": own_values_of(run, "s"), "custom": with_own_values(run), "known": known_order(run),
        **{f"first_{name}": _first(name) for name in _FIRSTS},
        **{name: sql.Identifier("g" if name in run.columns else "o", name) for name in _FULFILLED},
    }  # fmt: skip
    changed = write_orders(cursor, run, making=[_LINES_CHUNK.format(**values), _ORDERS_CHUNK.format(**values)])
    counts = count_orders(cursor, run, chunk, changed=changed)
    return counts | {"same": counts["same"] + _left_as_they_are(cursor, run, chunk)}


def preview_orders(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(
        sql.SQL("""
            select count(distinct s.key) filter (where {telling}), count(distinct o.id), count(s.unit_price), count(*)
              from {table} s left join commerce_order o on o.source_id = {source} and o.external_id = s.key
        """).format(table=run.table(), source=sql.Literal(run.source_id), telling=_TELLING)
    )
    orders, known, lines, _rows = (int(value) for value in cursor.fetchone())
    return {"orders": orders, "known_orders": known, "lines": lines}


def _first(name: str) -> sql.Composed:
    return sql.SQL("(array_agg(s.{0} order by s.line) filter (where s.{0} is not null))[1]").format(
        sql.Identifier(name)
    )


def _left_as_they_are(cursor: CursorWrapper, run: Run, chunk: int) -> int:
    """How many rows tell of orders that were exported here."""
    cursor.execute(
        sql.SQL("select count(*) filter (where not {}) from {} s where bucket = {}").format(
            _TELLING, run.table(), sql.Literal(chunk)
        )
    )
    return int(cursor.fetchone()[0])
