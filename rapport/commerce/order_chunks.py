"""One chunk of an import of orders, written: its lines and heads become orders, order lines and touchpoints.

An importer makes two temporary tables of it: retail_lines (key, line, number, product_id, description, quantity, unit_price,
amount) and retail_orders (key, id, is_new, kind, profile_id, customer_id, channel, currency, total, line_count, placed_at,
shipped_at, delivered_at, promised_on, custom). What the file does not speak of is there as the order has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_noop
from psycopg import sql

from rapport.commerce.amounts import MOST_OF_ORDER_MICROS
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.importing import Counts, Run, own_names
from rapport.records.imports.journal import journal_rows

_KNOWN = sql.SQL("""
  left join lateral (select id, shipped_at, delivered_at, promised_on, custom from commerce_order
                      where source_id = {source} and external_id = g.key offset 0) o on true
""")

# what was cancelled before it was paid comes to nothing
_NO_LINES_OF_NOTHING = "delete from retail_lines l using retail_orders r where r.key = l.key and r.line_count = 0"

_FIELDS = (
    "kind", "customer_id", "profile_id", "channel", "currency", "total_micros", "line_count", "placed_at", "shipped_at",
    "delivered_at", "promised_on", "custom",
)  # fmt: skip
_NAMES = sql.SQL(", ").join(map(sql.Identifier, _FIELDS))
_SAID = sql.SQL(", ").join(sql.Identifier("r", "total" if name == "total_micros" else name) for name in _FIELDS)
_COMPARED = [name for name in _FIELDS if name != "customer_id"]

# an order differs when its head does or when a line does; lines are equal when none is missing and their number is the same
_CHANGED = sql.SQL("""
create temporary table retail_changed on commit drop as
select r.id from retail_orders r join commerce_order o on o.id = r.id
 where not r.is_new
   and (({kept}) is distinct from ({said})
     or exists (
        select from retail_lines l
          left join commerce_orderline k on k.order_id = r.id and k.number = l.number
         where l.key = r.key and (k.product_id, k.description, k.quantity, k.unit_price_micros)
                                 is distinct from (l.product_id, l.description, l.quantity, l.unit_price)))
""").format(
    kept=sql.SQL(", ").join(sql.Identifier("o", name) for name in _COMPARED),
    said=sql.SQL(", ").join(sql.Identifier("r", "total" if name == "total_micros" else name) for name in _COMPARED),
)

_NEW_ORDERS = sql.SQL("""
insert into commerce_order (id, source_id, external_id, {names}, import_id)
select r.id, {source}, r.key, {said}, {import_id} from retail_orders r where r.is_new
""")

_UPDATE_ORDERS = sql.SQL("""
update commerce_order o set ({names}) = row({said}), import_id = {import_id}
  from retail_orders r join retail_changed using (id) where o.id = r.id
""")

_ADD_LINES = sql.SQL("""
insert into commerce_orderline (order_id, number, product_id, description, quantity, unit_price_micros, amount_micros,
                                import_id, line)
select r.id, l.number, l.product_id, l.description, l.quantity, l.unit_price, l.amount, {import_id}, l.line
  from retail_lines l join retail_orders r using (key)
 where r.is_new or r.id in (select id from retail_changed)
 order by r.id, l.number
""")

_ADD_TOUCHPOINTS = sql.SQL("""
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, record_id, summary, import_id)
select placed_at, customer_id, profile_id, 'order', channel, id, initcap(kind) || ' ' || key, {import_id}
  from retail_orders
 where profile_id is not null and (is_new or id in (select id from retail_changed))
 order by customer_id, placed_at
""")

_TOUCHPOINTS_OF = sql.SQL("""
select t.id from customers_touchpoint t join commerce_order o
    on t.customer_id = o.customer_id and t.occurred_at = o.placed_at and t.kind = 'order' and t.record_id = o.id
 where o.id in ({orders})
