"""Customers won in different years may buy differently: a model of its own for each such cohort that can carry one.

Whoever was won by other means, or long ago and is still there, is not like the newest; one fit over all of them says of everybody
what is true of their mean. A year with too few customers, or whose own model foretold no better, keeps the model of everybody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rapport.insight.scores.histories import Histories, Numbers, UnableToFit
from rapport.insight.scores.lifetime import Figures, Outcomes, figures, fit_one
from rapport.insight.scores.repeat_buying import Fitted, Foretelling, RepeatBuying

_WEEK = 7
_EPOCH = 1970


@dataclass(frozen=True)
class ByCohort:
    """The model of everybody, but for those won in a year that has one of its `own`. Times are in weeks.

    `until` is the last day of what the histories tell; with their age it says in which year somebody was won.
    """

    pooled: RepeatBuying
    own: Mapping[int, RepeatBuying]
    until: date

    def further_purchases(self, histories: Histories, time: float) -> Numbers:
        return self._each(histories, lambda model, part: model.further_purchases(part, time))

    def chance_of(self, histories: Histories, time: float, at_least: Numbers) -> Numbers:
        found = np.empty(len(histories))
        for model, rows in self._parts(histories):
            found[rows] = model.chance_of(histories.part(rows), time, at_least[rows])
        return found

    def chance_alive(self, histories: Histories) -> Numbers:
        return self._each(histories, lambda model, part: model.chance_alive(part))

    def usual_wait(self, histories: Histories) -> Numbers:
        return self._each(histories, lambda model, part: model.usual_wait(part))

    def _each(self, histories: Histories, ask: Callable[[RepeatBuying, Histories], Numbers]) -> Numbers:
        found = np.empty(len(histories))
        for model, rows in self._parts(histories):
            found[rows] = ask(model, histories.part(rows))
        return found

    def _parts(self, histories: Histories) -> list[tuple[RepeatBuying, NDArray[np.bool_]]]:
        """Each model with the rows that it is asked of; every row is in one part."""
        if not self.own:
            return [(self.pooled, np.ones(len(histories), dtype=bool))]
        years = years_of(histories, self.until)
        parts = [(model, years == year) for year, model in self.own.items()]
        return [*parts, (self.pooled, ~np.isin(years, list(self.own)))]


@dataclass(frozen=True)
class Compared:
    """How the two did on weeks not seen. `gain`: by how much the mean squared error is less with models of their own."""

    pooled: Figures
    own: Figures
    gain: float
    standard_error: float

    @property
    def own_is_better(self) -> bool:
        """By more than one standard error; else the simpler one stays (Breiman, Friedman, Olshen and Stone 1984)."""
        return self.gain > self.standard_error


def years_of(histories: Histories, until: date) -> NDArray[np.int64]:
    """The year in which customers of each history bought first; ages are in weeks and end with the day `until`."""
    days = np.rint(histories.age * _WEEK).astype(np.int64)
    first = np.datetime64(until) - days.astype("timedelta64[D]")
    return np.asarray(first.astype("datetime64[Y]").astype(np.int64) + _EPOCH)


def fit_cohorts(name: str, histories: Histories, until: date) -> tuple[dict[int, Fitted], dict[int, UnableToFit]]:
    """The model of this name for each year that can carry it, and why the others cannot. A single year needs none of its own."""
    years = years_of(histories, until)
    found: dict[int, Fitted] = {}
    refused: dict[int, UnableToFit] = {}
    each = np.unique(years).tolist()
    for year in each if len(each) > 1 else ():
        try:
            found[year] = fit_one(name, histories.part(years == year))
        except UnableToFit as refusal:
            refused[year] = refusal
    return found, refused


def compare(outcomes: Outcomes, *, pooled: Foretelling, own: Foretelling) -> Compared:
    """Both forecasts against what came, customer by customer."""
    weights, further = outcomes.histories.weights, outcomes.further
    said = {
        "pooled": pooled.further_purchases(outcomes.histories, outcomes.weeks),
        "own": own.further_purchases(outcomes.histories, outcomes.weeks),
    }
    less = (said["pooled"] - further) ** 2 - (said["own"] - further) ** 2
    customers = float(weights.sum())
    gain = float(weights @ less / customers)
    spread = math.sqrt(float(weights @ (less - gain) ** 2) / max(customers - 1, 1.0))
    return Compared(
        figures(said["pooled"], outcomes), figures(said["own"], outcomes), gain, spread / math.sqrt(customers)
    )


def won_in(outcomes: Outcomes, year: int, until: date) -> Outcomes:
    """What came of those who were won in one year."""
    rows = years_of(outcomes.histories, until) == year
    return Outcomes(outcomes.histories.part(rows), outcomes.further[rows], outcomes.weeks)
