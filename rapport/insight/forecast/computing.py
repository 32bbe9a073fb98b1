"""The forecast of revenue of a snapshot: which way of going on is believed, how it did on earlier days, and what it foretells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext_noop

from rapport.insight.forecast.periods import Period, grain_of, periods_of
from rapport.insight.lifetime.learning import histories_of, kept_customers
from rapport.insight.marts import revenue_days as marts
from rapport.insight.reports import Report, rows
from rapport.insight.scores import back_testing, forecasting, mbg_nbd
from rapport.insight.scores.back_testing import SHARES, Origin
from rapport.insight.scores.forecasting import LAST, SEASONAL, Numbers
from rapport.insight.scores.histories import UnableToFit

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

NAME, VERSION = "forecast", 1
CUSTOMERS = "customers"
MOST_ORIGINS, LEAST_ORIGINS = 6, 3
QUIET_DAYS = 35
_RECENT, _YEAR = 91, 364
_ALL_CANDIDATES = (*(way.name for way in forecasting.WAYS), CUSTOMERS)


@dataclass(frozen=True)
class Plan:
    """How many periods ahead, and after how many known ones it is tried, the fewest first."""

    steps: int
    known: tuple[int, ...]


def revenue_forecast(answers: Reports, *, as_of: date, period: str | None = None) -> Report:
    """Net revenue of the next weeks or months as of the end of a business day, in micros; `refused` where data cannot carry it.

    Nothing after `as_of` is looked at: neither by the forecast nor by the choice of the way.
    """
    asked = (VERSION, marts.VERSION, as_of, period)
    return answers.answer(NAME, asked, lambda: _computed(answers, as_of, period))


def _computed(answers: Reports, as_of: date, period: str | None) -> Report:
    head = {
        "report": NAME,
        "mart": f"revenue_days v{marts.VERSION}, forecast v{VERSION}",
        "snapshot": answers.snapshot.folder,
        "as_of": as_of.isoformat(),
        "time_zone": answers.snapshot.time_zone,
        "currency": answers.snapshot.currency,
    }
    try:
        return head | _foretold(answers, as_of, period)
    except UnableToFit as refusal:
        return head | refusal.said


def _foretold(answers: Reports, as_of: date, period: str | None) -> Report:
    days = rows(marts.revenue_days(answers.warehouse.orders(), as_of=as_of), order_by="placed_on")
    if not days:
        raise UnableToFit(gettext_noop("There are no orders up to %(day)s to learn from."), day=as_of)
    newest = days[-1]["placed_on"]
    if (as_of - newest).days > QUIET_DAYS:
        raise UnableToFit(
            gettext_noop("The orders end on %(end)s, %(days)s days before %(day)s. Ask as of a day until which there are some."),
            end=newest, days=(as_of - newest).days, day=as_of,
        )  # fmt: skip
    grain = grain_of(days[0]["placed_on"], as_of, asked=period)
    periods = periods_of(grain, days, as_of=as_of)
    values = np.array([each.net_micros for each in periods], dtype=float)
    plan = planned(len(periods), grain.most_ahead, grain.least_known)
    if not np.ptp(values):
        raise UnableToFit(gettext_noop("Every period brought the same, so there is nothing to learn."))
    ahead = grain.ahead(periods[-1].until, plan.steps)
    base = _CustomerBase(answers, days)
    origins, not_tried = _tried(values, periods, plan, grain.season, base)
    baseline = SEASONAL if SEASONAL in origins[0].said else LAST
    name = back_testing.chosen(origins, baseline)
    expected = _go_on(name, values, ahead, periods[-1].until, grain.season, base)
    spread = back_testing.spread_of(origins, name)
    forecast = _forecast(expected, spread, ahead, is_never_below=bool((values >= 0).all()))
    return {
        "period": grain.name,
        "season": grain.season,
        "periods": len(periods),
        "first_on": periods[0].first.isoformat(),
        "until": periods[-1].until.isoformat(),
        "newest_order_on": newest.isoformat(),
        "chosen": name,
        "baseline": baseline,
        "candidates": [_told(origins, each, name) for each in _ALL_CANDIDATES if each in origins[0].said],
        "not_tried": not_tried,
        "origins": [_origin(each, name, baseline, periods) for each in origins],
        "held_out": _held_out(origins, baseline, plan.steps),
        "intervals": {
            "method": "conformal: errors of the days tried, counted in deviations of each step",
            "errors": len(origins) * plan.steps,
        },
        "forecast": forecast,
        "total_micros": sum(each["expected_micros"] for each in forecast),
        "total_off": max(_off(origin.said[name].sum(), origin.came.sum()) for origin in origins),
        "series": [
            {"from": each.first.isoformat(), "until": each.until.isoformat(), "net_micros": each.net_micros}
            for each in periods
        ],
    }


def planned(periods: int, most_ahead: int, least_known: int) -> Plan:
    """As far ahead as a quarter of what is known, tried from at least three days; refused where that is too little."""
    steps = min(most_ahead, periods // 4)
    stride = max(1, steps // 3)
    count = min(MOST_ORIGINS, (periods - steps - least_known) // stride + 1)
    if steps < 1 or count < LEAST_ORIGINS or count * steps < back_testing.LEAST_ERRORS:
        raise UnableToFit(
            gettext_noop(
                "%(count)s complete periods are known; to forecast and to try it from earlier days takes more, 26 weeks or 24"
                " months."
            ),
            count=max(periods, 0),
        )
    return Plan(steps, tuple(periods - steps - stride * back for back in reversed(range(count))))


class _CustomerBase:
    """Revenue by what a model of repeat purchase foretells of the customers there are, and of those to be won.

    Purchase days of both come by MBG/NBD; newcomers keep coming as in the last 13 weeks, and a purchase day brings what it
    brought in the last year, net of what came back and with what nobody known bought.
    """

    def __init__(self, answers: Reports, days: Sequence[Mapping[str, Any]]) -> None:
        self._answers, self._days = answers, days

    def go_on(self, day: date, ahead: Sequence[Period]) -> Numbers:
        """Raises UnableToFit where no model can be learned up to the end of `day`."""
        known = histories_of(kept_customers(self._answers, day))
        model = mbg_nbd.fit(known).model
        if known.repeaters < 30:
            raise UnableToFit(gettext_noop("Too few customers came back."))
        recent = min(_RECENT, (day - self._days[0]["placed_on"]).days + 1)
        won_a_week = 7 * self._sum("newcomers", day, recent) / recent
        bought = self._sum("buyers", day, _YEAR)
        brings = self._sum("net_micros", day, _YEAR) / bought if bought else 0.0
        times = [((each.until - day).days) / 7 for each in ahead]
        purchases = [
            float(known.weights @ model.further_purchases(known, time)) + won_a_week * _of_newcomers(model, time)
            for time in times
        ]
        return np.diff([0.0, *purchases]) * brings

    def _sum(self, name: str, day: date, days: int) -> float:
        after = day - timedelta(days=days)
        return float(sum(row[name] for row in self._days if after < row["placed_on"] <= day))


def _of_newcomers(model: Any, time: float) -> float:
    """Purchases within `time` of one customer a week who is won all through it, the first purchases among them."""
    grid = np.linspace(0.0, time, max(3, round(time) + 1))
    repeats = np.array([model.expected_purchases(float(each)) if each else 0.0 for each in grid])
    return time + float(np.trapezoid(repeats, grid))


def _tried(
    values: Numbers, periods: Sequence[Period], plan: Plan, season: int, base: _CustomerBase
) -> tuple[list[Origin], dict[str, str]]:
    """Every way from every day, those alone that can be gone from all of them; and why the others were not tried."""
    fewest, ways, not_tried = plan.known[0], [], {}
    for way in forecasting.WAYS:
        if fewest >= way.least(season):
            ways.append(way)
        else:
            not_tried[way.name] = f"{way.least(season)} > {fewest}"
    customers: list[Numbers] = []
    try:
        customers = [base.go_on(periods[known - 1].until, periods[known : known + plan.steps]) for known in plan.known]
    except UnableToFit as refusal:
        not_tried[CUSTOMERS] = str(refusal)
    origins = []
    for place, known in enumerate(plan.known):
        said = {way.name: way.go_on(values[:known], plan.steps, season) for way in ways}
        if customers:
            said[CUSTOMERS] = customers[place]
        origins.append(Origin(known, values[known : known + plan.steps], said, _scale(values[:known], fewest, season)))
    return origins, not_tried


def _scale(known: Numbers, fewest: int, season: int) -> float:
    """How far the naive way was off within what is known: a season back where all days know more than one, else a period."""
    back = season if fewest > season else 1
    return float(np.abs(known[back:] - known[:-back]).mean()) or float(np.abs(known).mean()) or 1.0


def _go_on(name: str, values: Numbers, ahead: Sequence[Period], day: date, season: int, base: _CustomerBase) -> Numbers:
    if name == CUSTOMERS:
        return base.go_on(day, ahead)
    way = next(each for each in forecasting.WAYS if each.name == name)
    return way.go_on(values, len(ahead), season)


def _held_out(origins: Sequence[Origin], baseline: str, steps: int) -> Report | None:
    """The newest day tried, foretold by what was best on the days whose outcome was known by then; None with fewer than two."""
    newest = origins[-1]
    before = [each for each in origins if each.known + steps <= newest.known]
    if len(before) < 2:
        return None
    name = back_testing.chosen(before, baseline)
    spread, off = back_testing.spread_of(before, name), np.abs(newest.errors(name))
    whole = float(np.abs(newest.came).sum()) or 1.0
    return {
        "chosen": name,
        "origins": len(before),
        "wape": float(off.sum()) / whole,
        "baseline_wape": float(np.abs(newest.errors(baseline)).sum()) / whole,
        **{f"within_{share:.0%}"[:-1]: float((off <= spread.halves(share)).mean()) for share in SHARES},
    }


def _told(origins: Sequence[Origin], name: str, chosen: str) -> Report:
    found = back_testing.checked(origins, name)
    return {
        "name": name,
        "chosen": name == chosen,
        "mase": found.mase,
        "wape": found.wape,
        "bias": found.bias,
        **{f"coverage_{share:.0%}"[:-1]: value for share, value in found.coverage.items()},
    }


def _origin(origin: Origin, name: str, baseline: str, periods: Sequence[Period]) -> Report:
    return {
        "as_of": periods[origin.known - 1].until.isoformat(),
        "until": periods[origin.known + len(origin.came) - 1].until.isoformat(),
        "came_micros": round(float(origin.came.sum())),
        "said_micros": round(float(origin.said[name].sum())),
        "baseline_micros": round(float(origin.said[baseline].sum())),
        "mase": float(np.abs(origin.errors(name)).mean() / origin.scale),
        "baseline_mase": float(np.abs(origin.errors(baseline)).mean() / origin.scale),
    }


def _forecast(
    expected: Numbers, spread: back_testing.Spread, ahead: Sequence[Period], *, is_never_below: bool
) -> list[Report]:
    """Bounds below zero are zero where no period ever came to less."""
    floor = 0.0 if is_never_below else -np.inf
    found = []
    for step, each in enumerate(ahead):
        middle = max(float(expected[step]), floor)
        row: Report = {
            "from": each.first.isoformat(), "until": each.until.isoformat(), "expected_micros": round(middle),
        }  # fmt: skip
        for share in SHARES:
            half, said = float(spread.halves(share)[step]), f"{share:.0%}"[:-1]
            row |= {f"low_{said}": round(max(middle - half, floor)), f"high_{said}": round(middle + half)}
        found.append(row)
    return found


def _off(said: float, came: float) -> float:
    return abs(float(said) - float(came)) / (abs(float(came)) or 1.0)
