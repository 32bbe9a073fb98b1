"""What lists, filters and sorts may name of what a customer is foretold to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.core.money import format_money
from rapport.insight.permissions import TRAITS
from rapport.insight.queries import traits_currency
from rapport.records.registry import Field, FieldKind, Join
from rapport.ui.formats import number, percent

CLV = Join(
    alias="clv",
    table="insight_clv",
    on="clv.customer_id = r.id",
    key="customer_id",
    nullable=("expected_micros", "due_on", "repeats"),
)
_RANGE = ("at_least", "at_most", "empty", "filled")


def _money(micros: int | None) -> str:
    currency = traits_currency()
    return "" if micros is None or not currency else format_money(micros, currency)


def _percent(value: float | None) -> str:
    return "" if value is None else percent(float(value) / 100)


def _orders(value: float | None) -> str:
    return "" if value is None else number(round(float(value), 1))


LIFETIME_FIELDS = (
    Field(
        object="customer", name="alive_percent", label=_("Still a customer, in %"), kind=FieldKind.NUMBER,
        sql="clv.alive_percent", join=CLV, operators=_RANGE, sortable=True, right=TRAITS.name, order=67, format=_percent,
    ),
    Field(
        object="customer", name="expected_value", label=_("Expected value, next 12 months"), kind=FieldKind.MONEY,
        sql="clv.expected_micros", join=CLV, operators=("over", "under", *_RANGE), sortable=True, right=TRAITS.name, order=68,
        format=_money,
    ),
    Field(
        object="customer", name="expected_orders", label=_("Expected orders, next 12 months"), kind=FieldKind.NUMBER,
        sql="clv.expected_purchases", join=CLV, operators=_RANGE, right=TRAITS.name, order=69, format=_orders,
    ),
    Field(
        object="customer", name="order_due_on", label=_("Next order due"), kind=FieldKind.DATE,
        sql="clv.due_on", join=CLV, operators=("on", "before", "after", "empty", "filled"), sortable=True,
        right=TRAITS.name, order=70,
    ),
)  # fmt: skip
