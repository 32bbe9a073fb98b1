"""What lists, filters and sorts may name of orders, their lines and products."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.commerce.lists import CUSTOMER, SOURCE
from rapport.commerce.queries import channel_choices, order_kind_choices
from rapport.customers.behind import name_behind
from rapport.customers.permissions import VIEW as VIEW_CUSTOMERS
from rapport.records.registry import Field, FieldKind

_FEW = "A business has thousands of products, which are sorted in memory."
_TEXT = ("is", "is_not", "starts_with", "contains", "empty", "filled")
_AMOUNT = ("is", "over", "under", "at_least", "at_most")
_DAY = ("on", "before", "after", "empty", "filled")
_WALKED = "The lines are walked in the order of the index of their orders' days."


def _of_line(name: str, label: str | Promise, kind: FieldKind, sql: str, **more: Any) -> Field:
    return Field(object="order_line", name=name, label=label, kind=kind, sql=sql, **more)


ORDER_LINE_FIELDS = (
    _of_line("number", _("Order"), FieldKind.TEXT, "r.external_id", essential=True, default_column=True, order=1),
    _of_line(
        "placed", _("Placed"), FieldKind.INSTANT, "r.placed_at", essential=True, can_be_empty=False,
        operators=("on", "before", "after"), sortable=True, sortable_because=_WALKED, default_column=True, order=2,
    ),
    replace(name_behind(CUSTOMER, of="order_line", order=3), shows=("order", "customer"), wide_only=True),
    Field(
        object="order_line", name="customer_public_id", label=_("Customer"), shows=("order", "customer"),
        right=VIEW_CUSTOMERS.name, kind=FieldKind.TEXT, sql="customer.public_id", join=CUSTOMER, order=4,
    ),
    Field(
        object="order_line", name="customer_number", label=_("Number of the customer"), shows=("order", "customer"),
        right=VIEW_CUSTOMERS.name, kind=FieldKind.TEXT, order=4,
        sql="(select p.external_id from customers_profile p where p.id = r.profile_id)",
    ),
    _of_line(
        "product", _("Product"), FieldKind.TEXT, "coalesce(r.product_name, r.product_code)",
        parts=(("name", "r.product_name"), ("code", "r.product_code")), parts_of="product", operators=_TEXT,
        default_column=True, order=5,
    ),
    _of_line(
        "product_public_id", _("Product"), FieldKind.TEXT, "r.product_public_id", hidden_with="product", order=5,
    ),
    _of_line(
        "code", _("Code"), FieldKind.TEXT, "r.product_code", shows=("product", "code"),
        operators=("is", "is_not", "starts_with", "empty", "filled"), order=6,
    ),
    _of_line(
        "category", _("Category"), FieldKind.TEXT, "r.product_category", shows=("product", "category"), operators=_TEXT,
        default_column=True, wide_only=True, order=7,
    ),
    _of_line("description", _("Description"), FieldKind.TEXT, "nullif(r.description, '')", order=8),
    _of_line(
        "kind", _("Kind"), FieldKind.CHOICE, "r.kind", shows=("order", "kind"), operators=("is", "is_not"),
        choices=order_kind_choices, wide_only=True, order=9,
    ),
    _of_line(
        "channel", _("Channel"), FieldKind.CHOICE, "r.channel", shows=("order", "channel"),
        operators=("is", "is_not"), choices=channel_choices, default_column=True, wide_only=True, order=10,
    ),
    _of_line(
        "quantity", _("Quantity"), FieldKind.NUMBER, "r.quantity", operators=_AMOUNT, default_column=True, wide_only=True,
        order=11,
    ),
    _of_line("unit_price", _("Unit price"), FieldKind.MONEY, "r.unit_price_micros", operators=_AMOUNT, order=12),
    _of_line(
        "amount", _("Amount"), FieldKind.MONEY, "r.amount_micros", shows=("order", "total"), operators=_AMOUNT,
        default_column=True, order=13,
    ),
    _of_line(
        "margin", _("Margin"), FieldKind.MONEY, "r.margin_micros", shows=("product", "cost"),
        operators=(*_AMOUNT, "empty", "filled"), order=14,
    ),
    _of_line(
        "currency", _("Currency"), FieldKind.TEXT, "r.currency", essential=True, operators=("is", "is_not"), order=15,
    ),
)  # fmt: skip

FIELDS = (
    *ORDER_LINE_FIELDS,
    Field(
        object="order",
        name="number",
        label=_("Order"),
        essential=True,
        kind=FieldKind.TEXT,
        sql="r.external_id",
        default_column=True,
        order=1,
    ),
    Field(
        object="order",
        name="placed",
        label=_("Placed"),
        essential=True,
        kind=FieldKind.INSTANT,
        sql="r.placed_at",
        can_be_empty=False,
        operators=("on", "before", "after"),
        sortable=True,
        default_column=True,
        order=2,
    ),
    name_behind(CUSTOMER, of="order", order=3),
    Field(
        object="order",
        name="customer_public_id",
        label=_("Customer"),
        hidden_with="customer",
        right=VIEW_CUSTOMERS.name,
        kind=FieldKind.TEXT,
        sql="customer.public_id",
        join=CUSTOMER,
        order=4,
    ),
    Field(
        object="order",
        name="customer_number",
        label=_("Number of the customer"),
        hidden_with="customer",
        right=VIEW_CUSTOMERS.name,
        kind=FieldKind.TEXT,
        sql="(select p.external_id from customers_profile p where p.id = r.profile_id)",
        order=4,
    ),
    Field(
        object="order",
        name="kind",
        label=_("Kind"),
        kind=FieldKind.CHOICE,
        sql="r.kind",
        operators=("is", "is_not"),
        choices=order_kind_choices,
        default_column=True,
        wide_only=True,
        order=5,
    ),
    Field(
        object="order",
        name="channel",
        label=_("Channel"),
        kind=FieldKind.CHOICE,
        sql="r.channel",
        operators=("is", "is_not"),
        choices=channel_choices,
        default_column=True,
        wide_only=True,
        order=6,
    ),
    Field(
        object="order",
        name="lines",
        label=_("Lines"),
        kind=FieldKind.NUMBER,
        sql="r.line_count",
        operators=_AMOUNT,
        default_column=True,
        wide_only=True,
        order=7,
    ),
    Field(
        object="order",
        name="total",
        label=_("Total"),
        kind=FieldKind.MONEY,
        sql="r.total_micros",
        operators=_AMOUNT,
        default_column=True,
        order=8,
    ),
    Field(
        object="order",
        name="currency",
        label=_("Currency"),
        essential=True,
        kind=FieldKind.TEXT,
        sql="r.currency",
        operators=("is", "is_not"),
        order=9,
    ),
    Field(
        object="order",
        name="promised",
        label=_("Promised"),
        kind=FieldKind.DATE,
        sql="r.promised_on",
        operators=_DAY,
        order=10,
    ),
    Field(
        object="order",
        name="shipped",
        label=_("Shipped"),
        kind=FieldKind.INSTANT,
        sql="r.shipped_at",
        operators=_DAY,
        order=11,
    ),
    Field(
        object="order",
        name="delivered",
        label=_("Delivered"),
        kind=FieldKind.INSTANT,
        sql="r.delivered_at",
        operators=_DAY,
        default_column=True,
        wide_only=True,
        order=12,
    ),
    Field(
        object="order",
        name="source",
        label=_("Source"),
        kind=FieldKind.TEXT,
        sql="source.label",
        join=SOURCE,
        operators=("is", "is_not"),
        order=13,
    ),
    Field(
        object="product",
        name="name",
        label=_("Name"),
        essential=True,
        kind=FieldKind.TEXT,
        sql="r.name",
        operators=("starts_with", "contains"),
        can_be_empty=False,
        sortable=True,
        sortable_because=_FEW,
        default_column=True,
        order=1,
    ),
    Field(
        object="product",
        name="code",
        label=_("Code"),
        kind=FieldKind.TEXT,
        sql="r.code",
        operators=("starts_with",),
        can_be_empty=False,
        sortable=True,
        sortable_because=_FEW,
        default_column=True,
        order=2,
    ),
    Field(
        object="product",
        name="category",
        label=_("Category"),
        kind=FieldKind.TEXT,
        sql="nullif(r.category, '')",
        operators=_TEXT,
        sortable=True,
        sortable_because=_FEW,
        default_column=True,
        wide_only=True,
        order=3,
    ),
    Field(
        object="product",
        name="price",
        label=_("Price"),
        kind=FieldKind.MONEY,
        sql="r.price_micros",
        operators=(*_AMOUNT, "empty", "filled"),
        sortable=True,
        sortable_because=_FEW,
        default_column=True,
        order=4,
    ),
    Field(
        object="product",
        name="cost",
        label=_("Cost"),
        kind=FieldKind.MONEY,
        sql="r.cost_micros",
        operators=(*_AMOUNT, "empty", "filled"),
        sortable=True,
        sortable_because=_FEW,
        default_column=True,
        wide_only=True,
        order=5,
    ),
    Field(
        object="product",
        name="currency",
        label=_("Currency"),
        essential=True,
        kind=FieldKind.TEXT,
        sql="nullif(r.currency, '')",
        order=6,
    ),
    Field(
        object="product",
        name="source",
        label=_("Source"),
        kind=FieldKind.TEXT,
        sql="source.label",
        join=SOURCE,
        operators=("is", "is_not"),
        default_column=True,
        wide_only=True,
        order=7,
    ),
)
