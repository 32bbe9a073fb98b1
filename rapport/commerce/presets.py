"""Files of products and orders that are known by their headers: those that Rapport has written, and those of shops."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.imports.presets import Preset, as_exported

OUR_PRODUCTS = as_exported("product", _("products as Rapport exports them"), importer="products")
OUR_ORDERS = as_exported("order", _("orders as Rapport exports them"), importer="orders")

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

PURCHASES = Preset(
    name="purchases",
    label=_("purchases, each row an order"),
    importer="purchases",
    told_by=("customer id", "id", "date", "units", "number of cds", "cds", "amount", "dollar value", "spend"),
    at_least=4,
    without=("order id", "order number", "order no", "invoice", "invoice no", "invoice number"),
    columns={"units": ("units", "number of cds"), "amount": ("amount", "dollar value")},
)

PRESETS = (OUR_PRODUCTS, OUR_ORDERS, SHOPIFY_ORDERS, PURCHASES)
