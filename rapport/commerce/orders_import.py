"""Applying staged orders, one row each or one for each of their lines: products, customers, orders."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.commerce.retail_import import (
    ADD_LINES,
    chunks_of,
    fresh,
    keep_and_clear,
    refuse_boundless,
)
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.people_import import apply_people
from rapport.records.importing import Counts, Run

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
select g.key, g.placed_at, g.channel, g.currency, g.shipped_at, g.delivered_at, g.promised_on, g.row_count, g.kind,
       case when g.kind in ('cancellation', 'return') and coalesce(g.said, l.total, 0) > 0 then 0
            else coalesce(g.said, l.total, 0) end as total,
       case when g.kind in ('cancellation', 'return') and coalesce(g.said, l.total, 0) > 0 then 0
            else coalesce(l.line_count, 0) end as line_count,
       coalesce(o.id, nextval('commerce_order_id_seq')) as id, o.id is null as is_new,
       coalesce(n.id, e.id) as profile_id, coalesce(n.customer_id, e.customer_id) as customer_id
  from (select key, min(placed_at) as placed_at, count(*)::integer as row_count, {first_customer_key} as customer_key,
               {first_email_norm} as email_norm, {first_total} as said, {first_shipped_at} as shipped_at,
               {first_delivered_at} as delivered_at, {first_promised_on} as promised_on,
               coalesce({first_kind}, 'sale') as kind, coalesce(lower({first_channel}), {channel}) as channel,
               coalesce({first_currency}, {currency}) as currency
          from {table} s where bucket = {bucket} and {telling} group by key) g
  left join (select key, sum(amount) as total, count(*)::integer as line_count from retail_lines group by key) l using (key)
  left join lateral (select id from commerce_order where source_id = {source} and external_id = g.key offset 0) o on true
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

_NO_LINES_OF_NOTHING = """
delete from retail_lines l using retail_orders r where r.key = l.key and r.line_count = 0
"""

_CHANGED = sql.SQL("""
create temporary table retail_changed on commit drop as
select r.id from retail_orders r join commerce_order o on o.id = r.id
 where not r.is_new
   and ((o.kind, o.profile_id, o.channel, o.currency, o.total_micros, o.line_count, o.placed_at, o.shipped_at, o.delivered_at,
         o.promised_on)
        is distinct from (r.kind, r.profile_id, r.channel, r.currency, r.total, r.line_count, r.placed_at, r.shipped_at,
                          r.delivered_at, r.promised_on)
     or exists (
        select from retail_lines l
          left join commerce_orderline k on k.order_id = r.id and k.number = l.number
         where l.key = r.key and (k.product_id, k.description, k.quantity, k.unit_price_micros)
                                 is distinct from (l.product_id, l.description, l.quantity, l.unit_price)))
""")

_NEW_ORDERS = sql.SQL("""
insert into commerce_order (id, source_id, external_id, kind, customer_id, profile_id, channel, currency, total_micros,
                            line_count, placed_at, shipped_at, delivered_at, promised_on, import_id)
select id, {source}, key, kind, customer_id, profile_id, channel, currency, total, line_count, placed_at, shipped_at,
       delivered_at, promised_on, {import_id}
  from retail_orders where is_new
""")

_UPDATE_ORDERS = sql.SQL("""
update commerce_order o
   set kind = r.kind, customer_id = r.customer_id, profile_id = r.profile_id, channel = r.channel, currency = r.currency,
       total_micros = r.total, line_count = r.line_count, placed_at = r.placed_at, shipped_at = r.shipped_at,
       delivered_at = r.delivered_at, promised_on = r.promised_on, import_id = {import_id}
  from retail_orders r join retail_changed using (id) where o.id = r.id
""")

_ADD_TOUCHPOINTS = sql.SQL("""
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, record_id, summary, import_id)
select placed_at, customer_id, profile_id, 'order', channel, id, initcap(kind) || ' ' || key, {import_id}
  from retail_orders
 where profile_id is not null and (is_new or id in (select id from retail_changed))
 order by customer_id, placed_at
""")


def prepare_products_of(cursor: CursorWrapper, run: Run) -> int:
    """Ready for retail_import.apply_products."""
    if "stock_code" not in run.columns:
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
        "source": sql.Literal(run.source_id), "import_id": sql.Literal(run.import_id), "bucket": sql.Literal(chunk),
        "table": run.table(), "channel": sql.Literal(run.answers["channel"]), "telling": _TELLING,
        "currency": sql.Literal(run.answers.get("currency") or ""),
        **{f"first_{name}": _first(name) for name in _FIRSTS},
    }  # fmt: skip
    cursor.execute("drop table if exists pg_temp.retail_lines, pg_temp.retail_orders, pg_temp.retail_changed")
    cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    cursor.execute(_LINES_CHUNK.format(**values))
    cursor.execute(_ORDERS_CHUNK.format(**values))
    refuse_boundless(cursor)
    cursor.execute(_NO_LINES_OF_NOTHING)
    cursor.execute("analyze retail_lines; analyze retail_orders; create index on retail_lines (key)")
    cursor.execute(_CHANGED.format(**values))
    changed = int(cursor.rowcount)
    cursor.execute("set local enable_seqscan = on; set local enable_bitmapscan = on")
    if changed:
        keep_and_clear(cursor, run)
        cursor.execute(_UPDATE_ORDERS.format(**values))
    cursor.execute(_NEW_ORDERS.format(**values))
    cursor.execute(ADD_LINES.format(**values))
    cursor.execute(_ADD_TOUCHPOINTS.format(**values))
    return _figures(cursor, run, chunk, changed)


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


def _figures(cursor: CursorWrapper, run: Run, chunk: int, changed: int) -> Counts:
    cursor.execute(
        "select count(*) filter (where is_new), count(*), coalesce(sum(total), 0),"
        " coalesce(sum(total) filter (where profile_id is not null), 0), count(*) filter (where kind <> 'sale') from retail_orders"
    )
    new, total, net, net_of_customers, taken_back = (int(value) for value in cursor.fetchone())
    cursor.execute(
        sql.SQL("select count(*), count(*) filter (where not {}) from {} s where bucket = {}").format(
            _TELLING, run.table(), sql.Literal(chunk)
        )
    )
    rows, ours = (int(value) for value in cursor.fetchone())
    return {
        "rows": rows, "new": new, "changed": changed, "same": total - new - changed + ours, "cancellations": taken_back,
        "net_micros": net, "net_with_customer_micros": net_of_customers,
    }  # fmt: skip
