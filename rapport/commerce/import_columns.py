"""The columns that files of products, of order lines and of orders may have."""

from __future__ import annotations

from dataclasses import replace

from babel.numbers import list_currencies
from django.utils.translation import gettext_lazy as _

from rapport.commerce.headers import HEADERS
from rapport.records.imports.importing import ColumnKind, ImportColumn

CURRENCIES = tuple(sorted(list_currencies()))

_NUMBER = ImportColumn(
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
)
_CODE = ImportColumn(
    "stock_code",
    _("Product code"),
    ColumnKind.CODE,
    required=True,
    at_most=200,
    aliases=("stock code", "sku", "item code", "product id", "article number", *HEADERS["lines.stock_code"]),
)
_DESCRIPTION = ImportColumn(
    "description",
    _("Description"),
    at_most=2000,
    aliases=("product name", "item", "product", *HEADERS["lines.description"]),
)
_QUANTITY = ImportColumn(
    "quantity", _("Quantity"), ColumnKind.NUMBER, required=True, aliases=("qty", "units", *HEADERS["lines.quantity"])
)
_PLACED = ImportColumn(
    "placed_at",
    _("Ordered at"),
    ColumnKind.INSTANT,
    required=True,
    aliases=("invoice date", "order date", "ordered on", "date", "created at", *HEADERS["lines.placed_at"]),
)
_UNIT_PRICE = ImportColumn(
    "unit_price",
    _("Price of one"),
    ColumnKind.MONEY,
    required=True,
    aliases=("unit price", "price", "price each", *HEADERS["lines.unit_price"]),
)
_CUSTOMER = ImportColumn(
    "customer_number",
    _("Customer number"),
    ColumnKind.CODE,
    at_most=200,
    aliases=("customer id", "customer", "customer no", "client id", *HEADERS["lines.customer_number"]),
)
_CURRENCY = ImportColumn(
    "currency", _("Currency"), ColumnKind.CHOICE, choices=CURRENCIES, aliases=("currency code", "währung")
)


def _id_of(name: str) -> ImportColumn:
    return ImportColumn("rapport_id", _("Id in Rapport"), ColumnKind.CODE, at_most=36, aliases=(f"rapport {name} id",))


def _if_there(column: ImportColumn) -> ImportColumn:
    return replace(column, required=False)


OF_PRODUCTS = (
    ImportColumn(
        "code", _("Product code"), ColumnKind.CODE, required=True, at_most=200,
        aliases=("sku", "stock code", "item code", "product id", "article number", "id", *HEADERS["products.code"]),
    ),
    ImportColumn(
        "name", _("Name"), at_most=500,
        aliases=("product name", "title", "description", "product", *HEADERS["products.name"]),
    ),
    ImportColumn(
        "category", _("Category"), at_most=200,
        aliases=("product category", "group", "product type", "type", *HEADERS["products.category"]),
    ),
    ImportColumn(
        "price", _("Price"), ColumnKind.MONEY,
        aliases=("unit price", "list price", "sales price", "retail price", *HEADERS["products.price"]),
    ),
    ImportColumn(
        "cost", _("Cost"), ColumnKind.MONEY,
        aliases=("unit cost", "purchase price", "cost price", *HEADERS["products.cost"]),
    ),
    _CURRENCY,
    _id_of("product"),
)  # fmt: skip

OF_RETAIL_LINES = (
    _NUMBER,
    _CODE,
    _DESCRIPTION,
    _QUANTITY,
    _PLACED,
    _UNIT_PRICE,
    _CUSTOMER,
    ImportColumn(
        "country", _("Country of the customer"), at_most=100,
        aliases=("country/region", "ship country", *HEADERS["lines.country"]),
    ),
)  # fmt: skip

OF_ORDERS = (
    replace(_NUMBER, aliases=("number", *_NUMBER.aliases)),
    replace(_PLACED, aliases=("placed", *_PLACED.aliases)),
    replace(_CUSTOMER, aliases=("number of the customer", *_CUSTOMER.aliases)),
    ImportColumn(
        "customer_email", _("E-mail of the customer"), ColumnKind.EMAIL, at_most=320,
        aliases=("email", "customer email", "e-mail", "mail"),
    ),
    ImportColumn("customer_name", _("Name of the customer"), aliases=("customer name", "billing name", "buyer")),
    ImportColumn(
        "status", _("Status or kind"), at_most=100,
        aliases=("status", "kind", "order status", "zustand", "statut", "estado"),
    ),
    ImportColumn("channel", _("Channel"), at_most=60, aliases=("sales channel", "kanal", "canal")),
    ImportColumn(
        "total", _("Total"), ColumnKind.MONEY,
        aliases=("order total", "grand total", "amount", "summe", "gesamtbetrag", "betrag", "montant", "importe", "bedrag"),
    ),
    _CURRENCY,
    _if_there(_CODE),
    _DESCRIPTION,
    _if_there(_QUANTITY),
    _if_there(_UNIT_PRICE),
    ImportColumn("promised_on", _("Promised"), ColumnKind.DATE, aliases=("promised", "promised on", "delivery date")),
    ImportColumn("shipped_at", _("Shipped"), ColumnKind.INSTANT, aliases=("shipped", "shipped at", "fulfilled at")),
    ImportColumn("delivered_at", _("Delivered"), ColumnKind.INSTANT, aliases=("delivered", "delivered at")),
    _id_of("order"),
)  # fmt: skip

OF_PURCHASES = (
    replace(_CUSTOMER, required=True, aliases=(*_CUSTOMER.aliases, "cust", "cust id", "user id", "member id", "donor id", "id")),
    replace(
        _PLACED, aliases=("purchased on", "purchase date", "bought on", "transaction date", "gift date", *_PLACED.aliases, "day")
    ),
    ImportColumn(
        "units", _("How many"), ColumnKind.NUMBER,
        aliases=("quantity", "qty", "items", "number of items", "cds", *HEADERS["lines.quantity"]),
    ),
    ImportColumn(
        "amount", _("For how much"), ColumnKind.MONEY, asked_for=True,
        aliases=(
            "total", "value", "dollar value", "sum", "sales", "spend", "price", "gift amount",
            "summe", "betrag", "montant", "importe", "bedrag",
        ),
    ),
    _if_there(_NUMBER),
)  # fmt: skip

_IN_BASKETS = {
    "order_number": (
        "transaction",
        "transaction id",
        "transaction no",
        "basket",
        "basket id",
        "ticket",
        *_NUMBER.aliases,
    ),
    "placed_at": ("placed", "transaction date", "purchased on", "bought on", "day", *_PLACED.aliases),
    "customer_number": ("member number", "member id", "user id", "household key", "cust id", *_CUSTOMER.aliases),
    "description": ("item description", "item name", "product description", *_DESCRIPTION.aliases),
    "stock_code": ("item id", *_CODE.aliases),
}
OF_BASKETS = tuple(
    replace(
        column,
        required=column.required and column.name != "order_number",
        aliases=_IN_BASKETS.get(column.name, column.aliases),
    )
    for column in OF_ORDERS
)
