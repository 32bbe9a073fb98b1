"""The page of the revenue forecast as values: what is foretold, on which way, and how that did on earlier days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from rapport.insight.forecast.words import WAYS, held_out_words, interval_words, verdict, why_not_tried
from rapport.ui.formats import money, money_short, number, percent

Report = Mapping[str, Any]
SHOWN = {"week": 52, "month": 30}
_WIDE, _TALL, _EDGE = 660.0, 230.0, 8.0


@dataclass(frozen=True)
class Dot:
    left: float
    top: float
    title: str


@dataclass(frozen=True)
class Chart:
    """Polylines and polygons as SVG wants them; `now` is where what is known ends, `zero` how far down nothing is."""

    known: str
    expected: str
    within_80: str
    within_95: str
    known_dots: list[Dot]
    expected_dots: list[Dot]
    now: float
    zero: float
    first: str
    last: str


@dataclass(frozen=True)
class Tried:
    """A way beside the others, in words."""

    label: str
    is_chosen: bool
    is_naive: bool
    figures: list[str]


@dataclass(frozen=True)
class ForecastPage:
    report: Report
    tiles: list[dict[str, str]]
    says: str
    held_out: str
    intervals: str
    chart: Chart
    lines: list[list[str]]
    known_lines: list[list[str]]
    tried: list[Tried]
    not_tried: list[tuple[str, str]]
    days: list[list[str]]
    periods_are_weeks: bool


def forecast_page(report: Report) -> ForecastPage:
    """Everything the page shows of a report that was not refused."""
    shown = report["series"][-SHOWN[report["period"]] :]
    label = _labels(report)
    return ForecastPage(
        report=report,
        tiles=_tiles(report, label),
        says=verdict(report),
        held_out=held_out_words(report),
        intervals=interval_words(report),
        chart=_chart(report, shown, label),
        lines=[_line(each, report, label) for each in report["forecast"]],
        known_lines=[[label(each), _money(each["net_micros"], report)] for each in reversed(shown)],
        tried=[_tried(each, report) for each in report["candidates"]],
        not_tried=[(str(WAYS[name]), why_not_tried(name)) for name in report["not_tried"]],
        days=[_day(each, report) for each in reversed(report["origins"])],
        periods_are_weeks=report["period"] == "week",
    )


def _tiles(report: Report, label: Callable[[Report], str]) -> list[dict[str, str]]:
    first, count = report["forecast"][0], len(report["forecast"])
    taken = next(each for each in report["candidates"] if each["chosen"])
    naive = next(each for each in report["candidates"] if each["name"] == report["baseline"])
    bounds = {"low": _short(first["low_80"], report), "high": _short(first["high_80"], report)}
    whole = _("The next %(count)s weeks") if report["period"] == "week" else _("The next %(count)s months")
    return [
        {
            "label": label(first),
            "value": _short(first["expected_micros"], report),
            "note": _("80 %% between %(low)s and %(high)s") % bounds,
        },
        {
            "label": whole % {"count": number(count)},
            "value": _short(report["total_micros"], report),
            "note": _("such a sum was off by %(worst)s at most in the days tried") % {"worst": percent(report["total_off"])},
        },
        {
            "label": _("Off by, on earlier days"),
            "value": percent(taken["wape"]),
            "note": _("of what came; %(naive)s by the naive way") % {"naive": percent(naive["wape"])},
        },
        {
            "label": _("Came within the 80 % intervals"),
            "value": percent(taken["coverage_80"]),
            "note": _("and %(share)s within those of 95 %%") % {"share": percent(taken["coverage_95"])},
        },
    ]  # fmt: skip


def _chart(report: Report, shown: Sequence[Report], label: Callable[[Report], str]) -> Chart:
    ahead = report["forecast"]
    values = [each["net_micros"] for each in shown]
    low = min([0, *values, *(each["low_95"] for each in ahead)])
    high = max([1, *values, *(each["high_95"] for each in ahead)])
    step = (_WIDE - 2 * _EDGE) / max(len(shown) + len(ahead) - 1, 1)

    def across(place: int) -> float:
        return round(_EDGE + step * place, 1)

    def up(micros: float) -> float:
        return round(_TALL - _EDGE - (_TALL - 2 * _EDGE) * (micros - low) / (high - low), 1)

    def line(found: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{left},{top}" for left, top in found)

    now = len(shown) - 1
    known = [(across(place), up(value)) for place, value in enumerate(values)]
    middle = [(across(now + 1 + place), up(each["expected_micros"])) for place, each in enumerate(ahead)]

    def band(share: str) -> str:
        tops = [(across(now + 1 + place), up(each[f"high_{share}"])) for place, each in enumerate(ahead)]
        floors = [(across(now + 1 + place), up(each[f"low_{share}"])) for place, each in enumerate(ahead)]
        return line([known[-1], *tops, *reversed(floors)])

    return Chart(
        known=line(known),
        expected=line([known[-1], *middle]),
        within_80=band("80"),
        within_95=band("95"),
        known_dots=[
            Dot(left, top, f"{label(each)}: {_money(each['net_micros'], report)}")
            for (left, top), each in zip(known, shown, strict=True)
        ],
        expected_dots=[
            Dot(left, top, f"{label(each)}: {_expected(each, report)}")
            for (left, top), each in zip(middle, ahead, strict=True)
        ],
        now=known[-1][0],
        zero=up(0),
        first=label(shown[0]),
        last=label(ahead[-1]),
    )


def _expected(each: Report, report: Report) -> str:
    words = _("%(expected)s expected, 80 %% between %(low)s and %(high)s")
    return words % {
        "expected": _money(each["expected_micros"], report), "low": _money(each["low_80"], report),
        "high": _money(each["high_80"], report),
    }  # fmt: skip


def _line(each: Report, report: Report, label: Callable[[Report], str]) -> list[str]:
    names = ("expected_micros", "low_80", "high_80", "low_95", "high_95")
    return [label(each), *(_money(each[name], report) for name in names)]


def _tried(each: Report, report: Report) -> Tried:
    return Tried(
        label=str(WAYS[each["name"]]),
        is_chosen=each["chosen"],
        is_naive=each["name"] == report["baseline"],
        figures=[
            percent(each["wape"], digits=1), number(each["mase"], digits=2), _signed(each["bias"]),
            percent(each["coverage_80"]), percent(each["coverage_95"]),
        ],
    )  # fmt: skip


def _day(each: Report, report: Report) -> list[str]:
    return [
        _long(date.fromisoformat(each["as_of"])),
        _long(date.fromisoformat(each["until"])),
        _money(each["came_micros"], report),
        _money(each["said_micros"], report),
        _signed(_ratio(each["said_micros"], each["came_micros"])),
        _signed(_ratio(each["baseline_micros"], each["came_micros"])),
    ]


def _ratio(said: int, came: int) -> float:
    return said / came - 1 if came else 0.0


def _labels(report: Report) -> Callable[[Report], str]:
    """How a period is called: a month by its name, a week by its days."""
    if report["period"] == "month":
        return lambda each: _named(date.fromisoformat(each["until"]), "MMM y")
    return lambda each: _("week to %(day)s") % {"day": _long(date.fromisoformat(each["until"]))}


def _long(day: date) -> str:
    return _named(day, "d MMM y")


def _named(day: date, style: str) -> str:
    return format_date(day, style, locale=to_locale(get_language() or "en"))


def _money(micros: int, report: Report) -> str:
    return money(micros, report["currency"], whole=True) if report["currency"] else number(micros / 1_000_000)


def _short(micros: int, report: Report) -> str:
    return money_short(micros, report["currency"]) if report["currency"] else number(micros / 1_000_000)


def _signed(ratio: float) -> str:
    return ("+" if ratio >= 0 else "−") + percent(abs(ratio), digits=1)
