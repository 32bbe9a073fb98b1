"""What this room brings into the warehouse: orders, their lines, products."""

from __future__ import annotations

from rapport.core.extracts import ColumnType, Extract

ORDERS = Extract(
    name="orders",
    # customer_id only where no profile leads to one: facts hang on profiles, so that a merge rewrites none of them
    select="""
        select o.id, o.profile_id, case when o.profile_id is null then o.customer_id end, o.kind, o.placed_at,
               (o.placed_at at time zone %(time_zone)s)::date, o.total_micros, o.currency::text, o.channel, o.line_count::bigint,
               o.reverses_id, (o.delivered_at at time zone %(time_zone)s)::date
          from commerce_order o
    """,
    columns=(
        ("order_id", ColumnType.INTEGER),
        ("profile_id", ColumnType.INTEGER),
        ("direct_customer_id", ColumnType.INTEGER),
        ("kind", ColumnType.TEXT),
        ("placed_at", ColumnType.INSTANT),
        ("placed_on", ColumnType.DATE),
        ("total_micros", ColumnType.INTEGER),
        ("currency", ColumnType.TEXT),
        ("channel", ColumnType.TEXT),
        ("line_count", ColumnType.INTEGER),
        ("reverses_id", ColumnType.INTEGER),
        ("delivered_on", ColumnType.DATE),
    ),
    reads=("commerce_order",),
    key="order_id",
)

ORDER_LINES = Extract(
    name="order_lines",
    select="""
        select l.order_id, l.number::bigint, l.product_id, (l.quantity * 1000000)::bigint, l.unit_price_micros, l.amount_micros
          from commerce_orderline l
    """,
    columns=(
        ("order_id", ColumnType.INTEGER),
        ("number", ColumnType.INTEGER),
        ("product_id", ColumnType.INTEGER),
        ("quantity_micros", ColumnType.INTEGER),
        ("unit_price_micros", ColumnType.INTEGER),
        ("amount_micros", ColumnType.INTEGER),
    ),
    reads=("commerce_orderline",),
    key="order_id",
)

PRODUCTS = Extract(
    name="products",
    select="""
        select p.id, p.code, p.name, p.category, p.price_micros, p.cost_micros, p.currency::text from commerce_product p
    """,
    columns=(
        ("product_id", ColumnType.INTEGER),
        ("code", ColumnType.TEXT),
        ("name", ColumnType.TEXT),
        ("category", ColumnType.TEXT),
        ("price_micros", ColumnType.INTEGER),
        ("cost_micros", ColumnType.INTEGER),
        ("currency", ColumnType.TEXT),
    ),
    reads=("commerce_product",),
    key="product_id",
)

EXTRACTS = (ORDERS, ORDER_LINES, PRODUCTS)
