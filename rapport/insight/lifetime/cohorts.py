"""Whether customers won in different years have models of their own: fitted beside that of everybody, chosen by hold-out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from rapport.insight.lifetime.words import BETTER, NONE_CARRIES, NOT_BETTER, ONE_YEAR, OWN, POOLED, why_cohorts
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.lifetime import Figures, Outcomes, figures, model_of
from rapport.insight.scores.mixed_cohorts import ByCohort, Compared, compare, fit_cohorts, won_in, years_of
from rapport.insight.scores.repeat_buying import Fitted, RepeatBuying

Report = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """Customers up to a day, and the models of all of them by name."""

    histories: Histories
    until: date
    models: Mapping[str, Fitted]


@dataclass(frozen=True)
class Mixed:
    """What is believed: `now` and `alive_by` are learned of everything, `then` of what was known before the weeks held out."""

    now: ByCohort
    alive_by: ByCohort
    then: ByCohort
    alive_then: ByCohort
    told: Report


def mixed_cohorts(now: Known, then: Known, outcomes: Outcomes, *, chosen: str, alive_by: str) -> Mixed:
    """Models of the years in which customers were won, each taken where it foretold its customers better than that of everybody.

    Only a year that could carry a model before the weeks held out may have one, since no other was tried.
    """
    tried, refused = fit_cohorts(chosen, then.histories, then.until)
    learned, alive, alive_tried = tried, tried, tried
    if now.until != then.until:
        learned, refused = fit_cohorts(chosen, now.histories, now.until)
        alive = learned
    if alive_by != chosen:
        alive = fit_cohorts(alive_by, now.histories, now.until)[0]
        alive_tried = fit_cohorts(alive_by, then.histories, then.until)[0]
    own = {year: tried[year].model for year in sorted(set(tried) & set(learned))}
    found = {
        year: compare(won_in(outcomes, year, then.until), pooled=_of_all(then, chosen), own=model)
        for year, model in own.items()
    }
    taken = [year for year, each in found.items() if each.own_is_better]
    mixed = _of_taken(then, chosen, tried, taken)
    told = {
        "by": "year",
        "taken": OWN if taken else POOLED,
        "verdict": _verdict(now, own, taken),
        "holdout": _compared(compare(outcomes, pooled=mixed.pooled, own=mixed)),
        "cohorts": [
            _cohort(year, now, learned.get(year) if year in own else None, alive.get(year))
            | {"taken": OWN if year in taken else POOLED, "holdout": _of_year(outcomes, year, mixed, found.get(year))}
            | ({"why": refused[year].said} if year in refused else {})
            for year in np.unique(years_of(now.histories, now.until)).tolist()
        ],
    }
    return Mixed(
        now=_of_taken(now, chosen, learned, taken),
        alive_by=_of_taken(now, alive_by, alive, taken),
        then=mixed,
        alive_then=_of_taken(then, alive_by, alive_tried, taken),
        told=told | {"reason": why_cohorts(told)},
    )


def models_in_use(report: Report, *, until: date) -> tuple[ByCohort, ByCohort]:
    """The models of purchases and of who still is a customer, as a report keeps them, for histories that end with a day."""
    alive = report["chance_alive_by"]
    told = report.get("cohorts", {})
    own = [each for each in told.get("cohorts", ()) if each["taken"] == OWN]
    return (
        ByCohort(
            model_of(report["model"], report["parameters"]),
            {each["cohort"]: model_of(report["model"], each["parameters"]) for each in own},
            until,
        ),
        ByCohort(
            model_of(alive["model"], alive["parameters"]),
            {
                each["cohort"]: model_of(alive["model"], each["alive_parameters"])
                for each in own
                if each["alive_parameters"]
            },
            until,
        ),
    )


def _verdict(now: Known, own: Mapping[int, RepeatBuying], taken: list[int]) -> str:
    if len(np.unique(years_of(now.histories, now.until))) < 2:
        return ONE_YEAR
    if not own:
        return NONE_CARRIES
    return BETTER if taken else NOT_BETTER


def _of_all(known: Known, name: str) -> RepeatBuying:
    """The model of this name; where it could not be fitted, the first that could."""
    return known.models.get(name, next(iter(known.models.values()))).model


def _of_taken(known: Known, name: str, own: Mapping[int, Fitted], taken: list[int]) -> ByCohort:
    return ByCohort(_of_all(known, name), {year: own[year].model for year in taken if year in own}, known.until)


def _cohort(year: int, now: Known, own: Fitted | None, alive: Fitted | None) -> Report:
    customers = now.histories.part(years_of(now.histories, now.until) == year)
    return {
        "cohort": year,
        "customers": int(customers.customers),
        "repeaters": int(customers.repeaters),
        "parameters": own.model.parameters if own else None,
        "alive_parameters": alive.model.parameters if own and alive else None,
        "log_likelihood": own.log_likelihood if own else None,
    }


def _of_year(outcomes: Outcomes, year: int, mixed: ByCohort, found: Compared | None) -> Report | None:
    """What came of those won in a year, what the model of everybody had said of them, and what their own had."""
    theirs = won_in(outcomes, year, mixed.until)
    if not len(theirs.histories):
        return None
    pooled = figures(mixed.pooled.further_purchases(theirs.histories, theirs.weeks), theirs)
    told = {"customers": int(theirs.histories.customers), "actual": pooled.actual, POOLED: _plain(pooled)}
    return told | (_compared(found) if found else {})


def _compared(found: Compared) -> Report:
    return {
        POOLED: _plain(found.pooled),
        OWN: _plain(found.own),
        "gain": found.gain,
        "standard_error": found.standard_error,
    }


def _plain(found: Figures) -> Report:
    return {name: value for name, value in asdict(found).items() if name in ("expected", "mae", "rmse")}
