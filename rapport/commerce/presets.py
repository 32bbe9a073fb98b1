"""Files that Rapport has written of its own products and orders, known by the header of their ids."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.presets import Preset

_AS_WE_WRITE = {"dates": "ymd", "decimal": "."}

OUR_PRODUCTS = Preset(
    name="rapport-products",
    label=_("products as Rapport exports them"),
    importer="products",
    told_by=("rapport product id",),
    at_least=1,
    source="Spreadsheet",
    is_ours=True,
    answers=_AS_WE_WRITE,
)

OUR_ORDERS = Preset(
    name="rapport-orders",
    label=_("orders as Rapport exports them"),
    importer="orders",
    told_by=("rapport order id",),
    at_least=1,
    source="Spreadsheet",
    is_ours=True,
    answers=_AS_WE_WRITE,
)

SHOPIFY_ORDERS = Preset(
    name="shopify-orders",
    label=_("orders of Shopify"),
    importer="orders",
    told_by=(
        "financial status", "fulfillment status", "lineitem quantity", "lineitem name", "lineitem price", "lineitem sku",
        "lineitem fulfillment status", "paid at", "discount code", "shipping method", "billing name", "cancelled at",
    ),
    at_least=4,
    columns={
        "order_number": ("name",),
        "placed_at": ("created at",),
        "customer_email": ("email",),
        "customer_name": ("billing name",),
        "status": ("financial status",),
        "total": ("total",),
        "currency": ("currency",),
        "stock_code": ("lineitem sku",),
        "description": ("lineitem name",),
        "quantity": ("lineitem quantity",),
        "unit_price": ("lineitem price",),
        "shipped_at": ("fulfilled at",),
    },
    source="Shopify",
)  # fmt: skip

PRESETS = (OUR_PRODUCTS, OUR_ORDERS, SHOPIFY_ORDERS)