""")


def known_order(run: Run) -> sql.Composed:
    """The order that the source has under `g.key`, as a join `o`."""
    return _KNOWN.format(source=sql.Literal(run.source_id))


def own_values_of(run: Run, rows: str) -> sql.Composable:
    """The own values that the rows of one order say, each by its first row that says it, as an aggregate over the rows."""
    names = own_names(run)
    if not names:
        return sql.SQL("null::jsonb")
    first = sql.SQL(
        "{name}, (array_agg({rows}.custom::jsonb -> {name} order by {rows}.line)"
        " filter (where {rows}.custom::jsonb -> {name} is not null))[1]"
    )
    said = [first.format(name=sql.Literal(name), rows=sql.Identifier(rows)) for name in names]
    return sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))").format(sql.SQL(", ").join(said))


def with_own_values(run: Run) -> sql.Composable:
    """What the known order `o` holds, with what the file says in `g.own` of the fields that it has columns for."""
    return sql.SQL("(coalesce(o.custom, '{{}}') - {}::text[]) || coalesce(g.own, '{{}}')").format(
        sql.Literal(own_names(run))
    )


def write_orders(cursor: CursorWrapper, run: Run, *, making: Sequence[sql.Composable]) -> int:
    """Orders as the file tells them, and how many it tells differently than before: those are replaced with their lines.

    `making` makes the two temporary tables.
    """
    values = {
        "source": sql.Literal(run.source_id), "import_id": sql.Literal(run.import_id), "names": _NAMES, "said": _SAID,
    }  # fmt: skip
    cursor.execute("drop table if exists pg_temp.retail_lines, pg_temp.retail_orders, pg_temp.retail_changed")
    cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    for statement in making:
        cursor.execute(statement)
    _refuse_boundless(cursor)
    cursor.execute(_NO_LINES_OF_NOTHING)
    cursor.execute("analyze retail_lines; analyze retail_orders; create index on retail_lines (key)")
    cursor.execute(_CHANGED)
    changed = int(cursor.rowcount)
    cursor.execute("set local enable_seqscan = on; set local enable_bitmapscan = on")
    if changed:
        _keep_and_clear(cursor, run)
        cursor.execute(_UPDATE_ORDERS.format(**values))
    cursor.execute(_NEW_ORDERS.format(**values))
    cursor.execute(_ADD_LINES.format(**values))
    cursor.execute(_ADD_TOUCHPOINTS.format(**values))
    return changed


def count_orders(cursor: CursorWrapper, run: Run, chunk: int, *, changed: int) -> Counts:
    cursor.execute(sql.SQL("select count(*) from {} where bucket = {}").format(run.table(), sql.Literal(chunk)))
    rows = int(cursor.fetchone()[0])
    cursor.execute(
        "select count(*) filter (where is_new), count(*) filter (where kind in ('cancellation', 'return')), count(*),"
        " coalesce(sum(total), 0), coalesce(sum(total) filter (where profile_id is not null), 0) from retail_orders"
    )
    new, taken_back, total, net, net_of_customers = (int(value) for value in cursor.fetchone())
    return {
        "rows": rows, "new": new, "changed": changed, "same": total - new - changed, "cancellations": taken_back,
        "net_micros": net, "net_with_customer_micros": net_of_customers,
    }  # fmt: skip


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


def _refuse_boundless(cursor: CursorWrapper) -> None:
    cursor.execute("select key from retail_orders where abs(total) > %s order by key limit 1", [MOST_OF_ORDER_MICROS])
    found = cursor.fetchone()
    if found:
        message = gettext_noop("The lines of order “%(number)s” come to more than can be counted.")
        raise FileRefused(message, number=found[0])


def _keep_and_clear(cursor: CursorWrapper, run: Run) -> None:
    changed = sql.SQL("select id from retail_changed")
    journal_rows(cursor, run, "commerce_order", changed)
    journal_rows(
        cursor, run, "commerce_orderline",
        sql.SQL("select k.id from commerce_orderline k where k.order_id in (select id from retail_changed)"),
    )  # fmt: skip
    journal_rows(cursor, run, "customers_touchpoint", _TOUCHPOINTS_OF.format(orders=changed))
    clear_orders(cursor, changed)
