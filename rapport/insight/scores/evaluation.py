"""How good an estimate is: ranking, calibration, lift, uplift, and how sure one can be of each figure.

Everywhere `outcomes` are 0 or 1, `scores` grow with what is estimated, `chances` are probabilities between 0 and 1, all
of one length. Nobody's place in a table matters: equal scores are treated alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
BINS = 10
LIFTS = (0.05, 0.10, 0.20)
_Z = 1.959963984540054  # of a normal distribution 95 % lie within so many deviations
_SURE = 1e-15


class UnableToEvaluate(ValueError):
    """There is nothing to compare: nobody, or only one of the two outcomes."""


@dataclass(frozen=True)
class Interval:
    """A figure, and where 95 of 100 repetitions would put it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Customers with much the same chance: how many, what was foretold, what came, and within which bounds that is known."""

    customers: int
    foretold: float
    came: float
    low: float
    high: float


def auc(outcomes: Numbers, scores: Numbers) -> float:
    """The chance that somebody with outcome 1 scores above somebody with outcome 0, a tie counting half."""
    ones = float(outcomes.sum())
    zeros = len(outcomes) - ones
    if not ones or not zeros:
        raise UnableToEvaluate("Ranking takes both outcomes.")
    return float((_middle_ranks(scores)[outcomes == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def average_precision(outcomes: Numbers, scores: Numbers) -> float:
    """The area under precision over recall, as steps (no line is drawn between thresholds)."""
    if not outcomes.sum():
        raise UnableToEvaluate("Precision takes somebody with the outcome.")
    hits, taken = _taken_from_the_top(outcomes, scores)
    recall = hits / hits[-1]
    return float(np.sum(np.diff(np.concatenate(([0.0], recall))) * hits / taken))


def brier(outcomes: Numbers, chances: Numbers) -> float:
    """The mean squared distance of the chances from what came."""
    return float(np.mean((chances - outcomes) ** 2))


def log_loss(outcomes: Numbers, chances: Numbers) -> float:
    """The mean surprise, in nats; chances of exactly 0 and 1 are kept from being infinitely wrong."""
    return float(np.mean(surprises(outcomes, chances)))


def surprises(outcomes: Numbers, chances: Numbers) -> Numbers:
    sure = np.clip(chances, _SURE, 1 - _SURE)
    return np.asarray(-(outcomes * np.log(sure) + (1 - outcomes) * np.log1p(-sure)))


def calibration(outcomes: Numbers, chances: Numbers, *, bins: int = BINS) -> list[Bin]:
    """Groups of much the same size by chance, from low to high. Equal chances share a group, so there may be fewer."""
    if not len(outcomes):
        raise UnableToEvaluate("There is nobody to compare.")
    edges = np.quantile(chances, np.linspace(0, 1, bins + 1)[1:-1])
    group = np.searchsorted(edges, chances)
    return [_bin(outcomes[group == number], chances[group == number]) for number in np.unique(group)]


def calibration_error(outcomes: Numbers, chances: Numbers, *, bins: int = BINS) -> float:
    """By how much the chances of a group miss what came, on average over customers (ECE, groups of equal size)."""
    groups = calibration(outcomes, chances, bins=bins)
    return sum(each.customers * abs(each.foretold - each.came) for each in groups) / len(outcomes)


def lift(outcomes: Numbers, scores: Numbers, share: float) -> float:
    """How many times as frequent the outcome is among the `share` that scores highest as among all.

    Of those who tie at the border as many as fit are counted, each for the mean of all who tie.
    """
    if not outcomes.sum():
        raise UnableToEvaluate("Lift takes somebody with the outcome.")
    hits, taken = _taken_from_the_top(outcomes, scores)
    top = max(1.0, round(share * len(outcomes)))
    found = np.interp(top, np.concatenate(([0.0], taken)), np.concatenate(([0.0], hits)))
    return float(found / top / outcomes.mean())


def bootstrapped(measure: Callable[..., float], *columns: Numbers, seed: int = 0, repetitions: int = 200) -> Interval:
    """`measure` of the columns, with the bounds that hold 95 % of its values where customers are drawn anew.

    A draw that cannot be measured (all of one outcome) is left out.
    """
    draw = np.random.default_rng(seed)
    size = len(columns[0])
    found = []
    for _repetition in range(repetitions):
        rows = draw.integers(0, size, size)
        try:
            found.append(measure(*(column[rows] for column in columns)))
        except UnableToEvaluate:
            continue
    if not found:
        raise UnableToEvaluate("No draw could be measured.")
    low, high = np.quantile(found, (0.025, 0.975))
    return Interval(measure(*columns), float(low), float(high))


def share_interval(hits: float, size: int) -> tuple[float, float]:
    """Wilson's bounds of a share at 95 %: they stay within 0 and 1, also of few."""
    if not size:
        return 0.0, 1.0
    share, square = hits / size, _Z**2 / size
    middle = (share + square / 2) / (1 + square)
    width = _Z * np.sqrt(share * (1 - share) / size + square / (4 * size)) / (1 + square)
    return max(0.0, float(middle - width)), min(1.0, float(middle + width))


