"""Applying staged purchases: each row is an order of its own, also where two rows say the same."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.commerce.order_chunks import count_orders, known_order, own_values_of, with_own_values, write_orders
from rapport.records.imports.importing import Counts, Run

# the second of two equal rows is a second purchase, and stays it whenever the file comes again
_ROWS = sql.SQL("""
create temporary table purchase_rows on commit drop as
select s.line, s.placed_at, s.customer_number, s.units, s.amount, s.custom,
       s.key || case when s.nth > 1 then '#' || s.nth else '' end as key
  from (select *, row_number() over (partition by key order by line) as nth from {table} where bucket = {bucket}) s
""")

_LINES_CHUNK = sql.SQL("""
create temporary table retail_lines on commit drop as
select line, key, ''::text as description, units as quantity, round(amount / units)::bigint as unit_price, amount,
       null::bigint as product_id, 1 as number
  from purchase_rows where units <> 0
""")

_ORDERS_CHUNK = sql.SQL("""
create temporary table retail_orders on commit drop as
select g.*, {channel} as channel, {currency} as currency, o.shipped_at, o.delivered_at, o.promised_on, {custom} as custom,
       coalesce(o.id, nextval('commerce_order_id_seq')) as id, o.id is null as is_new, p.id as profile_id, p.customer_id
  from (select key, min(placed_at) as placed_at, min(customer_number) as customer_number, sum(amount)::bigint as total,
               (count(*) filter (where units <> 0))::integer as line_count,
               case when sum(amount) < 0 then 'return' else 'sale' end as kind, {own} as own
          from purchase_rows group by key) g {known}
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = g.customer_number offset 0) p on true
 order by g.placed_at, g.key
""")


def apply_purchases(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """One order for each row, with one line where the row says how many were bought; a negative amount is a return."""
    values: dict[str, sql.Composable] = {
        "source": sql.Literal(run.source_id), "bucket": sql.Literal(chunk), "table": run.table(),
        "channel": sql.Literal(run.answers["channel"]), "currency": sql.Literal(run.answers["currency"]),
        "own": own_values_of(run, "purchase_rows"), "custom": with_own_values(run), "known": known_order(run),
    }  # fmt: skip
    making = [
        sql.SQL("drop table if exists pg_temp.purchase_rows"),
        *(statement.format(**values) for statement in (_ROWS, _LINES_CHUNK, _ORDERS_CHUNK)),
    ]
    changed = write_orders(cursor, run, making=making)
    return count_orders(cursor, run, chunk, changed=changed)


def preview_purchases(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(
        sql.SQL("""
            select count(*), count(o.id), count(*) filter (where amount < 0), count(distinct customer_number), sum(amount)
              from (select *, row_number() over (partition by key order by line) as nth from {}) s
              left join commerce_order o on o.source_id = {}
                    and o.external_id = s.key || case when s.nth > 1 then '#' || s.nth else '' end
        """).format(run.table(), sql.Literal(run.source_id))
    )
    orders, known, returns, customers, net = (int(value or 0) for value in cursor.fetchone())
    return {
        "orders": orders,
        "known_orders": known,
        "cancellations": returns,
        "customers": customers,
        "net_micros": net,
    }
