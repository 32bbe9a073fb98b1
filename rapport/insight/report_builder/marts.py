"""Small marts that a report can be made of: their fields, and their rows as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.insight.rfm.segments import MONETARY_CHOICES, Segment
from rapport.records.registry import Field, FieldKind

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Mart:
    """A mart with few rows, of the whole business: who may see reports and analyses sees all of it."""

    name: str
    label: str | Promise
    version: str
    fields: Mapping[str, Field]
    rows: Callable[[Reports, date], Rows]


def _fields(of: str, *found: tuple[str, str | Promise, FieldKind, bool]) -> dict[str, Field]:
    return {
        name: Field(
            object=of, name=name, label=label, kind=kind, sql="", default_column=is_usual,
            choices=(lambda: list(Segment.choices)) if kind is FieldKind.CHOICE else None,
        )
        for name, label, kind, is_usual in found
    }  # fmt: skip


def _months(answers: Reports, as_of: date) -> Rows:
    return [{**row, "month": date(row["year"], row["month"], 1)} for row in answers.revenue(as_of=as_of)["months"]]


def _segments(answers: Reports, as_of: date) -> Rows:
    rows: Rows = answers.rfm(as_of=as_of, monetary=MONETARY_CHOICES[0][0])["segments"]
    return [row for row in rows if row["customers"]]


MARTS = (
    Mart(
        "mart-revenue",
        _("Revenue by month (mart)"),
        "monthly_revenue",
        _fields(
            "mart-revenue",
            ("month", _("Month"), FieldKind.DATE, True),
            ("net_micros", _("Revenue less returns"), FieldKind.MONEY, True),
            ("gross_micros", _("Revenue"), FieldKind.MONEY, True),
            ("purchases", _("Purchases"), FieldKind.NUMBER, True),
        ),
        _months,
    ),
    Mart(
        "mart-rfm",
        _("RFM groups (mart)"),
        "rfm",
        _fields(
            "mart-rfm",
            ("segment", _("RFM group"), FieldKind.CHOICE, True),
            ("customers", _("Customers"), FieldKind.NUMBER, True),
            ("purchases", _("Purchases"), FieldKind.NUMBER, True),
            ("value_micros", _("Value so far"), FieldKind.MONEY, True),
        ),
        _segments,
    ),
)
