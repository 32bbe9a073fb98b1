"""What a campaign did: customers drawn by lot into arms, one of which got nothing; sizes, rates, and effects with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.insight.scores.evaluation import Numbers

VERSION = 1
LEAST_IN_AN_ARM = 30
_Z = 1.959963984540054


class UnableToCompare(ValueError):
    """The arms cannot be compared; the message says why, in words."""


@dataclass(frozen=True)
class Effect:
    """The mean of one outcome in an arm, and what it is more than in the arm that got nothing, with 95 % bounds.

    An outcome of 0 and 1 has a rate as its mean. `detectable` says that the bounds leave 0 out. The arm that got nothing
    has no difference.
    """

    mean: float
    low: float
    high: float
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None

    @property
    def is_detectable(self) -> bool:
        if self.difference_low is None or self.difference_high is None:
            return False
        return self.difference_low > 0 or self.difference_high < 0


@dataclass(frozen=True)
class Arm:
    name: str
    customers: int
    effects: dict[str, Effect]


def compare(arms: NDArray[np.object_], outcomes: Mapping[str, Numbers], *, control: str) -> list[Arm]:
    """Each arm against `control`, which comes first; the others follow by name. Customers without an arm ('') stay out.

    Bounds are of the difference of two means with variances of their own (Welch), in the normal approximation, which
    arms of thousands bear and arms of fewer than 30 do not: those are refused.
    """
    names = sorted({str(name) for name in arms if name} - {control})
    if control not in set(arms) or not names:
        raise UnableToCompare(f"Nobody is in the arm {control!r}, or everybody: there is nothing to compare.")
    members = {name: arms == name for name in (control, *names)}
    small = [name for name, inside in members.items() if inside.sum() < LEAST_IN_AN_ARM]
    if small:
        raise UnableToCompare(f"The arm {small[0]!r} has fewer than {LEAST_IN_AN_ARM} customers.")
    return [
        Arm(
            name,
            int(inside.sum()),
            {
                outcome: _effect(values[inside], None if name == control else values[members[control]])
                for outcome, values in outcomes.items()
            },
        )
        for name, inside in members.items()
    ]


def _effect(values: Numbers, nothing: Numbers | None) -> Effect:
    mean, error = _mean_and_error(values)
    bounds = mean - _Z * error, mean + _Z * error
    if nothing is None:
        return Effect(mean, *bounds)
    without, its_error = _mean_and_error(nothing)
    width = _Z * float(np.hypot(error, its_error))
    difference = mean - without
    return Effect(mean, *bounds, difference, difference - width, difference + width)


def _mean_and_error(values: Numbers) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
