"""What lists, filters, sorts and the customer page may name of who may leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.insight.churn.questions import label_of_risks, newest_risks
from rapport.insight.churn.words import reason_parts
from rapport.insight.models import CustomerRisk
from rapport.insight.permissions import TRAITS
from rapport.records.layouts.sight import hidden_names
from rapport.records.registry import Field, FieldKind, Join
from rapport.ui.formats import percent

if TYPE_CHECKING:
    from rapport.accounts.models import User

RISK = Join(alias="leaving", table="insight_leaving", on="leaving.customer_id = r.id", key="customer_id", nullable=())
HIGH, RAISED = 70.0, 40.0


def _percent(value: float | None) -> str:
    return "" if value is None else percent(float(value) / 100)


RISK_FIELDS = (
    Field(
        object="customer", name="leaving_percent", label=_("Risk of leaving, in %"), kind=FieldKind.NUMBER,
        sql="leaving.leaving_percent", join=RISK, operators=("at_least", "at_most", "empty", "filled"), sortable=True,
        right=TRAITS.name, order=71, format=_percent, tells=label_of_risks,
    ),
)  # fmt: skip


def risk_shown(user: User, customer_id: int) -> dict[str, Any] | None:
    """A customer's risk with the reasons that `user` may see, for callers that let the customer through the gate already."""
    risk = CustomerRisk.objects.filter(customer_id=customer_id).first()
    if risk is None:
        return None
    run, hidden = newest_risks(), hidden_names(user, "customer")
    if run is None or "leaving_percent" in hidden:
        return None
    report = run.model.report
    reasons = _told([each for each in risk.reasons if each["field"] not in hidden])
    days = report.get("horizon_days")
    return {
        "percent": risk.leaving_percent,
        "tone": "bad" if risk.leaving_percent >= HIGH else "warn" if risk.leaving_percent >= RAISED else "good",
        "reasons": [
            (*reason_parts(each, days=days, currency=run.model.currency), each["adds"] > 0) for each in reasons
        ],
        "horizon_days": days,
        # the share that reasons are held against: of customers as they are now, not of all days that were looked back to
        "everybody": next((each["everybody"] for each in reasons if each.get("rate") is not None), report.get("rate")),
        "as_of": run.as_of,
    }


def _told(reasons: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of which can be said what became of others: a figure that works only beside others puzzles who reads it alone."""
    return [each for each in reasons if each.get("rate") is not None] or reasons
