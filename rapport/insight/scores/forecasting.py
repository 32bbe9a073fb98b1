"""How a series of equal periods goes on: ways to say so from the series alone, from the plainest to damped Holt-Winters.

Holt-Winters: Winters 1960; the damped trend: Gardner and McKenzie 1985; both as Hyndman and Athanasopoulos, Forecasting:
Principles and Practice, chapter 8, write them. Every way takes what is known, oldest first, and returns the next `steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Numbers = NDArray[np.float64]

LAST, MEAN, SEASONAL, DRIFT, DAMPED, WINTERS = "last", "mean", "seasonal", "drift", "damped", "winters"
_STARTS = ((0.3, 0.1, 0.1, 0.9), (0.1, 0.02, 0.3, 0.95))
_BOUNDS = ((0.01, 0.99), (0.001, 0.5), (0.001, 0.6), (0.8, 0.98))


@dataclass(frozen=True)
class Way:
    """One way to go on: its name, how many periods it has to know, and how it is done with seasons of so many periods."""

    name: str
    least: Callable[[int], int]
    go_on: Callable[[Numbers, int, int], Numbers]


def last(known: Numbers, steps: int, season: int) -> Numbers:
    """Every period is like the last."""
    return np.full(steps, known[-1])


def mean(known: Numbers, steps: int, season: int) -> Numbers:
    """Every period is like the mean of the last quarter of a season."""
    return np.full(steps, known[-(season // 4) :].mean())


def seasonal(known: Numbers, steps: int, season: int) -> Numbers:
    """Every period is like that of the season before."""
    return known[-season:][np.arange(steps) % season]


def drift(known: Numbers, steps: int, season: int) -> Numbers:
    """On from the last by what a period brought on average from the first to the last."""
    slope = (known[-1] - known[0]) / (len(known) - 1)
    return np.asarray(known[-1] + slope * np.arange(1, steps + 1))


def damped(known: Numbers, steps: int, season: int) -> Numbers:
    """A level and a trend that fades."""
    return _smoothed(known, steps, 1)


def winters(known: Numbers, steps: int, season: int) -> Numbers:
    """The same with seasons that are added."""
    return _smoothed(known, steps, season)


WAYS = (
    Way(LAST, lambda season: 1, last),
    Way(MEAN, lambda season: season // 4, mean),
    Way(SEASONAL, lambda season: season, seasonal),
    Way(DRIFT, lambda season: 3, drift),
    Way(DAMPED, lambda season: 8, damped),
    Way(WINTERS, lambda season: 2 * season + 2, winters),
)


def _smoothed(known: Numbers, steps: int, season: int) -> Numbers:
    """Damped exponential smoothing with the parameters that make the errors one step ahead smallest."""
    unit = float(np.abs(known).mean())
    if not unit:
        return np.zeros(steps)
    values = known / unit
    bounds = _BOUNDS if season > 1 else (*_BOUNDS[:2], (0.0, 0.0), _BOUNDS[3])
    found = [
        minimize(_error, start, args=(values, season), method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
        for start in _STARTS
    ]
    best = min(found, key=lambda each: float(each.fun))
    return _run(np.asarray(best.x), values, season, steps)[1] * unit


def _error(parameters: Numbers, values: Numbers, season: int) -> float:
    return _run(parameters, values, season, 0)[0]


def _run(parameters: Numbers, values: Numbers, season: int, steps: int) -> tuple[float, Numbers]:
    """The mean squared error one step ahead, and the next `steps`."""
    alpha, beta, gamma, phi = parameters.tolist()
    level, trend, seasons = _begun(values, season)
    squared = 0.0
    for place, value in enumerate(values.tolist()):
        turn = place % season
        reached = level + phi * trend
        squared += (value - reached - seasons[turn]) ** 2
        before, level = level, alpha * (value - seasons[turn]) + (1 - alpha) * reached
        trend = beta * (level - before) + (1 - beta) * phi * trend
        if season > 1:
            seasons[turn] = gamma * (value - reached) + (1 - gamma) * seasons[turn]
    ahead = level + trend * np.cumsum(phi ** np.arange(1, steps + 1))
    return squared / len(values), ahead + np.array([seasons[(len(values) + step) % season] for step in range(steps)])


def _begun(values: Numbers, season: int) -> tuple[float, float, list[float]]:
    """Level, trend and seasons to begin with: of the first two seasons, or of the first few periods."""
    if season == 1:
        few = values[: min(len(values), 6)]
        return float(few.mean()), 0.0, [0.0]
    one, other = values[:season], values[season : 2 * season]
    return (
        float(one.mean()),
        float((other.mean() - one.mean()) / season),
        ((one - one.mean() + other - other.mean()) / 2).tolist(),
    )
