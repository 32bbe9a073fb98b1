"""Applying staged lines of retail orders: products, customers and orders, each in chunks of whole groups."""

from __future__ import annotations

import json

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_noop
from psycopg import sql

from rapport.commerce.amounts import MOST_OF_ORDER_MICROS
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.people_import import apply_people
from rapport.records.decoding import FileRefused
from rapport.records.importing import Counts, Run
from rapport.records.journal import journal_rows
from rapport.records.staging import CHUNK_ROWS, bucket_count

_PRODUCTS = sql.SQL("""
create unlogged table {target} as
select mod(abs(hashtext(stock_code)::bigint), {buckets})::integer as bucket, stock_code as key,
       coalesce((array_agg(description order by placed_at desc, line desc) filter (where description is not null))[1], '') as name
  from {lines} group by stock_code
""")

_ADD_PRODUCTS = sql.SQL("""
insert into commerce_product as p (source_id, code, name, currency, import_id)
select {source}, key, name, {currency}, {import_id} from {staged} s
 where bucket = {bucket}
   and not exists (select from commerce_product known where known.source_id = {source} and known.code = s.key)
""")

_UNNAMED = sql.SQL("""
select p.id from commerce_product p join {staged} s on p.source_id = {source} and p.code = s.key
 where s.bucket = {bucket} and p.name = '' and s.name <> ''
""")

_NAME_PRODUCTS = sql.SQL("""
update commerce_product p set name = s.name, import_id = {import_id}
  from {staged} s where p.source_id = {source} and p.code = s.key and s.bucket = {bucket} and p.name = '' and s.name <> ''
""")

_PEOPLE = sql.SQL("""
create unlogged table {target} as
select mod(abs(hashtext(customer_number)::bigint), {buckets})::integer as bucket, max(line) as line, customer_number as key,
       {golden}, 'person' as kind, null::text as email_norm, null::text as phone_norm, null::text as sort_key,
       null::text[] as words,
       max(placed_at) as seen_at, '{{}}' as raw, md5(coalesce(said.country, '')) as raw_hash
  from (select *, first_value(country) over (partition by customer_number order by country is null, placed_at desc, line desc)
                      as last_country
          from {lines} where customer_number is not null) l,
       lateral (select last_country as country) said
 group by customer_number, said.country
""")


def fresh(cursor: CursorWrapper, table: sql.Identifier) -> sql.Identifier:
    cursor.execute(sql.SQL("drop table if exists {}").format(table))
    return table


