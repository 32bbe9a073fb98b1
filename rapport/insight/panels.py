"""What a customer's purchases say, on the customer page."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from rapport.accounts.access import staff_user
from rapport.insight import queries
from rapport.insight.churn.traits import risk_shown
from rapport.insight.five_worths.page import lesson_words
from rapport.insight.five_worths.unit_values import contact_costs
from rapport.insight.permissions import TRAITS
from rapport.insight.rfm.segments import CHIP_LABELS, TONES, Segment
from rapport.ui.formats import money_short
from rapport.ui.panels import Panel


def _rfm_chip(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    worth, run = queries.worth_of(customer_id), queries.newest_run()
    if worth is None or run is None:
        return None
    segment = Segment(worth.segment)
    return {
        "label": CHIP_LABELS.get(segment, segment.label),
        "tone": TONES[segment],
        "bands": (worth.recency_band, worth.frequency_band, worth.monetary_band),
        "as_of": run.as_of,
    }


def _five(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    worths, run = queries.five_worths_of(customer_id), queries.newest_five_worths()
    public_id = _public_id(request)
    if worths is None or run is None or public_id is None:
        return None
    return {
        "worths": worths,
        "worth": queries.worth_of(customer_id),
        "currency": run.currency,
        "as_of": run.as_of,
        "public_id": public_id,
        "to_serve": worths.service_micros + worths.campaign_micros + worths.delivery_micros,
        "costs_are_set": any(contact_costs(run.report["units"]).values()),
        "lessons": lesson_words(worths),
    }


def _buys_when(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    worth, run = queries.worth_of(customer_id), queries.newest_run()
    if worth is None or run is None:
        return None
    months = [queries.months_before(run.as_of.replace(day=1), age) for age in reversed(range(len(worth.months)))]
    points: list[tuple[Any, ...]] = [
        (_month(month), net, money_short(net, run.currency)) for month, net in zip(months, worth.months, strict=True)
    ]
    points[-1] = (*points[-1], "open")
    foretold: Any = worth  # with what CustomerLifetime says of her, as queries.FORETOLD names it
    if foretold.due_on is not None and foretold.expected_micros and foretold.expected_purchases:
        order = round(foretold.expected_micros / foretold.expected_purchases)
        said = _("about %(amount)s") % {"amount": money_short(order, run.currency)}
        points.append((_month(foretold.due_on), order, said, "expected"))
    return {
        "points": points, "every_days": worth.usual_days_between, "as_of": run.as_of, "due_on": foretold.due_on,
        "worth": worth, "currency": run.currency,
    }  # fmt: skip


def _likely_next(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    """It comes by itself once it is seen: what is likely takes the engine a moment."""
    public_id = _public_id(request)
    return {"public_id": public_id} if public_id is not None and queries.worth_of(customer_id) is not None else None


def _risk(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    return risk_shown(staff_user(request), customer_id)


def _public_id(request: HttpRequest) -> Any:
    match = request.resolver_match
    return match.kwargs.get("public_id") if match is not None else None


def _month(first: date) -> str:
    return format_date(first, "MMM y", locale=to_locale(get_language() or "en"))


PANELS = (
    Panel("rfm", gettext_lazy("RFM"), "chip", "insight/panel_chip.html", _rfm_chip, order=10, right=TRAITS.name),
    Panel(
        "value",
        gettext_lazy("Worth in five ways"),
        "worth",
        "insight/panel_value.html",
        _five,
        order=10,
        right=TRAITS.name,
    ),
    Panel(
        "buys_when",
        gettext_lazy("Buys when"),
        "right",
        "insight/panel_buys_when.html",
        _buys_when,
        order=40,
        right=TRAITS.name,
    ),
    Panel(
        "risk", gettext_lazy("Risk of leaving"), "right", "insight/panel_risk.html", _risk, order=42, right=TRAITS.name
    ),
    Panel(
        "likely_next",
        gettext_lazy("Likely next"),
        "right",
        "insight/panel_likely_next.html",
        _likely_next,
        order=45,
        right=TRAITS.name,
    ),
)
