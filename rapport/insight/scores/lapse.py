"""Who will not buy again within a horizon, where no contract says who left: learned from one day, checked on a later one.

Somebody who bought in the last two periods before a day has left if nothing is bought in the period after it. From each of
several days (origins) everything known up to it is laid beside what came afterwards. A model is fitted on origins whose
period was over before the day that it is checked on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from django.utils.translation import gettext_noop

from rapport.insight.scores import evaluation
from rapport.insight.scores.churn import PLAIN, SAYS_NOTHING, TREES, Learned, UnableToLearn, clearly_better, measured
from rapport.insight.scores.columns import Numbers, Rows, Table, number, stacked, yes_or_no
from rapport.insight.scores.leaving_models import Calibrated, Fit, fit_logistic, fit_one_column, fit_trees, one_thread

VERSION = 1
ORIGINS_CHECKED = 3
MOST_ORIGINS_LEARNED = 6
HORIZONS = (30, 45, 60, 90, 120, 180, 365)
LEAST_CUSTOMERS, LEAST_OF_EACH = 100, 20
MOST_CUSTOMERS = 50_000
RECENCY, LAST_PERIOD, EVERYBODY = "recency_alone", "same_as_last_period", "everybody_alike"
_GOLDEN = 2654435761  # Knuth's multiplicative hash: who is drawn does not hang on the order of ids

CANDIDATES: Mapping[str, Fit] = {
    PLAIN: fit_logistic,
    TREES: fit_trees,
    RECENCY: fit_one_column("recency_days"),
    LAST_PERIOD: fit_one_column("idle_last"),
}


@dataclass(frozen=True)
class Origin:
    """A day to look from: what was known of whoever had bought lately, and whether she had left when the period was over."""

    as_of: date
    until: date
    table: Table
    left: Numbers


@dataclass(frozen=True)
class OriginChecked:
    """How each candidate did on one origin, with the chances that it foretold."""

    origin: Origin
    learned_from: tuple[date, ...]
    figures: dict[str, dict[str, float]]
    foretold: dict[str, Numbers] = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """The horizon and the days to look from, newest first; `checked` of them are held out one after another."""

    horizon_days: int
    step_days: int
    origins: tuple[date, ...]
    checked: int = ORIGINS_CHECKED


def planned(*, first_on: date, last_on: date, horizon_days: int | None, usual_gap_days: float | None) -> Plan:
    """How far to look ahead, and from which days.

    The horizon is the shortest of 30, 45, 60, 90, 120, 180, 365 days in which three of four customers who come back
    have come back, as far as the history allows: three checked origins a third of the horizon apart, each with an origin to learn
    from whose period is over by then, and a period of purchases before that.
    """
    days = (last_on - first_on).days + 1
    if horizon_days is None:
        possible = [each for each in HORIZONS if _needed(each) <= days]
        if not possible:
            raise _too_short(days, HORIZONS[0])
        fitting = [each for each in possible if usual_gap_days is not None and each >= usual_gap_days]
        horizon_days = fitting[0] if fitting else possible[-1]
    elif _needed(horizon_days) > days:
        raise _too_short(days, horizon_days)
    step = _step(horizon_days)
    newest = last_on - timedelta(days=horizon_days)
    most = ORIGINS_CHECKED + MOST_ORIGINS_LEARNED + -(-horizon_days // step)
    every = [newest - timedelta(days=step * place) for place in range(most)]
    early_enough = [day for day in every if (day - first_on).days + 1 >= horizon_days]
    return Plan(horizon_days, step, tuple(early_enough))


def table_of(rows: Mapping[str, Numbers | Rows], *, labels: Mapping[str, str]) -> Table:
    """The columns of the mart `purchase_rhythm`, and what follows from them, as a table to learn from."""
    found = {name: np.asarray(values, dtype=float) for name, values in rows.items()}
    customers = np.asarray(rows["customer_id"], dtype=np.int64)
    again = found["purchases"] > 1
    gap = np.full(len(customers), np.nan)
    gap[again] = (found["tenure_days"] - found["recency_days"])[again] / (found["purchases"] - 1)[again]
    columns = {
        "recency_days": (found["recency_days"], "days"),
        "purchases": (found["purchases"], ""),
        "purchases_last": (found["purchases_last"], ""),
        "purchases_before": (found["purchases_before"], ""),
        "tenure_days": (found["tenure_days"], "days"),
        "usual_gap_days": (gap, "days"),
        "overdue": (found["recency_days"] / np.maximum(gap, 1.0), "times"),
        "average_purchase": (found["gross_micros"] / found["purchases"] / 1e6, "money"),
        "spent_last": (found["gross_last_micros"] / 1e6, "money"),
        "reversals": (found["reversals"] / found["purchases"], ""),
        "contacts_in": (found["contacts_in"], ""),
        "contacts_out": (found["contacts_out"], ""),
    }
    idle = yes_or_no("idle_last", labels["idle_last"], found["purchases_last"] == 0)
    numbers = (number(name, labels[name], values, unit) for name, (values, unit) in columns.items())
    return Table(customers, (idle, *numbers))


def drawn(customers: Sequence[int] | Rows, *, at_most: int = MOST_CUSTOMERS) -> Rows:
    """Which customers to learn from where there are more than enough: the places of those a fixed lot falls on."""
    ids = np.asarray(customers, dtype=np.uint64)
    if len(ids) <= at_most:
        return np.arange(len(ids), dtype=np.int64)
    lot = (ids * np.uint64(_GOLDEN)) % np.uint64(1 << 32)
    return np.sort(np.argsort(lot, kind="stable")[:at_most])


def usual_gap(table: Table) -> float | None:
    """Within how many days three of four customers who came back do so on average; None where nobody did."""
    (gap,) = (column.values for column in table.columns if column.name == "usual_gap_days")
    known = gap[~np.isnan(gap)]
    return float(np.quantile(known, 0.75)) if len(known) else None


def without_constant(origins: Sequence[Origin]) -> tuple[list[Origin], list[str]]:
    """The origins without columns that say the same of everybody, and the names of those."""
    whole = stacked([origin.table for origin in origins])
    same = [
        column.name
        for column in whole.columns
        if column.name not in ("recency_days", "idle_last") and len(np.unique(column.values[~column.is_missing])) < 2
    ]
    return [Origin(each.as_of, each.until, _without(each.table, same), each.left) for each in origins], same


@one_thread
def back_tested(origins: Sequence[Origin], *, checked: int = ORIGINS_CHECKED) -> list[OriginChecked]:
    """The newest origins, each foretold by what could be known on its day; newest first."""
    found = []
    for origin in origins[:checked]:
        refuse_unfit(origin)
        earlier = [each for each in origins if each.until <= origin.as_of and not _why_unfit(each)]
        if not earlier:
            raise UnableToLearn(gettext_noop("Before %(day)s there is no period to learn from."), day=origin.as_of)
        found.append(_checked(origin, earlier[:MOST_ORIGINS_LEARNED]))
    return found


def refuse_unfit(origin: Origin) -> None:
    why = _why_unfit(origin)
    if why is not None:
        raise why


def _why_unfit(origin: Origin) -> UnableToLearn | None:
    """Why there is too little to learn from on a day."""
    customers, leavers = len(origin.left), int(origin.left.sum())
    if customers < LEAST_CUSTOMERS:
        return UnableToLearn(
            gettext_noop("On %(day)s %(customers)s customers had bought lately; at least %(least)s are needed."),
            day=origin.as_of, customers=f"{customers:,}", least=LEAST_CUSTOMERS,
        )  # fmt: skip
    if min(leavers, customers - leavers) < LEAST_OF_EACH:
        return UnableToLearn(
            gettext_noop("After %(day)s %(left)s left and %(again)s bought again; at least %(least)s of each are needed."),
            day=origin.as_of, left=f"{leavers:,}", again=f"{customers - leavers:,}", least=LEAST_OF_EACH,
        )  # fmt: skip
    return None


def _too_short(days: int, horizon_days: int) -> UnableToLearn:
    return UnableToLearn(
        gettext_noop(
            "The purchases reach over %(days)s days. To look %(horizon)s days ahead and check it from three days takes"
            " %(needed)s."
        ),
        days=f"{days:,}", horizon=f"{horizon_days:,}", needed=f"{_needed(horizon_days):,}",
    )  # fmt: skip


def mean_figures(checked: Sequence[OriginChecked]) -> dict[str, dict[str, float]]:
    names = checked[0].figures
    return {
        name: {figure: float(np.mean([each.figures[name][figure] for each in checked])) for figure in names[name]}
        for name in names
    }


def chosen(checked: Sequence[OriginChecked]) -> str:
    """The plain model, or the trees where they are clearly better; recency alone where the best of them is not.

    Nothing, where that says no more than the share of all: then nothing is foretold.
    """
    left = np.concatenate([each.origin.left for each in checked])

    def better(name: str, than: str) -> bool:
        found, other = (np.concatenate([each.foretold[which] for each in checked]) for which in (name, than))
        return clearly_better(found, other, left)

    best = TREES if better(TREES, PLAIN) else PLAIN
    best = best if better(best, RECENCY) else RECENCY
    if not better(best, EVERYBODY):
        raise UnableToLearn(SAYS_NOTHING)
    return best


@one_thread
def learn(origins: Sequence[Origin], *, name: str) -> Learned:
    """The model of that name on the newest origins, for the days to come."""
    return _learned(name, [each for each in origins if not _why_unfit(each)][:MOST_ORIGINS_LEARNED])


def _checked(origin: Origin, earlier: Sequence[Origin]) -> OriginChecked:
    figures, foretold = {}, {}
    for name in CANDIDATES:
        foretold[name] = _learned(name, earlier).chances(origin.table)
        figures[name] = measured(origin.left, foretold[name])
    share = np.concatenate([each.left for each in earlier]).mean()
    foretold[EVERYBODY] = np.full(len(origin.left), share)
    figures[EVERYBODY] = measured(origin.left, foretold[EVERYBODY])
    return OriginChecked(origin, tuple(each.as_of for each in earlier), figures, foretold)


def _learned(name: str, origins: Sequence[Origin]) -> Learned:
    """Fitted on all of the origins; calibrated on the newest by a model that has not seen it, where there are two."""
    fit = CANDIDATES[name]
    calibrated = Calibrated(1.0, 0.0)
    if len(origins) > 1:
        newest, *earlier = origins
        model = fit(*_together(earlier))
        calibrated = Calibrated.learned(model.odds(newest.table), newest.left)
    return Learned(name, fit(*_together(origins)), calibrated)


def _together(origins: Sequence[Origin]) -> tuple[Table, Numbers]:
    return stacked([each.table for each in origins]), np.concatenate([each.left for each in origins])


def _without(table: Table, names: Sequence[str]) -> Table:
    return Table(table.customers, tuple(each for each in table.columns if each.name not in names))


def _step(horizon_days: int) -> int:
    return max(7, round(horizon_days / 3))


def _needed(horizon_days: int) -> int:
    """A period of purchases, one to learn from, one to check, and the days by which the origins are apart."""
    return 3 * horizon_days + (ORIGINS_CHECKED - 1) * _step(horizon_days)


def interval_of_auc(checked: Sequence[OriginChecked], name: str) -> evaluation.Interval:
    """The AUC of the newest origin, with bounds by drawing its customers anew."""
    newest = checked[0]
    return evaluation.bootstrapped(evaluation.auc, newest.origin.left, newest.foretold[name])
