"""Taking imported orders and products back."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.commerce.order_chunks import clear_orders
from rapport.commerce.retail_import import drop_partitions
from rapport.customers.imports.people import people_conflicts, undo_people
from rapport.records.imports.journal import UNDO_BATCH, created, edited_since, journaled, later_imports, restore_rows

_BATCH = sql.Literal(UNDO_BATCH)


def retail_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    orders = sql.SQL("select id from commerce_order where import_id = {}").format(sql.Literal(import_id))
    return [
        *later_imports(cursor, import_id, "commerce_order", "orders"),
        *edited_since(cursor, import_id, "commerce_order", orders, "orders"),
        *people_conflicts(cursor, import_id),
        *product_conflicts(cursor, import_id),
    ]


def product_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    products = sql.SQL("select id from commerce_product where import_id = {}").format(sql.Literal(import_id))
    reasons = [
        *later_imports(cursor, import_id, "commerce_product", "products"),
        *edited_since(cursor, import_id, "commerce_product", products, "products"),
    ]
    cursor.execute(
        sql.SQL(
            "select coalesce(i.id::text, ''), coalesce(i.file_name, ''), count(*) from commerce_orderline l"
            " left join records_import i on i.id = l.import_id"
            " where l.import_id is distinct from {} and l.product_id in ({}) group by 1, 2 order by 1"
        ).format(sql.Literal(import_id), created(import_id, "commerce_product"))
    )
    for number, file_name, count in cursor.fetchall():
        whose = f"of import {number} ({file_name})" if number else "that did not come from a file"
        reasons.append(f"{count} order lines {whose} name products that it brought.")
    return reasons


def undo_retail(cursor: CursorWrapper, import_id: int) -> int:
    """One batch: orders first, then customers, then products."""
    count = _undo_orders(cursor, import_id) or undo_people(cursor, import_id) or undo_products(cursor, import_id)
    if not count:
        drop_partitions(cursor, import_id)
    return count


def _undo_orders(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute("drop table if exists pg_temp.orders_leaving, pg_temp.orders_back")
    cursor.execute(
        sql.SQL("create temporary table orders_leaving on commit drop as {} limit {}").format(
            created(import_id, "commerce_order"), _BATCH
        )
    )
    count = int(cursor.rowcount)
    if count:
        cursor.execute("analyze orders_leaving")
        clear_orders(cursor, sql.SQL("select id from orders_leaving"))
        cursor.execute("delete from commerce_order where id in (select id from orders_leaving)")
        return count
    cursor.execute(
        sql.SQL("create temporary table orders_back on commit drop as select row_id as id from ({}) u limit {}").format(
            journaled(import_id, "commerce_order"), _BATCH
        )
    )
    orders = sql.SQL("select id from orders_back")
    clear_orders(cursor, orders)
    count = restore_rows(cursor, import_id, "commerce_order", orders)
    for table, column in (("commerce_orderline", "order_id"), ("customers_touchpoint", "record_id")):
        restore_rows(
            cursor, import_id, table,
            sql.SQL("{} and (previous ->> {})::bigint in ({})").format(
                journaled(import_id, table), sql.Literal(column), orders
            ),
        )  # fmt: skip
    return count


def undo_products(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute(
        sql.SQL("delete from commerce_product where id in ({} limit {})").format(
            created(import_id, "commerce_product"), _BATCH
        )
    )
    if cursor.rowcount:
        return int(cursor.rowcount)
    changed = sql.SQL("{} limit {}").format(journaled(import_id, "commerce_product"), _BATCH)
    return restore_rows(cursor, import_id, "commerce_product", changed)
