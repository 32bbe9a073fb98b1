"""The importers of products, of retail order lines, of orders and of purchases."""

from __future__ import annotations

from dataclasses import replace

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.commerce import orders_import, product_import, purchases_import, retail_import
from rapport.commerce.basket_rows import WHOSE
from rapport.commerce.import_columns import OF_BASKETS, OF_ORDERS, OF_PRODUCTS, OF_PURCHASES, OF_RETAIL_LINES
from rapport.commerce.undoing_imports import product_conflicts, retail_conflicts, undo_products, undo_retail
from rapport.customers.imports.people import SOURCES
from rapport.records.imports.importing import Counts, Importer, Option, Phase, Run

_CHANNELS = (
    ("web_shop", _("Web shop")),
    ("store", _("Store")),
    ("call_center", _("Call center")),
    ("email", _("E-mail")),
    ("field_sales", _("Field sales")),
    ("direct_mail", _("Direct mail")),
)
_CHANNEL = Option("channel", _("Channel of the orders"), "web_shop", _CHANNELS)
_OWN_VALUES = ("custom", "text")


def _preview_retail(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(
        sql.SQL("""
            select count(*), count(o.id), sum(lines), count(*) filter (where s.key ~ '^C[0-9]+$'), sum(s.net)
              from (select key, count(*) as lines, sum(round(quantity * unit_price)) as net from {} group by key) s
              left join commerce_order o on o.source_id = {} and o.external_id = s.key
        """).format(run.table(), sql.Literal(run.source_id))
    )
    orders, known, lines, cancellations, net = (int(value or 0) for value in cursor.fetchone())
    cursor.execute(
        sql.SQL("select count(distinct customer_number), count(distinct stock_code) from {}").format(run.table())
    )
    customers, products = cursor.fetchone()
    return {
        "lines": lines, "orders": orders, "known_orders": known, "cancellations": cancellations, "customers": customers,
        "products": products, "net_micros": net,
    }  # fmt: skip


PRODUCTS = Importer(
    name="products",
    label=_("Products"),
    object="product",
    columns=OF_PRODUCTS,
    key=("code",),
    sources=SOURCES,
    phases=(Phase("products", _("Products"), product_import.prepare, product_import.apply),),
    preview=product_import.preview,
    conflicts=product_conflicts,
    undo=undo_products,
    takes_own_fields=True,
    staged=(_OWN_VALUES,),
    order=20,
)

RETAIL_LINES = Importer(
    name="retail-lines",
    label=_("Lines of retail orders"),
    object="order",
    columns=OF_RETAIL_LINES,
    key=("order_number",),
    sources=SOURCES,
    phases=(
        Phase("products", _("Products"), retail_import.prepare_products, retail_import.apply_products),
        Phase("customers", _("Customers"), retail_import.prepare_people, retail_import.apply_customers),
        Phase("orders", _("Orders"), retail_import.prepare_orders, retail_import.apply_orders),
    ),
    preview=_preview_retail,
    finish="rapport.commerce.amounts.line_finisher",
    conflicts=retail_conflicts,
    undo=undo_retail,
    needs_currency=True,
    takes_own_fields=True,
    staged=(_OWN_VALUES,),
    options=(_CHANNEL,),
    order=30,
)

ORDERS = Importer(
    name="orders",
    label=_("Orders"),
    object="order",
    columns=OF_ORDERS,
    key=("order_number",),
    sources=SOURCES,
    phases=(
        Phase("products", _("Products"), orders_import.prepare_products_of, retail_import.apply_products),
        Phase("customers", _("Customers"), orders_import.prepare_customers_of, orders_import.apply_customers_of),
        Phase("orders", _("Orders"), retail_import.prepare_orders, orders_import.apply_orders_of),
    ),
    preview=orders_import.preview_orders,
    finish="rapport.commerce.order_rows.order_finisher",
    conflicts=retail_conflicts,
    undo=undo_retail,
    needs_currency=True,
    takes_own_fields=True,
    staged=(("email_norm", "text"), ("customer_key", "text"), ("kind", "text"), _OWN_VALUES),
    options=(_CHANNEL,),
    order=32,
    is_guessed=False,
    is_guessed_last=True,
)

BASKETS = replace(
    ORDERS,
    name="baskets",
    label=_("What was bought, one product a row"),
    columns=OF_BASKETS,
    finish="rapport.commerce.basket_rows.basket_finisher",
    order=33,
    is_guessed_last=False,
    told_apart_by=_("The file has no order numbers: what a customer bought on a day is one order."),
    one_of=(("description", "stock_code"), WHOSE),
)

PURCHASES = Importer(
    name="purchases",
    label=_("Purchases, one a row"),
    object="order",
    columns=OF_PURCHASES,
    key=("order_number",),
    sources=SOURCES,
    phases=(
        Phase("customers", _("Customers"), retail_import.prepare_people, retail_import.apply_customers),
        Phase("orders", _("Orders"), retail_import.prepare_orders, purchases_import.apply_purchases),
    ),
    preview=purchases_import.preview_purchases,
    finish="rapport.commerce.purchase_rows.purchase_finisher",
    conflicts=retail_conflicts,
    undo=undo_retail,
    needs_currency=True,
    takes_own_fields=True,
    staged=(("country", "text"), _OWN_VALUES),
    options=(_CHANNEL,),
    order=34,
    is_guessed=False,
    told_apart_by=_(
        "The file has no order numbers: each row is an order, and what it says makes its number. The same row in another file"
        " is the same order, two such rows in one file are two."
    ),
)

IMPORTERS = (PRODUCTS, RETAIL_LINES, ORDERS, BASKETS, PURCHASES)
