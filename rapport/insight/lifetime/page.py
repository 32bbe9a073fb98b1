"""The page of lifetime value as values: what is foretold, how it did on weeks it had not seen, and what to be careful with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from rapport.core.money import format_money
from rapport.insight.lifetime.due_check import MODEL
from rapport.insight.lifetime.words import OWN, POOLED, why_cohorts
from rapport.ui.formats import money_short, number, percent

Report = dict[str, Any]
SAME_RATE = "same rate as before"  # how the report calls the forecast without a model
SPAN_DAYS, CORRELATED = 3 * 365, 0.3
_WIDE, _TALL, _LEFT = 330.0, 170.0, 8.0
_MICROS = 1_000_000
_NAMES = ("r", "alpha", "a", "b", "s", "beta")


@dataclass(frozen=True)
class Bar:
    """What came of customers with so many repeats, and where two forecasts of it stand."""

    left: float
    width: float
    top: float
    height: float
    title: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    model: str
    same_rate: str
    dots: list[tuple[float, float, str]]


@dataclass(frozen=True)
class ModelLine:
    label: str
    is_chosen: bool
    parameters: str
    log_likelihood: str
    expected: str
    error: str
    mae: str
    rmse: str


@dataclass(frozen=True)
class CohortLine:
    """Customers won in a year: what came of them in the weeks held out, and what each way had said of them."""

    year: str
    figures: list[str]
    is_own: bool
    parameters: str


@dataclass(frozen=True)
class LifetimePage:
    report: Report
    tiles: list[dict[str, str]]
    verdict: str
    chart: Chart
    names: list[str]
    frequencies: list[list[str]]
    models: list[ModelLine]
    cohorts: list[CohortLine]
    cohorts_say: str
    spending: str
    warnings: list[str]
    due: list[list[str]]
    due_says: str
    range_says: str
    known_until: date
    until: date
    won_from: date
    won_until: date


def lifetime_page(report: Report) -> LifetimePage:
    """Everything the page shows of a report that was not refused."""
    names = [each["model"] for each in report["models"] if each["holdout"]]
    return LifetimePage(
        report=report,
        tiles=_tiles(report),
        verdict=_verdict(report),
        chart=_chart(report),
        names=[*names, _("Same rate as before")],
        frequencies=[_frequency(line, [*names, SAME_RATE]) for line in report["by_frequency"]],
        models=[*(_line(each, report["model"]) for each in report["models"]), _baseline(report["baseline"])],
        cohorts=_cohorts(report.get("cohorts")),
        cohorts_say=why_cohorts(report["cohorts"]) if report.get("cohorts") else "",
        spending=_spending(report),
        warnings=_warnings(report),
        due=[_due_line(each, report) for each in report.get("due", {}).get("by", ())],
        due_says=_due_says(report.get("due", {})),
        range_says=_range_says(report["holdout"].get("range")),
        known_until=date.fromisoformat(report["holdout"]["known_until"]),
        until=date.fromisoformat(report["holdout"]["until"]),
        won_from=date.fromisoformat(report["acquired"]["first_on"]),
        won_until=date.fromisoformat(report["acquired"]["newest_on"]),
    )


def _tiles(report: Report) -> list[dict[str, str]]:
    foretold, held = report["forecast"], report["holdout"]
    chosen = _held_out(report)
    value = foretold["value"]
    return [
        {
            "label": _("Expected in the next 12 months"),
            "value": _short(value, report) if value is not None else "—",
            "note": _("%(count)s orders") % {"count": number(foretold["purchases"])},
        },
        {
            "label": _("Still customers"),
            "value": number(foretold["alive"]),
            "note": _("of %(count)s who bought") % {"count": number(report["customers"])},
        },
        {
            "label": _("Foretold of the %(weeks)s weeks held out") % {"weeks": number(held["weeks"])},
            "value": number(chosen["expected_purchases"]),
            "note": _("%(came)s came: %(error)s") % {"came": number(held["actual_purchases"]), "error": _signed(chosen["error"])},
        },
        {
            "label": _("Off by, for each customer"),
            "value": number(chosen["mae"], digits=2),
            "note": _("orders; %(error)s if everybody went on as before") % {"error": number(report["baseline"]["mae"], digits=2)},
        },
    ]  # fmt: skip


def _verdict(report: Report) -> str:
    words = {
        "model": report["model"],
        "error": number(_held_out(report)["rmse"], digits=3),
        "same": number(report["baseline"]["rmse"], digits=3),
    }
    if _held_out(report)["rmse"] < report["baseline"]["rmse"]:
        return _(
            "%(model)s came nearest to what customers did: root mean squared error %(error)s, against %(same)s if everybody"
            " had gone on as before."
        ) % words  # fmt: skip
    return _(
        "No model came nearer than going on as before (%(same)s); %(model)s came nearest of them, with %(error)s. Be careful"
        " with what it says of single customers."
    ) % words  # fmt: skip


def _chart(report: Report) -> Chart:
    lines = report["by_frequency"]
    chosen = report["model"]
    top = max(max(line["actual"], line[chosen], line[SAME_RATE]) for line in lines) or 1.0
    step = (_WIDE - 2 * _LEFT) / len(lines)

    def up(value: float) -> float:
        return round(_TALL - _TALL * 0.94 * value / top, 1)

    middles = [round(_LEFT + step * (place + 0.5), 1) for place in range(len(lines))]
    bars = [
        Bar(
            round(middle - step * 0.33, 1), round(step * 0.66, 1), up(line["actual"]), round(_TALL - up(line["actual"]), 1),
            _("%(repeats)s repeats: %(actual)s orders each, foretold %(expected)s") % {
                "repeats": line["repeats"], "actual": _two(line["actual"]), "expected": _two(line[chosen]),
            },
        )
        for middle, line in zip(middles, lines, strict=True)
    ]  # fmt: skip
    paired = list(zip(middles, lines, strict=True))
    return Chart(
        bars=bars,
        model=" ".join(f"{middle},{up(line[chosen])}" for middle, line in paired),
        same_rate=" ".join(f"{middle},{up(line[SAME_RATE])}" for middle, line in paired),
        dots=[(middle, up(line[chosen]), f"{chosen}: {_two(line[chosen])}") for middle, line in paired],
    )


def _frequency(line: Report, names: list[str]) -> list[str]:
    return [line["repeats"], number(line["customers"]), *(_two(line[name]) for name in ("actual", *names))]


def _line(each: Report, chosen: str) -> ModelLine:
    held = each["holdout"]
    return ModelLine(
        label=each["model"],
        is_chosen=each["model"] == chosen,
        parameters=_parameters(each["parameters"]),
        log_likelihood=number(each["log_likelihood"], digits=2),
        **(_figures(held) if held else dict.fromkeys(("expected", "error", "mae", "rmse"), "—")),
    )


def _baseline(found: Report) -> ModelLine:
    return ModelLine(_("Same rate as before"), False, "", "", **_figures(found))


def _figures(found: Report) -> dict[str, str]:
    return {
        "expected": number(found["expected_purchases"]),
        "error": _signed(found["error"]),
        "mae": number(found["mae"], digits=3),
        "rmse": number(found["rmse"], digits=3),
    }


def _cohorts(told: Report | None) -> list[CohortLine]:
    """Nothing where all were won in one year."""
    lines = told["cohorts"] if told else []
    if told is None or len(lines) < 2:
        return []
    return [
        CohortLine(
            str(each["cohort"]),
            [number(each["customers"]), number(each["repeaters"]), *_of_cohort(each["holdout"])],
            is_own=each["taken"] == OWN,
            parameters=_parameters(each["parameters"]) if each["parameters"] else "",
        )
        for each in lines
    ]


def _of_cohort(held: Report | None) -> list[str]:
    """What came, and what the model of all and that of the year had foretold."""
    if not held:
        return ["—"] * 3
    return [
        number(held["actual"]), *(number(held[name]["expected"]) if held.get(name) else "—" for name in (POOLED, OWN))
    ]  # fmt: skip


def _spending(report: Report) -> str:
    spending, held = report["spending"], report["holdout"]
    if "refused" in spending:
        return _("What an order brings cannot be learned from these orders, so nothing is said of value.")
    return _(
        "An order of somebody new brings %(mean)s on average. In the weeks held out %(expected)s was foretold, and %(came)s came."
    ) % {
        "mean": _money(spending["mean"], report),
        "expected": _short(held["expected_value"], report) if held["expected_value"] is not None else "—",
        "came": _short(held["actual_value"], report),
    }  # fmt: skip


def _warnings(report: Report) -> list[str]:
    found = []
    correlation = report["spending"].get("correlation")
    if correlation is not None and abs(correlation) > CORRELATED:
        words = (
            _(
                "Who buys more often also spends more on an order (correlation %(value)s): frequent ones are worth more than said."
            )
            if correlation > 0
            else _(
                "Who buys more often spends less on an order (correlation %(value)s): frequent ones are worth less than said."
            )
        )
        found.append(words % {"value": number(correlation, digits=2)})
    first, newest = (date.fromisoformat(report["acquired"][name]) for name in ("first_on", "newest_on"))
    if (newest - first).days > SPAN_DAYS and report.get("cohorts", {}).get("taken") != OWN:
        found.append(
            _(
                "One model covers customers won from %(first)s to %(newest)s; those of different years may buy differently."
            )
            % {"first": _day(first), "newest": _day(newest)}
        )
    limits: list[str] = next((each["at_limit"] for each in report["models"] if each["model"] == report["model"]), [])
    if limits:
        found.append(
            ngettext(
                "The data do not settle the parameter %(names)s: customers are all alike in it.",
                "The data do not settle the parameters %(names)s: customers are all alike in them.",
                len(limits),
            )
            % {"names": ", ".join(limits)}
        )
    return found


def _due_line(each: Report, report: Report) -> list[str]:
    name = report["model"] if each["name"] == MODEL else _("Her own rhythm so far")
    return [
        name,
        number(each["due"]),
        percent(each["by_due"]) if each["by_due"] is not None else "—",
        number(each["ranking"], digits=2) if each["ranking"] is not None else "—",
    ]


def _due_says(due: Report) -> str:
    if not due:
        return ""
    words = _(
        "Of the %(customers)s customers who had come back and more likely still were customers: who was to order within the"
        " %(days)s days looked at, and who had by the day. Half is right, since the day is a median. Ranking: of two customers, how"
        " often the one who was due earlier is the one who ordered within %(soon)s days; 0.5 is a guess."
    )
    return words % {
        "customers": number(due["customers"]), "days": number(due["days"]), "soon": number(due["soon_days"])
    }  # fmt: skip


def _range_says(found: Report | None) -> str:
    if not found:
        return ""
    return _(
        "Each customer has a range of orders that is to hold %(share)s of those with the same history. Of all customers %(within)s"
        " stayed within theirs; by the model it would be %(expected)s, more than asked for, since orders are whole."
    ) % {
        "share": percent(found["share"]), "within": percent(found["within"]), "expected": percent(found["expected"]),
    }  # fmt: skip


def _held_out(report: Report) -> Report:
    held: Report = next(each["holdout"] for each in report["models"] if each["model"] == report["model"])
    return held


def _parameters(parameters: Report) -> str:
    known = [name for name in _NAMES if name in parameters]  # the database does not keep the order of names
    return " · ".join(f"{name} {number(parameters[name], digits=3)}" for name in known)


def _money(amount: float, report: Report) -> str:
    return format_money(round(amount * _MICROS), report["currency"]) if report["currency"] else number(amount, digits=2)


def _short(amount: float, report: Report) -> str:
    return money_short(round(amount * _MICROS), report["currency"]) if report["currency"] else number(amount)


def _two(value: float) -> str:
    return number(value, digits=2)


def _signed(ratio: float) -> str:
    return ("+" if ratio >= 0 else "−") + percent(abs(ratio))


def _day(day: date) -> str:
    return format_date(day, "d MMM y", locale=to_locale(get_language() or "en"))
