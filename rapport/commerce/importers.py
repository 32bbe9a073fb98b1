"""The importers of products and of retail order lines."""

from __future__ import annotations

from babel.numbers import list_currencies
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.commerce import orders_import, product_import, retail_import
from rapport.commerce.headers import HEADERS
from rapport.commerce.undoing_imports import product_conflicts, retail_conflicts, undo_products, undo_retail
from rapport.customers.people_import import SOURCES
from rapport.records.importing import ColumnKind, Counts, ImportColumn, Importer, Option, Phase, Run

CURRENCIES = tuple(sorted(list_currencies()))
CHANNELS = (
    ("web_shop", _("Web shop")),
    ("store", _("Store")),
    ("call_center", _("Call center")),
    ("email", _("E-mail")),
    ("field_sales", _("Field sales")),
    ("direct_mail", _("Direct mail")),
)


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


RETAIL_LINES = Importer(
    name="retail-lines",
    label=_("Lines of retail orders"),
    object="order",
    columns=(
        ImportColumn(
            "order_number",
            _("Order number"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=(
                "invoice no",
                "invoice",
                "invoice number",
                "order no",
                "order id",
                "order",
                "receipt number",
                *HEADERS["lines.order_number"],
            ),
        ),
        ImportColumn(
            "stock_code",
            _("Product code"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=("stock code", "sku", "item code", "product id", "article number", *HEADERS["lines.stock_code"]),
        ),
        ImportColumn(
            "description",
            _("Description"),
            at_most=2000,
            aliases=("product name", "item", "product", *HEADERS["lines.description"]),
        ),
        ImportColumn(
            "quantity",
            _("Quantity"),
            ColumnKind.NUMBER,
            required=True,
            aliases=("qty", "units", *HEADERS["lines.quantity"]),
        ),
        ImportColumn(
            "placed_at",
            _("Ordered at"),
            ColumnKind.INSTANT,
            required=True,
            aliases=("invoice date", "order date", "ordered on", "date", "created at", *HEADERS["lines.placed_at"]),
        ),
        ImportColumn(
            "unit_price",
            _("Price of one"),
            ColumnKind.MONEY,
            required=True,
            aliases=("unit price", "price", "price each", *HEADERS["lines.unit_price"]),
        ),
        ImportColumn(
            "customer_number",
            _("Customer number"),
            ColumnKind.CODE,
            at_most=200,
            aliases=("customer id", "customer", "customer no", "client id", *HEADERS["lines.customer_number"]),
        ),
        ImportColumn(
            "country",
            _("Country of the customer"),
            at_most=100,
            aliases=("country/region", "ship country", *HEADERS["lines.country"]),
        ),
    ),
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
    options=(Option("channel", _("Channel of the orders"), "web_shop", CHANNELS),),
    order=30,
)

PRODUCTS = Importer(
    name="products",
    label=_("Products"),
    object="product",
    columns=(
        ImportColumn(
            "code",
            _("Product code"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=("sku", "stock code", "item code", "product id", "article number", "id", *HEADERS["products.code"]),
        ),
        ImportColumn(
            "name",
            _("Name"),
            at_most=500,
            aliases=("product name", "title", "description", "product", *HEADERS["products.name"]),
        ),
        ImportColumn(
            "category",
            _("Category"),
            at_most=200,
            aliases=("product category", "group", "product type", "type", *HEADERS["products.category"]),
        ),
        ImportColumn(
            "price",
            _("Price"),
            ColumnKind.MONEY,
            aliases=("unit price", "list price", "sales price", "retail price", *HEADERS["products.price"]),
        ),
        ImportColumn(
            "cost",
            _("Cost"),
            ColumnKind.MONEY,
            aliases=("unit cost", "purchase price", "cost price", *HEADERS["products.cost"]),
        ),
        ImportColumn(
            "currency", _("Currency"), ColumnKind.CHOICE, choices=CURRENCIES, aliases=("currency code", "währung")
        ),
        ImportColumn("rapport_id", _("Id in Rapport"), ColumnKind.CODE, at_most=36, aliases=("rapport product id",)),
    ),
    key=("code",),
    sources=SOURCES,
    phases=(Phase("products", _("Products"), product_import.prepare, product_import.apply),),
    preview=product_import.preview,
    conflicts=product_conflicts,
    undo=undo_products,
    takes_own_fields=True,
    staged=(("custom", "text"),),
    order=20,
)

_OF_LINES = {column.name: column.aliases for column in RETAIL_LINES.columns}

ORDERS = Importer(
    name="orders",
    label=_("Orders"),
    object="order",
    columns=(
        ImportColumn(
            "order_number",
            _("Order number"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=("number", *_OF_LINES["order_number"]),
        ),
        ImportColumn(
            "placed_at",
            _("Ordered at"),
            ColumnKind.INSTANT,
            required=True,
            aliases=("placed", "created at", *_OF_LINES["placed_at"]),
        ),
        ImportColumn(
            "customer_number",
            _("Customer number"),
            ColumnKind.CODE,
            at_most=200,
            aliases=("number of the customer", *_OF_LINES["customer_number"]),
        ),
        ImportColumn(
            "customer_email",
            _("E-mail of the customer"),
            ColumnKind.EMAIL,
            at_most=320,
            aliases=("email", "customer email", "e-mail", "mail"),
        ),
        ImportColumn("customer_name", _("Name of the customer"), aliases=("customer name", "billing name", "buyer")),
        ImportColumn(
            "status",
            _("Status or kind"),
            at_most=100,
            aliases=("status", "kind", "order status", "zustand", "statut", "estado"),
        ),
        ImportColumn("channel", _("Channel"), at_most=60, aliases=("sales channel", "kanal", "canal")),
        ImportColumn(
            "total",
            _("Total"),
            ColumnKind.MONEY,
            aliases=(
                "order total",
                "grand total",
                "amount",
                "summe",
                "gesamtbetrag",
                "betrag",
                "montant",
                "importe",
                "bedrag",
            ),
        ),
        ImportColumn(
            "currency", _("Currency"), ColumnKind.CHOICE, choices=CURRENCIES, aliases=("currency code", "währung")
        ),
        ImportColumn("stock_code", _("Product code"), ColumnKind.CODE, at_most=200, aliases=_OF_LINES["stock_code"]),
        ImportColumn("description", _("Description"), at_most=2000, aliases=_OF_LINES["description"]),
        ImportColumn("quantity", _("Quantity"), ColumnKind.NUMBER, aliases=_OF_LINES["quantity"]),
        ImportColumn("unit_price", _("Price of one"), ColumnKind.MONEY, aliases=_OF_LINES["unit_price"]),
        ImportColumn(
            "promised_on", _("Promised"), ColumnKind.DATE, aliases=("promised", "promised on", "delivery date")
        ),
        ImportColumn("shipped_at", _("Shipped"), ColumnKind.INSTANT, aliases=("shipped", "shipped at", "fulfilled at")),
        ImportColumn("delivered_at", _("Delivered"), ColumnKind.INSTANT, aliases=("delivered", "delivered at")),
        ImportColumn("rapport_id", _("Id in Rapport"), ColumnKind.CODE, at_most=36, aliases=("rapport order id",)),
    ),
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
    staged=(("email_norm", "text"), ("customer_key", "text"), ("kind", "text")),
    options=(Option("channel", _("Channel of the orders"), "web_shop", CHANNELS),),
    order=32,
    is_guessed=False,
)

IMPORTERS = (PRODUCTS, RETAIL_LINES, ORDERS)