def qini_curve(outcomes: Numbers, treated: Numbers, scores: Numbers) -> tuple[Numbers, Numbers]:
    """How many outcomes more, treating those with the highest scores first: (customers taken, outcomes gained).

    Gained = outcomes among the treated − outcomes among the others × treated / others (Radcliffe 2007).
    """
    order = np.argsort(-scores, kind="stable")
    last = _ends_of_ties(scores[order])
    with_it = np.cumsum(treated[order])[last]
    without = last + 1 - with_it
    came_with = np.cumsum(outcomes[order] * treated[order])[last]
    came_without = np.cumsum(outcomes[order] * (1 - treated[order]))[last]
    scale = np.divide(with_it, without, out=np.zeros_like(with_it, dtype=float), where=without != 0)
    taken = np.concatenate(([0.0], (last + 1).astype(float)))
    return taken, np.concatenate(([0.0], came_with - came_without * scale))


def qini(outcomes: Numbers, treated: Numbers, scores: Numbers) -> float:
    """The area between the Qini curve and a draw by lot, as a share of that of the best order there could be.

    Normalized as scikit-uplift does (perfect order with negative effects), so that figures can be compared with it.
    """
    if treated.min() == treated.max():
        raise UnableToEvaluate("Uplift takes some who were treated and some who were not.")
    best = qini_curve(outcomes, treated, outcomes * treated - outcomes * (1 - treated))
    by_lot = _area(np.array([0.0, best[0][-1]]), np.array([0.0, best[1][-1]]))
    whole = _area(*best) - by_lot
    if not whole:
        raise UnableToEvaluate("There is no order that would gain anything.")
    return (_area(*qini_curve(outcomes, treated, scores)) - by_lot) / whole


def uplift_of_top(outcomes: Numbers, treated: Numbers, scores: Numbers, share: float) -> float:
    """By how much the rate differs between treated and others, among the `share` with the highest scores."""
    top = np.argsort(-scores, kind="stable")[: max(1, round(share * len(scores)))]
    with_it, without = outcomes[top][treated[top] == 1], outcomes[top][treated[top] == 0]
    if not len(with_it) or not len(without):
        raise UnableToEvaluate("Uplift takes some who were treated and some who were not.")
    return float(with_it.mean() - without.mean())


def rounded(values: Sequence[float], digits: int = 6) -> list[float]:
    return [round(float(value), digits) for value in values]


def _bin(outcomes: Numbers, chances: Numbers) -> Bin:
    low, high = share_interval(float(outcomes.sum()), len(outcomes))
    return Bin(len(outcomes), float(chances.mean()), float(outcomes.mean()), low, high)


def _middle_ranks(scores: Numbers) -> Numbers:
    """The place of each score from below, from 1 on; who ties shares the middle of their places."""
    _values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], dtype=float)


def _taken_from_the_top(outcomes: Numbers, scores: Numbers) -> tuple[Numbers, Numbers]:
    """After each distinct score, from the highest down: how many with the outcome, and how many of all, were taken."""
    order = np.argsort(-scores, kind="stable")
    last = _ends_of_ties(scores[order])
    return np.cumsum(outcomes[order])[last], (last + 1).astype(float)


def _ends_of_ties(ordered: Numbers) -> NDArray[np.int64]:
    return np.concatenate((np.flatnonzero(np.diff(ordered)), [len(ordered) - 1])).astype(np.int64)


def _area(across: Numbers, up: Numbers) -> float:
    return float(np.trapezoid(up, across))
