"""The page "Can I trust this?" of leaving as values: tiles, calibration, lift, baselines, days tried, fields used and left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from rapport.insight.churn.words import FEATURES, MODEL_SAYS, MODELS, WHY_LEFT_OUT, Words
from rapport.ui.formats import number, percent

Report = Mapping[str, Any]
_WIDE, _HIGH, _EDGE = 330.0, 220.0, 8.0


@dataclass(frozen=True)
class Group:
    """Customers with much the same chance, as a point of the chart and as a line of its table."""

    across: float
    up: float
    low: float
    high: float
    customers: int
    foretold: str
    came: str
    bounds: str

    @property
    def title(self) -> str:
        words = _("foretold %(foretold)s, came %(came)s (%(bounds)s) of %(customers)s customers")
        return words % {
            "foretold": self.foretold, "came": self.came, "bounds": self.bounds, "customers": number(self.customers)
        }  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """A model or a baseline beside the others."""

    name: Words
    field: str
    is_chosen: bool
    figures: Mapping[str, str]


@dataclass(frozen=True)
class Used:
    """A field that is learned from, and how much of what is said comes from it."""

    label: Words
    is_own: bool
    share: float


@dataclass(frozen=True)
class NotUsed:
    label: Words
    is_own: bool
    why: Words


@dataclass(frozen=True)
class Day:
    """A day that was foretold from days before it."""

    as_of: date
    until: date
    customers: int
    leavers: int
    auc: str
    recency: str
    ece: str


@dataclass(frozen=True)
class ChurnPage:
    says: Words
    summary: str
    label: str
    tiles: list[dict[str, Any]]
    groups: list[Group]
    lifts: list[tuple[str, float, str]]
    tried: list[Tried]
    days: list[Day]
    used: list[Used]
    not_used: list[NotUsed]
    source: str


def churn_page(report: Report, *, hidden: Collection[str]) -> ChurnPage:
    """Everything the page shows of a report; fields that the reader does not see are left out of it."""
    best = next(each for each in (*report["models"], *report["baselines"]) if each["chosen"])
    is_labelled = report["learned_from"] == "label"
    return ChurnPage(
        says=MODEL_SAYS[report["chosen"]],
        summary=_of_a_label(report) if is_labelled else _of_purchases(report),
        label=report["label"]["label"] if is_labelled else "",
        tiles=_tiles(report, best),
        groups=[_group(each) for each in report["calibration"]],
        lifts=[(percent(share / 100), best[f"lift_{share}"], _times(best[f"lift_{share}"])) for share in (5, 10, 20)],
        tried=[_tried(each, report, hidden) for each in (*report["models"], *report["baselines"])],
        days=[_day(each, report["chosen"]) for each in report["validation"].get("origins", ())],
        used=_used(report["features"], hidden),
        not_used=[
            NotUsed(_label(each["name"], each["label"]), each["name"] not in FEATURES, WHY_LEFT_OUT[each["why"]])
            for each in report["left_out"]
            if each["name"] not in hidden
        ],
        source=report.get("mart", "customer_values"),
    )


def _of_a_label(report: Report) -> str:
    words = _(
        "Learned from %(customers)s customers of whom the field says whether they left; %(leavers)s did (%(rate)s). Each was"
        " foretold by a model that had not seen her: five parts, %(seeds)s times drawn anew."
    )
    return words % {
        "customers": number(report["customers"]), "leavers": number(report["leavers"]), "rate": percent(report["rate"]),
        "seeds": number(len(report["validation"]["seeds"])),
    }  # fmt: skip


def _of_purchases(report: Report) -> str:
    words = _(
        "Somebody who bought in the last %(lookback)s days has left if she buys nothing in the next %(horizon)s. Of the"
        " %(customers)s who bought lately, %(expected)s are expected to. Tried on earlier days, from what was known before."
    )
    return words % {
        "lookback": number(report["lookback_days"]), "horizon": number(report["horizon_days"]),
        "customers": number(report["customers"]), "expected": number(round(report["expected_leavers"])),
    }  # fmt: skip


def _tiles(report: Report, best: Report) -> list[dict[str, Any]]:
    low, high = report.get("auc_interval") or best.get("auc_interval") or (best["auc"], best["auc"])
    within = {"low": number(low, digits=2), "high": number(high, digits=2)}
    return [
        {
            "label": _("Ranking (AUC)"),
            "value": number(best["auc"], digits=3),
            "note": _("95 %% sure within %(low)s–%(high)s; 0.5 is a guess, 1 is certainty") % within,
        },
        {
            "label": _("Calibration error"),
            "value": percent(best["ece"], digits=1),
            "note": _("by so much a foretold chance misses what comes"),
        },
        {
            "label": _("Lift of the top 10 %"),
            "value": _times(best["lift_10"]),
            "note": _("as many leave among the tenth with the highest risk as among all"),
        },
        {
            "label": _("Share who left"),
            "value": percent(report["rate"], digits=1),
            "note": _("of all; whoever knows nothing of a customer would guess this"),
        },
    ]


def _group(found: Report) -> Group:
    return Group(
        across=_at(found["foretold"]), up=_up(found["came"]), low=_up(found["low"]), high=_up(found["high"]),
        customers=found["customers"], foretold=percent(found["foretold"], digits=1), came=percent(found["came"], digits=1),
        bounds=f"{percent(found['low'], digits=1)}–{percent(found['high'], digits=1)}",
    )  # fmt: skip


def _at(share: float) -> float:
    return round(_EDGE + share * (_WIDE - 2 * _EDGE), 1)


def _up(share: float) -> float:
    return round(_HIGH - _EDGE - share * (_HIGH - 2 * _EDGE), 1)


def _tried(found: Report, report: Report, hidden: Collection[str]) -> Tried:
    name = found.get("field", "")
    label = next((each["label"] for each in report["features"] if each["field"] == name), "")
    digits = {"auc": 3, "pr_auc": 3, "brier": 3, "ece": 3, "lift_5": 2, "lift_10": 2, "lift_20": 2}
    return Tried(
        MODELS[found["name"]],
        "" if name in hidden else label,
        found["chosen"],
        {figure: number(found[figure], digits=places) for figure, places in digits.items()},
    )


def _day(origin: Report, chosen: str) -> Day:
    figures = origin["figures"]
    return Day(
        date.fromisoformat(origin["as_of"]), date.fromisoformat(origin["until"]), origin["customers"], origin["leavers"],
        number(figures[chosen]["auc"], digits=3), number(figures["recency_alone"]["auc"], digits=3),
        number(figures[chosen]["ece"], digits=3),
    )  # fmt: skip


def _used(features: Sequence[Report], hidden: Collection[str]) -> list[Used]:
    most = max((each["weight"] for each in features), default=0) or 1
    return [
        Used(_label(each["field"], each["label"]), each["field"] not in FEATURES, each["weight"] / most)
        for each in features
        if each["field"] not in hidden
    ]


def _label(name: str, label: str) -> Words:
    return FEATURES.get(name, label)


def _times(value: float) -> str:
    return f"{number(value, digits=1)}×"
