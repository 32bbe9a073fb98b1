"""Which way of going on is believed, and how far off it may be: tried on days of which it is known what came after them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rapport.insight.scores.forecasting import Numbers

SHARES = (0.8, 0.95)
LEAST_ERRORS = 20
_LEAST_SHARE, _TINY = 0.04, 1e-12


@dataclass(frozen=True)
class Origin:
    """A day that was forecast from: how many periods were known, what came, what each way had said, and the scale of MASE.

    `scale` is how far the plain way was off within what was known: the unit in which errors are counted.
    """

    known: int
    came: Numbers
    said: Mapping[str, Numbers]
    scale: float

    def errors(self, name: str) -> Numbers:
        return self.came - self.said[name]


@dataclass(frozen=True)
class Spread:
    """How far a way is off: the deviation of each step, and for each of SHARES how many deviations hold so many errors."""

    deviations: Numbers
    reach: Mapping[float, float]

    def halves(self, share: float) -> Numbers:
        """Half the width of the interval of each step."""
        return self.deviations * self.reach[share]


@dataclass(frozen=True)
class Checked:
    """How a way did on all days tried. `coverage` is the share of what came that was within its intervals."""

    name: str
    mase: float
    wape: float
    bias: float
    coverage: Mapping[float, float]


def spread_of(origins: Sequence[Origin], name: str) -> Spread:
    """Deviations by a line through the squared errors of the steps, and quantiles of errors counted in deviations.

    Split conformal prediction (Vovk, Gammerman and Shafer 2005): of n errors the ceil((n + 1) × share)-th, or the largest.
    """
    errors = np.array([origin.errors(name) for origin in origins])
    deviations = _deviations((errors**2).mean(axis=0))
    counted = np.sort(np.abs(errors / deviations).ravel())
    reach = {share: float(counted[min(math.ceil((len(counted) + 1) * share), len(counted)) - 1]) for share in SHARES}
    return Spread(deviations, reach)


def checked(origins: Sequence[Origin], name: str) -> Checked:
    """MASE, WAPE and bias over all steps of all days; coverage of each day by intervals that the other days gave."""
    errors = np.array([origin.errors(name) for origin in origins])
    came = np.array([origin.came for origin in origins])
    scaled = np.array([np.abs(origin.errors(name)).mean() / origin.scale for origin in origins])
    whole = float(np.abs(came).sum()) or 1.0
    within: dict[float, list[float]] = {share: [] for share in SHARES}
    for place, origin in enumerate(origins):
        spread = spread_of([each for other, each in enumerate(origins) if other != place], name)
        for share in SHARES:
            within[share].append(float((np.abs(origin.errors(name)) <= spread.halves(share)).mean()))
    return Checked(
        name=name,
        mase=float(scaled.mean()),
        wape=float(np.abs(errors).sum()) / whole,
        bias=float(-errors.sum()) / whole,
        coverage={share: float(np.mean(found)) for share, found in within.items()},
    )


def chosen(origins: Sequence[Origin], baseline: str) -> str:
    """The way with the smallest MASE, if it was nearer than the baseline from most of the days; else the baseline."""
    errors = {
        name: [np.abs(origin.errors(name)).mean() / origin.scale for origin in origins] for name in origins[0].said
    }
    best = min(errors, key=lambda name: (float(np.mean(errors[name])), name))
    nearer = sum(one < other for one, other in zip(errors[best], errors[baseline], strict=True))
    return best if nearer * 2 > len(origins) else baseline


def _deviations(squared: Numbers) -> Numbers:
    """One for each step, by a line through the squared errors where they grow with the steps, else the same for all."""
    steps = np.arange(1, len(squared) + 1, dtype=float)
    mean = float(squared.mean())
    slope = float(np.polyfit(steps, squared, 1)[0]) if len(steps) > 1 else 0.0
    line = mean + max(slope, 0.0) * (steps - steps.mean())
    return np.asarray(np.sqrt(np.maximum(line, max(mean * _LEAST_SHARE, _TINY))))
