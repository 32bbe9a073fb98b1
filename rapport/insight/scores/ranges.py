"""Within which range what a customer will buy and bring is likely to lie: the distribution of which a forecast is the mean.

A customer's purchases are those of somebody drawn from the model who has her history; what they bring is drawn around a mean that
is itself uncertain (Gamma-Gamma). Parameters are taken as they are: that they are not known exactly is in no range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc

from rapport.insight.scores.gamma_gamma import GammaGamma
from rapport.insight.scores.histories import Histories, Numbers
from rapport.insight.scores.lifetime import Outcomes
from rapport.insight.scores.repeat_buying import Foretelling

SHARE = 0.8
_MOST = 10_000
_NEVER = 1e-7
_FARTHEST = 60.0  # in logarithms: no customer brings e^60 times what is known of her


@dataclass(frozen=True)
class Covered:
    """How many customers did what their range of SHARE says, and how many by the model: more, since purchases are whole."""

    within: float
    expected: float


def purchase_ranges(
    model: Foretelling, histories: Histories, time: float, *, share: float = SHARE
) -> tuple[Numbers, Numbers]:
    """The fewest and the most purchases within `time` of the `share` in the middle, for each history.

    Of the share left out at most half lies below, and at most half above.
    """
    below = (1 - share) / 2
    low, high = np.zeros(len(histories)), np.zeros(len(histories))
    rows = np.arange(len(histories))
    for purchases in range(1, _MOST):
        chance = model.chance_of(histories.part(rows), time, np.full(len(rows), float(purchases)))
        low[rows[chance > 1 - below]] = purchases
        rows = rows[chance > below]
        high[rows] = purchases
        if not len(rows):
            break
    return low, high


def coverage(model: Foretelling, outcomes: Outcomes, *, share: float = SHARE) -> Covered:
    """Whether as many customers were within their ranges as should have been."""
    known, further = outcomes.histories, outcomes.further
    low, high = purchase_ranges(model, known, outcomes.weeks, share=share)
    expected = model.chance_of(known, outcomes.weeks, low) - model.chance_of(known, outcomes.weeks, high + 1)
    customers = known.weights.sum()
    return Covered(
        within=float(known.weights @ ((further >= low) & (further <= high)) / customers),
        expected=float(known.weights @ expected / customers),
    )


@dataclass(frozen=True)
class Brought:
    """What one customer brings within a time: `chances` has those of 0, 1, 2, … purchases; each is drawn around her mean.

    Her mean is p times a Gamma(q, v) draw's inverse, as Gamma-Gamma says of her own purchases so far: `q` and `v` count them in.
    """

    chances: Numbers
    p: float
    q: float
    v: float

    def at_most(self, amount: float) -> float:
        """The chance that it is no more than `amount`."""
        if amount <= 0:
            return float(self.chances[0])
        counts = np.arange(1, len(self.chances))
        return float(self.chances[0] + self.chances[1:] @ betainc(self.p * counts, self.q, amount / (self.v + amount)))

    def quantile(self, share: float) -> float:
        """The smallest amount that so large a share of such customers brings at most."""
        if self.chances[0] >= share:
            return 0.0
        found = brentq(
            lambda log: self.at_most(self.v * float(np.exp(log))) - share,
            -_FARTHEST,
            _FARTHEST,
            xtol=1e-10,
            maxiter=300,
        )
        return float(self.v * np.exp(found))


def purchase_chances(model: Foretelling, history: Histories, time: float) -> Numbers:
    """The chances of 0, 1, 2, … purchases of the one customer in `history`; those of very many are left out."""
    size = 64
    while True:
        counts = np.arange(1, size, dtype=float)
        row = history.part(np.zeros(len(counts), dtype=np.int64))
        at_least = np.concatenate(([1.0], model.chance_of(row, time, counts)))
        if at_least[-1] < _NEVER or size >= _MOST:
            break
        size *= 4
    found = at_least - np.append(at_least[1:], 0.0)
    return np.asarray(np.maximum(found, 0.0))


def brought(model: Foretelling, history: Histories, time: float, *, spending: GammaGamma, known: float) -> Brought:
    """What the one customer in `history` brings; `known` is v and what her repeats came to, in the money of `spending`."""
    repeats = float(history.repeats[0])
    return Brought(purchase_chances(model, history, time), spending.p, spending.q + spending.p * repeats, known)
