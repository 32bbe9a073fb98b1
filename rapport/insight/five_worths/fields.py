"""What lists, filters and sorts may name of what customers contribute, teach us and bring us."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.core.money import format_money
from rapport.insight.permissions import TRAITS
from rapport.insight.queries import traits_currency
from rapport.records.registry import Field, FieldKind, Join
from rapport.ui.formats import number, percent

FIVE = Join(
    alias="five",
    table="insight_five",
    on="five.customer_id = r.id",
    key="customer_id",
    nullable=("contribution_percent", "last_purchase_on"),
)
_RANGE = ("at_least", "at_most", "empty", "filled")


def _money(micros: int | None) -> str:
    currency = traits_currency()
    return "" if micros is None or not currency else format_money(micros, currency)


def _percent(value: float | None) -> str:
    return "" if value is None else percent(float(value) / 100)


def _count(value: int | None) -> str:
    return "" if value is None else number(value)


def _amount(name: str, label: str | Promise, column: str, order: int, *, sortable: bool = False) -> Field:
    return Field(
        object="customer", name=name, label=label, kind=FieldKind.MONEY, sql=f"five.{column}", join=FIVE,
        operators=("over", "under", *_RANGE), sortable=sortable, right=TRAITS.name, order=order, format=_money,
    )  # fmt: skip


def _counted(name: str, label: str | Promise, column: str, order: int, *, sortable: bool = False) -> Field:
    return Field(
        object="customer", name=name, label=label, kind=FieldKind.NUMBER, sql=f"five.{column}", join=FIVE,
        operators=_RANGE, sortable=sortable, right=TRAITS.name, order=order, format=_count,
    )  # fmt: skip


FIVE_WORTHS_FIELDS = (
    _amount("margin", _("Margin so far"), "margin_micros", 71),
    _amount("contribution", _("Contribution after cost to serve"), "contribution_micros", 72, sortable=True),
    Field(
        object="customer", name="contribution_percent", label=_("Contribution, in % of net revenue"), kind=FieldKind.NUMBER,
        sql="five.contribution_percent", join=FIVE, operators=_RANGE, right=TRAITS.name, order=73, format=_percent,
    ),
    _counted("insight_items", _("Lessons from the customer"), "insight_items", 74, sortable=True),
    _amount("insight_value", _("Value of lessons"), "insight_micros", 75),
    _counted("referred_count", _("Customers referred"), "referred", 76),
    _amount("influence", _("Influence by referrals"), "influence_micros", 77, sortable=True),
)  # fmt: skip
