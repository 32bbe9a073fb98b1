"""Applying staged lines of retail orders: products, customers and orders, each in chunks of whole groups."""

from __future__ import annotations

import json

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.commerce.order_chunks import count_orders, known_order, own_values_of, with_own_values, write_orders
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.imports.people import apply_people
from rapport.records.imports.importing import Counts, Run
from rapport.records.imports.journal import journal_rows
from rapport.records.imports.staging import CHUNK_ROWS, bucket_count

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
       round(s.quantity * s.unit_price)::bigint as amount, p.id as product_id, s.placed_at, s.customer_number, s.custom,
       row_number() over (partition by s.key order by s.line)::integer as number
  from {lines} s
  left join lateral (select id from commerce_product where source_id = {source} and code = s.stock_code offset 0) p on true
 where s.bucket = {bucket}
""")

_ORDERS_CHUNK = sql.SQL("""
create temporary table retail_orders on commit drop as
select g.*, {channel} as channel, {currency} as currency, o.shipped_at, o.delivered_at, o.promised_on, {custom} as custom,
       coalesce(o.id, nextval('commerce_order_id_seq')) as id, o.id is null as is_new, p.id as profile_id, p.customer_id
  from (select key, min(placed_at) as placed_at, sum(amount) as total, count(*)::integer as line_count,
               (array_agg(customer_number order by line desc) filter (where customer_number is not null))[1] as customer_number,
               case when key ~ '^C[0-9]+$' then 'cancellation' when key ~ '^A[0-9]+$' then 'adjustment' else 'sale' end as kind,
               {own} as own
          from retail_lines group by key) g {known}
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = g.customer_number offset 0) p on true
 order by g.placed_at, g.key
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
        "source": sql.Literal(run.source_id), "bucket": sql.Literal(chunk), "lines": run.table(),
        "channel": sql.Literal(run.answers["channel"]), "currency": sql.Literal(run.answers["currency"]),
        "own": own_values_of(run, "retail_lines"), "custom": with_own_values(run), "known": known_order(run),
    }  # fmt: skip
    changed = write_orders(cursor, run, making=[_LINES_CHUNK.format(**values), _ORDERS_CHUNK.format(**values)])
    return count_orders(cursor, run, chunk, changed=changed)
