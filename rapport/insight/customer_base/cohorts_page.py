"""The other three lenses of the page of the customer base: one cohort, all cohorts side by side, and the whole base."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from rapport.insight.behind.links import ACTIVE, COHORT
from rapport.insight.customer_base.audit import default_cohort
from rapport.insight.customer_base.charts import Column, stacked
from rapport.insight.customer_base.forms import ORDERS, RETENTION
from rapport.insight.customer_base.periods import BaseQuestion, period_days, period_key, period_number
from rapport.insight.customer_base.words import behind_cohort, of_whom, period_label, shown_money, shown_share
from rapport.insight.reports import Report
from rapport.ui.formats import number, percent

AGES_SHOWN, COHORTS_SHOWN, PERIODS_SHOWN, LAYERS = 12, 16, 24, 8
Points = list[tuple[Any, ...]]


@dataclass(frozen=True)
class FollowedPart:
    """One cohort over time."""

    label: str
    says: str
    is_first: bool
    values: Points
    shares: Points
    lines: list[tuple[str, ...]]
    href: str


@dataclass(frozen=True)
class CohortsPart:
    """Cohorts side by side, each by its age."""

    says: str
    ages: list[int]
    rows: list[dict[str, Any]]
    left_out: int


@dataclass(frozen=True)
class WholePart:
    """The whole base: periods across, cohorts in layers."""

    says: str
    columns: list[Column]
    layers: list[tuple[str, str]]
    first: str
    last: str
    rows: list[tuple[str, list[str], str]]
    is_open: bool


def cohort_choices(cohorts: list[Report], grain: str) -> list[tuple[str, str]]:
    """Newest first; nothing chosen is the one that is followed by itself."""
    usual = default_cohort(cohorts)
    said = [(each["cohort"], period_label(each["first"], grain)) for each in reversed(cohorts)]
    return [("", period_label(usual["first"], grain)) if usual else ("", "—"), *said]


def followed_part(report: Report, question: BaseQuestion, *, chosen: str, listed: bool) -> FollowedPart | None:
    cohorts, currency = report["cohorts"]["cohorts"], report["currency"]
    cohort = next((each for each in cohorts if each["cohort"] == chosen), None) or report["one_cohort"]
    if cohort is None:
        return None
    opened = _open_period(question)
    labels = [_period_label(cell["period"], question.grain) for cell in cohort["periods"]]
    cells = list(zip(labels, cohort["periods"], strict=True))[-PERIODS_SHOWN:]
    return FollowedPart(
        label=period_label(cohort["first"], question.grain),
        says=_followed_says(cohort, question, currency),
        is_first=cohort["cohort"] == cohorts[0]["cohort"],
        values=[
            (label, cell["value_micros"], shown_money(cell["value_micros"], currency), _state(cell, opened))
            for label, cell in cells
        ],
        shares=[
            (
                label,
                cell["active"] / cohort["members"],
                _active(cell, cohort),
                _state(cell, opened),
                _active_href(cell, cohort, question) if listed else "",
            )
            for label, cell in cells
        ],
        lines=[
            (
                label,
                number(cell["active"]),
                shown_share(cell["active"], cohort["members"]),
                number(cell["purchases"]),
                shown_money(cell["value_micros"], currency),
            )
            for label, cell in cells
        ],
        href=_cohort_href(cohort, question) if listed else "",
    )


def cohorts_part(report: Report, question: BaseQuestion, *, measure: str, listed: bool) -> CohortsPart:
    cohorts, currency = report["cohorts"]["cohorts"], report["currency"]
    shown = cohorts[-COHORTS_SHOWN:]
    least = 1 if measure == RETENTION else 0
    longest = min(max((len(each["periods"]) for each in shown), default=0), AGES_SHOWN + 1)
    values = [[_measured(cell, each, measure) for cell in each["periods"][least:longest]] for each in shown]
    lowest = min((value for row in values for value in row), default=0.0)
    span = max((value for row in values for value in row), default=0.0) - lowest
    opened = _open_period(question)
    rows = []
    for cohort, row in zip(shown, values, strict=True):
        cells = [
            {
                "shown": _shown_measure(value, measure, currency),
                "heat": round(10 * (value - lowest) / span) if span else 0,
                "title": _active(cell, cohort),
                "href": _active_href(cell, cohort, question) if listed else "",
                "is_open": cell["period"] == opened,
            }
            for value, cell in zip(row, cohort["periods"][least:longest], strict=True)
        ]
        rows.append(
            {
                "label": period_label(cohort["first"], question.grain),
                "members": number(cohort["members"]),
                "href": _cohort_href(cohort, question) if listed else "",
                "cells": cells,
                "missing": longest - least - len(cells),
            }
        )
    return CohortsPart(_cohorts_says(cohorts, question), list(range(least, longest)), rows, len(cohorts) - len(shown))


def whole_part(report: Report, question: BaseQuestion, *, listed: bool) -> WholePart:
    periods, currency = report["whole_base"]["periods"][-PERIODS_SHOWN:], report["currency"]
    pools = _pools(report["cohorts"]["cohorts"], question.grain)
    names = list(dict.fromkeys(pools.values()))
    unknown = of_whom(question.of, _("Nobody known"), _("No product named"))
    has_unknown = any(_without_cohort(period) for period in periods)
    layers = [(f"layer-{place}", name) for place, name in enumerate(names)]
    layers += [("layer-unknown", unknown)] if has_unknown else []
    columns, rows = [], []
    for period in periods:
        sums = dict.fromkeys(names, 0)
        for cohort, micros in period["by_cohort"].items():
            sums[pools[cohort]] += micros
        amounts = [*sums.values(), *([_without_cohort(period)] if has_unknown else [])]
        label = period_label(period["first"], question.grain)
        marks = [
            (tone, micros, f"{label}, {name}: {shown_money(micros, currency)}")
            for (tone, name), micros in zip(layers, amounts, strict=True)
        ]
        columns.append((label, marks, period["is_open"]))
        shown = [shown_money(micros, currency) for micros in (*amounts, period["value_micros"])]
        leads = listed and period["active"]
        rows.append((label, shown, behind_cohort(question, ACTIVE, at=period["first"]) if leads else ""))
    drawn = stacked(columns)
    first, last = (columns[0][0], columns[-1][0]) if columns else ("", "")
    is_open = bool(periods) and periods[-1]["is_open"]
    return WholePart(_whole_says(periods, question), drawn, layers, first, last, rows, is_open)


def _followed_says(cohort: Report, question: BaseQuestion, currency: str) -> str:
    total, first = sum(cell["value_micros"] for cell in cohort["periods"]), cohort["periods"][0]
    said = {
        "members": number(cohort["members"]),
        "cohort": period_label(cohort["first"], question.grain),
        "value": shown_money(total, currency),
        "first": shown_share(first["value_micros"], total),
    }
    closed = [cell for cell in cohort["periods"][1:] if cell["period"] != _open_period(question)]
    if not closed:
        return (
            of_whom(
                question.of,
                _("%(members)s customers first bought in %(cohort)s; they have brought %(value)s so far."),
                _("%(members)s products were first sold in %(cohort)s; they have brought %(value)s so far."),
            )
            % said
        )
    said["share"] = shown_share(closed[-1]["active"], cohort["members"])
    said["last"] = _period_label(closed[-1]["period"], question.grain)
    return (
        of_whom(
            question.of,
            _(
                "Of %(members)s customers who first bought in %(cohort)s, %(share)s bought in %(last)s; of the %(value)s that"
                " they have brought so far, %(first)s came in their first period."
            ),
            _(
                "Of %(members)s products first sold in %(cohort)s, %(share)s were sold in %(last)s; of the %(value)s that they"
                " have brought so far, %(first)s came in their first period."
            ),
        )
        % said
    )


def _cohorts_says(cohorts: list[Report], question: BaseQuestion) -> str:
    """How many come back in the very next period: all together, and of the newest cohort of which that is known."""
    opened = _open_period(question)
    known = [each for each in cohorts if len(each["periods"]) > 1 and each["periods"][1]["period"] != opened]
    if not known:
        return _("No cohort has a whole period behind it after its first one yet.")
    came, members = sum(each["periods"][1]["active"] for each in known), sum(each["members"] for each in known)
    said = {
        "all": shown_share(came, members),
        "newest": shown_share(known[-1]["periods"][1]["active"], known[-1]["members"]),
        "cohort": period_label(known[-1]["first"], question.grain),
    }
    return of_whom(
        question.of,
        _("%(all)s of all customers bought again in the period after their first; of those of %(cohort)s, %(newest)s did."),
        _("%(all)s of all products sold again in the period after their first; of those of %(cohort)s, %(newest)s did."),
    ) % said  # fmt: skip


def _whole_says(periods: list[Report], question: BaseQuestion) -> str:
    closed = [period for period in periods if not period["is_open"]] or periods
    if not closed:
        return _("There is nothing to see yet.")
    last = closed[-1]
    own = last["by_cohort"].get(last["period"], 0)
    known = sum(last["by_cohort"].values())
    said = {"period": period_label(last["first"], question.grain), "old": shown_share(known - own, known)}
    return of_whom(
        question.of,
        _("In %(period)s, customers won earlier brought %(old)s of what customers brought; the rest came from new ones."),
        _("In %(period)s, products sold before brought %(old)s of what products brought; the rest came from new ones."),
    ) % said  # fmt: skip


def _measured(cell: Report, cohort: Report, measure: str) -> float:
    if measure == RETENTION:
        return float(cell["active"] / cohort["members"])
    return float(cell["purchases" if measure == ORDERS else "value_micros"] / cohort["members"])


def _shown_measure(value: float, measure: str, currency: str) -> str:
    if measure == RETENTION:
        return percent(value)
    return number(value, digits=2) if measure == ORDERS else shown_money(round(value), currency)


def _active(cell: Report, cohort: Report) -> str:
    return _("%(active)s of %(members)s (%(share)s)") % {
        "active": number(cell["active"]),
        "members": number(cohort["members"]),
        "share": shown_share(cell["active"], cohort["members"]),
    }


def _cohort_href(cohort: Report, question: BaseQuestion) -> str:
    return behind_cohort(question, COHORT, cohort=cohort["first"])


def _active_href(cell: Report, cohort: Report, question: BaseQuestion) -> str:
    """Those of the cohort who bought in a period."""
    if not cell["active"]:
        return ""
    return behind_cohort(question, ACTIVE, cohort=cohort["first"], at=_first_day(cell["period"]))


def _pools(cohorts: list[Report], grain: str) -> dict[str, str]:
    """The layer of each cohort: as fine as leaves at most eight layers, the oldest years together where even they are more."""
    days = {each["cohort"]: date.fromisoformat(each["first"]) for each in cohorts}
    for coarser in dict.fromkeys((grain, "quarter", "year")):
        labels = {key: period_label(_begin(first, coarser), coarser) for key, first in days.items()}
        if len(set(labels.values())) <= LAYERS:
            return labels
    named = sorted({first.year for first in days.values()})[-(LAYERS - 1) :]
    before = _("before %(year)s") % {"year": named[0]}
    return {key: str(first.year) if first.year >= named[0] else before for key, first in days.items()}


def _begin(first: date, grain: str) -> date:
    return period_days(period_number(first, grain), grain)[0]


def _without_cohort(period: Report) -> int:
    return int(period["never_bought_micros"] + period["unknown_micros"])


def _open_period(question: BaseQuestion) -> str:
    """The period that is not over on the as-of day; nothing where the day ends one."""
    number_now = period_number(question.as_of, question.grain)
    is_open = question.as_of < period_days(number_now, question.grain)[1]
    return period_key(number_now, question.grain) if is_open else ""


def _state(cell: Report, opened: str) -> str:
    return "open" if cell["period"] == opened else ""


def _period_label(key: str, grain: str) -> str:
    return period_label(_first_day(key), grain)


def _first_day(key: str) -> date:
    """Of a period by its key: 2011, 2011-Q1, 2011-01."""
    year, _dash, part = key.partition("-")
    month = 1 if not part else int(part[1]) * 3 - 2 if part.startswith("Q") else int(part)
    return date(int(year), month, 1)
