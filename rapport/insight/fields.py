"""What lists, filters and sorts may name of what the marts know of a customer."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.core.money import format_money
from rapport.insight.churn.traits import RISK_FIELDS
from rapport.insight.five_worths.fields import FIVE_WORTHS_FIELDS
from rapport.insight.lifetime.fields import LIFETIME_FIELDS
from rapport.insight.permissions import TRAITS
from rapport.insight.queries import traits_currency
from rapport.insight.rfm.segments import NOT_YET, TONES, Segment
from rapport.records.registry import Field, FieldKind, Join

RFM = Join(alias="rfm", table="insight_rfm", on="rfm.customer_id = r.id", key="customer_id", nullable=())
_BAND = ("is", "at_least", "at_most", "empty", "filled")


def _segments() -> list[tuple[str, str | Promise]]:
    return list(Segment.choices)


def _segments_before() -> list[tuple[str, str | Promise]]:
    return [*Segment.choices, (NOT_YET, _("Had not bought"))]


def _money(micros: int | None) -> str:
    currency = traits_currency()
    return "" if micros is None or not currency else format_money(micros, currency)


def _band(name: str, label: str | Promise, order: int) -> Field:
    return Field(
        object="customer", name=name, label=label, kind=FieldKind.NUMBER, sql=f"rfm.{name}", join=RFM, operators=_BAND,
        right=TRAITS.name, order=order,
    )  # fmt: skip


FIELDS = (
    *LIFETIME_FIELDS,
    *RISK_FIELDS,
    *FIVE_WORTHS_FIELDS,
    Field(
        object="customer",
        name="segment",
        label=_("RFM group"),
        kind=FieldKind.CHOICE,
        sql="rfm.segment",
        join=RFM,
        operators=("is", "is_not", "empty", "filled"),
        choices=_segments,
        tone=lambda segment: TONES.get(segment, "plain"),
        default_column=True,
        right=TRAITS.name,
        order=60,
    ),
    Field(
        object="customer",
        name="value",
        label=_("Value so far"),
        kind=FieldKind.MONEY,
        sql="rfm.value_micros",
        join=RFM,
        operators=("over", "under", "at_least", "at_most", "empty", "filled"),
        sortable=True,
        ordered_within=("segment",),
        default_column=True,
        right=TRAITS.name,
        order=61,
        format=_money,
    ),
    Field(
        object="customer",
        name="last_purchase_on",
        label=_("Last purchase"),
        kind=FieldKind.DATE,
        sql="rfm.last_purchase_on",
        join=RFM,
        operators=("on", "before", "after", "empty", "filled"),
        sortable=True,
        right=TRAITS.name,
        order=62,
    ),
    Field(
        object="customer",
        name="first_purchase_on",
        label=_("First purchase"),
        kind=FieldKind.DATE,
        sql="rfm.first_purchase_on",
        join=RFM,
        operators=("on", "before", "after", "empty", "filled"),
        right=TRAITS.name,
        order=62,
    ),
    _band("recency_band", _("Recency band"), 63),
    _band("frequency_band", _("Frequency band"), 64),
    _band("monetary_band", _("Monetary band"), 65),
    Field(
        object="customer",
        name="segment_before",
        label=_("RFM group three months before"),
        kind=FieldKind.CHOICE,
        sql="rfm.segment_before",
        join=RFM,
        operators=("is", "is_not"),
        choices=_segments_before,
        right=TRAITS.name,
        order=66,
    ),
)