def chunks_of(cursor: CursorWrapper, run: Run, column: str) -> int:
    cursor.execute(sql.SQL("select count(distinct {}) from {}").format(sql.Identifier(column), run.table()))
    return max(1, -(-int(cursor.fetchone()[0]) // CHUNK_ROWS))


def prepare_products(cursor: CursorWrapper, run: Run) -> int:
    buckets = chunks_of(cursor, run, "stock_code")
    target = fresh(cursor, run.table("products"))
    cursor.execute(_PRODUCTS.format(target=target, buckets=sql.Literal(buckets), lines=run.table()))
    return buckets


def apply_products(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """Codes that are not known become products; a product without a name gets the latest description."""
    values = {
        "source": sql.Literal(run.source_id), "import_id": sql.Literal(run.import_id), "bucket": sql.Literal(chunk),
        "staged": run.table("products"), "currency": sql.Literal(run.answers.get("currency") or ""),
    }  # fmt: skip
    cursor.execute(sql.SQL("select count(*) from {staged} where bucket = {bucket}").format(**values))
    total = int(cursor.fetchone()[0])
    journal_rows(cursor, run, "commerce_product", _UNNAMED.format(**values))
    cursor.execute(_NAME_PRODUCTS.format(**values))
    changed = int(cursor.rowcount)
    cursor.execute(_ADD_PRODUCTS.format(**values))
    new = int(cursor.rowcount)
    return {"rows": total, "new": new, "changed": changed, "same": total - new - changed}


def prepare_people(cursor: CursorWrapper, run: Run) -> int:
    if "customer_number" not in run.columns:
        return 0
    buckets = chunks_of(cursor, run, "customer_number")
    golden = sql.SQL(", ").join(
        sql.SQL("said.country") if name == "country"
        else sql.SQL("null::{} as {}").format(sql.SQL("date" if name == "born_on" else "text"), sql.Identifier(name))
        for name in GOLDEN_FIELDS
    )  # fmt: skip
    target = fresh(cursor, run.table("people"))
    cursor.execute(_PEOPLE.format(target=target, buckets=sql.Literal(buckets), golden=golden, lines=run.table()))
    return buckets


def apply_customers(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    columns = {"country"} & run.columns
    return apply_people(cursor, run, chunk, table=run.table("people"), columns=columns)


_LINES_CHUNK = sql.SQL("""
create temporary table retail_lines on commit drop as
select s.line, s.key, coalesce(s.description, '') as description, s.quantity, s.unit_price,
       round(s.quantity * s.unit_price)::bigint as amount, p.id as product_id, s.placed_at, {customer_number} as customer_number,
       row_number() over (partition by s.key order by s.line)::integer as number
  from {lines} s
  left join lateral (select id from commerce_product where source_id = {source} and code = s.stock_code offset 0) p on true
 where s.bucket = {bucket}
""")

_ORDERS_CHUNK = sql.SQL("""
create temporary table retail_orders on commit drop as
select g.*, coalesce(o.id, nextval('commerce_order_id_seq')) as id, o.id is null as is_new, p.id as profile_id, p.customer_id
  from (select key, min(placed_at) as placed_at, sum(amount) as total, count(*)::integer as line_count,
               (array_agg(customer_number order by line desc) filter (where customer_number is not null))[1] as customer_number,
               case when key ~ '^C[0-9]+$' then 'cancellation' when key ~ '^A[0-9]+$' then 'adjustment' else 'sale' end as kind
          from retail_lines group by key) g
  left join lateral (select id from commerce_order where source_id = {source} and external_id = g.key offset 0) o on true
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = g.customer_number offset 0) p on true
 order by g.placed_at, g.key
""")

# an order differs when its head does or when a line does; lines are equal when none is missing and their number is the same
_CHANGED = sql.SQL("""
create temporary table retail_changed on commit drop as
select r.id from retail_orders r join commerce_order o on o.id = r.id
 where not r.is_new
   and ((o.kind, o.profile_id, o.channel, o.currency, o.total_micros, o.line_count, o.placed_at)
        is distinct from (r.kind, r.profile_id, {channel}, {currency}, r.total, r.line_count, r.placed_at)
     or exists (
        select from retail_lines l
          left join commerce_orderline k on k.order_id = r.id and k.number = l.number
         where l.key = r.key and (k.product_id, k.description, k.quantity, k.unit_price_micros)
                                 is distinct from (l.product_id, l.description, l.quantity, l.unit_price)))
""")

_NEW_ORDERS = sql.SQL("""
insert into commerce_order (id, source_id, external_id, kind, customer_id, profile_id, channel, currency, total_micros,
                            line_count, placed_at, import_id)
select id, {source}, key, kind, customer_id, profile_id, {channel}, {currency}, total, line_count, placed_at, {import_id}
  from retail_orders where is_new
""")

_UPDATE_ORDERS = sql.SQL("""
update commerce_order o
   set kind = r.kind, customer_id = r.customer_id, profile_id = r.profile_id, channel = {channel}, currency = {currency},
       total_micros = r.total, line_count = r.line_count, placed_at = r.placed_at, import_id = {import_id}
  from retail_orders r join retail_changed using (id) where o.id = r.id
""")

ADD_LINES = sql.SQL("""
insert into commerce_orderline (order_id, number, product_id, description, quantity, unit_price_micros, amount_micros,
                                import_id, line)
select r.id, l.number, l.product_id, l.description, l.quantity, l.unit_price, l.amount, {import_id}, l.line
  from retail_lines l join retail_orders r using (key)
 where r.is_new or r.id in (select id from retail_changed)
 order by r.id, l.number
""")

_ADD_TOUCHPOINTS = sql.SQL("""
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, record_id, summary, import_id)
select placed_at, customer_id, profile_id, 'order', {channel}, id, initcap(kind) || ' ' || key, {import_id}
  from retail_orders
 where profile_id is not null and (is_new or id in (select id from retail_changed))
 order by customer_id, placed_at
""")

TOUCHPOINTS_OF = sql.SQL("""
select t.id from customers_touchpoint t join commerce_order o
    on t.customer_id = o.customer_id and t.occurred_at = o.placed_at and t.kind = 'order' and t.record_id = o.id
 where o.id in ({orders})
""")


def prepare_orders(cursor: CursorWrapper, run: Run) -> int:
    before = _partitions(cursor)
    cursor.execute(_MAKE_PARTITIONS.format(lines=run.table()))
    if not cursor.rowcount:
        return 0
    made = sorted(_partitions(cursor) - before)
    if made:
        cursor.execute(_NOTE_PARTITIONS, [json.dumps(made), run.import_id])
    return bucket_count(cursor, run)


_MAKE_PARTITIONS = sql.SQL("""
select touchpoint_partitions(month, month)
  from (select date_trunc('month', placed_at)::date as month from {lines} group by 1 order by count(*) desc, 1) m
""")

_NOTE_PARTITIONS = """
update records_import set counts = jsonb_set(counts, '{partitions}', coalesce(counts -> 'partitions', '[]') || %s::jsonb)
 where id = %s
"""


def _partitions(cursor: CursorWrapper) -> set[str]:
    cursor.execute(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'customers_touchpoint'::regclass"
    )
    return {name for (name,) in cursor.fetchall()}


def drop_partitions(cursor: CursorWrapper, import_id: int) -> None:
    """Months that this import made room for in the timeline and that are empty again."""
    cursor.execute(
        "select touchpoint_drop_partitions(array(select jsonb_array_elements_text(counts -> 'partitions')))"
        " from records_import where id = %s and counts ? 'partitions'",
        [import_id],
    )


def apply_orders(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """Orders with all their lines as in the file; an order that the file tells differently than before is replaced."""
    values: dict[str, sql.Composable] = {
        "source": sql.Literal(run.source_id), "import_id": sql.Literal(run.import_id), "bucket": sql.Literal(chunk),
        "lines": run.table(), "channel": sql.Literal(run.answers["channel"]), "currency": sql.Literal(run.answers["currency"]),
        "customer_number": sql.SQL("s.customer_number"),
    }  # fmt: skip
    cursor.execute("drop table if exists pg_temp.retail_lines, pg_temp.retail_orders, pg_temp.retail_changed")
    cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    cursor.execute(_LINES_CHUNK.format(**values))
    cursor.execute(_ORDERS_CHUNK.format(**values))
    refuse_boundless(cursor)
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
    return _figures(cursor, changed)


def refuse_boundless(cursor: CursorWrapper) -> None:
    cursor.execute("select key from retail_orders where abs(total) > %s order by key limit 1", [MOST_OF_ORDER_MICROS])
    found = cursor.fetchone()
    if found:
        message = gettext_noop("The lines of order “%(number)s” come to more than can be counted.")
        raise FileRefused(message, number=found[0])


def keep_and_clear(cursor: CursorWrapper, run: Run) -> None:
    changed = sql.SQL("select id from retail_changed")
    journal_rows(cursor, run, "commerce_order", changed)
    journal_rows(
        cursor, run, "commerce_orderline",
        sql.SQL("select k.id from commerce_orderline k where k.order_id in (select id from retail_changed)"),
    )  # fmt: skip
    touchpoints = TOUCHPOINTS_OF.format(orders=changed)
    journal_rows(cursor, run, "customers_touchpoint", touchpoints)
    clear_orders(cursor, changed)


def clear_orders(cursor: CursorWrapper, orders: sql.Composable) -> None:
    """Remove the lines and touchpoints of these orders."""
    cursor.execute(
        sql.SQL("""
            delete from customers_touchpoint t using commerce_order o
             where t.customer_id = o.customer_id and t.occurred_at = o.placed_at and t.kind = 'order' and t.record_id = o.id
               and o.id in ({})
        """).format(orders)
    )
    cursor.execute(sql.SQL("delete from commerce_orderline where order_id in ({})").format(orders))


def _figures(cursor: CursorWrapper, changed: int) -> Counts:
    cursor.execute(
        "select coalesce(sum(line_count), 0), count(*) filter (where is_new), count(*) filter (where kind = 'cancellation'),"
        " count(*), coalesce(sum(total), 0), coalesce(sum(total) filter (where profile_id is not null), 0) from retail_orders"
    )
    rows, new, cancellations, total, net, net_of_customers = (int(value) for value in cursor.fetchone())
    return {
        "rows": rows, "new": new, "changed": changed, "same": total - new - changed, "cancellations": cancellations,
        "net_micros": net, "net_with_customer_micros": net_of_customers,
    }  # fmt: skip
