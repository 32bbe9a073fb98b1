"""What BG/NBD and MBG/NBD share: buying as a Gamma-Poisson process, leaving as a Beta-geometric one after purchases.

They differ in one thing: whether a customer may leave right after the first purchase too, one chance more than repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar, TypeVar

import numpy as np
from scipy.special import betainc, digamma, expit, gammaln, hyp2f1, log_expit

from rapport.insight.scores.histories import Histories, Numbers, ready_to_fit
from rapport.insight.scores.repeat_buying import Fitted, fitted, in_unit, maximized, median_wait

_STARTS = ((0.5, 1.0, 1.0, 2.0), (2.0, 5.0, 0.5, 5.0), (0.1, 0.3, 2.0, 1.0))
_POLE = 1e-6
_TINY = 1e-300
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(200)


@dataclass(frozen=True)
class BetaGeometric:
    """Purchase rates are Gamma(r, alpha) over customers, chances to leave after a purchase Beta(a, b). alpha is a time."""

    r: float
    alpha: float
    a: float
    b: float

    name: ClassVar[str]
    more_chances: ClassVar[int]

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def log_likelihood(self, histories: Histories) -> float:
        return _log_likelihood(histories, self.more_chances)(np.array([self.r, self.alpha, self.a, self.b]))[0]

    def expected_purchases(self, time: float) -> float:
        nothing = np.zeros(1)
        stays = self.b / (self.a + self.b) if self.more_chances else 1.0
        return stays * float(self._while_alive(nothing, nothing, time)[0])

    def further_purchases(self, histories: Histories, time: float) -> Numbers:
        return self.chance_alive(histories) * self._while_alive(histories.repeats, histories.age, time)

    def chance_of(self, histories: Histories, time: float, at_least: Numbers) -> Numbers:
        """Whoever is alive buys so often unless she leaves before: both are known apart, since they do not hang together."""
        count = np.maximum(at_least, 1.0)
        bought = betainc(count, self.r + histories.repeats, time / (self.alpha + histories.age + time))
        stay = self.b + histories.repeats + self.more_chances
        log_stayed = (
            gammaln(stay + count - 1) - gammaln(stay) + gammaln(self.a + stay) - gammaln(self.a + stay + count - 1)
        )
        return np.where(at_least < 1, 1.0, self.chance_alive(histories) * bought * np.exp(log_stayed))

    def chance_alive(self, histories: Histories) -> Numbers:
        chances = histories.repeats + self.more_chances
        could_leave = chances > 0
        log_odds = np.log(self.a / np.where(could_leave, self.b + chances - 1, 1.0)) + (self.r + histories.repeats) * (
            np.log(self.alpha + histories.age) - np.log(self.alpha + histories.last)
        )
        return np.where(could_leave, expit(-log_odds), 1.0)

    def usual_wait(self, histories: Histories) -> Numbers:
        return median_wait(self.r, self.alpha, histories)

    def _while_alive(self, repeats: Numbers, age: Numbers, time: float) -> Numbers:
        """Purchases within `time` from now of who is alive: equation 10 of the paper without its last factor.

        Euler's transformation of 2F1 keeps it finite for any number of repeats; a = 1 is a pole only in writing.
        """
        a = self.a if abs(self.a - 1) > _POLE else 1 + _POLE
        known = self.alpha + age
        third = a + self.b + repeats + self.more_chances - 1
        third = np.where(np.abs(third) > _POLE, third, _POLE)
        with np.errstate(over="ignore", invalid="ignore"):
            never = (known / (known + time)) ** (a - 1) * hyp2f1(
                third - self.r - repeats, a - 1, third, time / (known + time)
            )
        found = np.asarray(third / (a - 1) * (1 - never))
        lost = ~((found >= 0) & (found <= (self.r + repeats) / known * time * (1 + _POLE)))
        if lost.any():
            found[lost] = self._by_integral(repeats[lost], known[lost], time)
        return found

    def _by_integral(self, repeats: Numbers, known: Numbers, time: float) -> Numbers:
        """The same as the mean over the chance to leave, where parameters are too large for 2F1: it is on a narrow peak then."""
        leave, stay = self.a, self.b + repeats + self.more_chances
        middle, width = np.log(leave / stay), 12 * np.sqrt(1 / leave + 1 / stay) + 40 / min(leave, float(stay.min()))
        logit = middle[:, None] + width[:, None] * _NODES
        log_p, log_rest = log_expit(logit), log_expit(-logit)
        log_density = leave * log_p + stay[:, None] * log_rest
        density = _NODE_WEIGHTS * np.exp(log_density - log_density.max(axis=1)[:, None])
        chance = np.maximum(np.exp(log_p), _TINY)
        shape = (self.r + repeats)[:, None]
        bought = -np.expm1(-shape * np.log1p(chance * time / known[:, None])) / chance
        return np.asarray((density * bought).sum(axis=1) / density.sum(axis=1))


Model = TypeVar("Model", bound=BetaGeometric)


def fit_beta_geometric(kind: Callable[[float, float, float, float], Model], more: int, histories: Histories) -> Fitted:
    """Fit a model of this `kind`, whose customers have `more` chances to leave than repeats. Raises UnableToFit."""
    known, factor = ready_to_fit(histories)
    found = maximized(known, lambda some: _log_likelihood(some, more), starts=_STARTS)
    found = in_unit(found, factor, times=(1,))
    r, alpha, a, b = found.parameters.tolist()
    return fitted(kind(r, alpha, a, b), histories, found)


def _log_likelihood(histories: Histories, more: int) -> Callable[[Numbers], tuple[float, Numbers]]:
    """The log-likelihood with its gradient. What depends on the repeats alone is computed once per number of repeats."""
    weights, last, age = histories.weights, histories.last, histories.age
    levels, level_of = np.unique(histories.repeats, return_inverse=True)
    on_level = np.bincount(level_of, weights=weights, minlength=len(levels))
    chances = levels + more

    def evaluate(parameters: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = parameters.tolist()
        survived = np.maximum(b + chances - 1, _TINY)
        log_leaving = np.where(chances > 0, np.log(a) - np.log(survived), -np.inf)
        log_age, log_last = np.log(alpha + age), np.log(alpha + last)
        shape = (r + levels)[level_of]
        log_odds = log_leaving[level_of] + shape * (log_age - log_last)
        left = weights * expit(log_odds)
        alive = weights - left
        value = float(
            on_level @ (gammaln(r + levels) - gammaln(r) + r * np.log(alpha))
            + on_level @ (gammaln(a + b) - gammaln(a + b + chances) + gammaln(b + chances) - gammaln(b))
            + weights @ (np.logaddexp(0, log_odds) - shape * log_age)
        )
        stayed = on_level @ (digamma(a + b) - digamma(a + b + chances))
        slope = (
            on_level @ (digamma(r + levels) - digamma(r) + np.log(alpha)) - alive @ log_age - left @ log_last,
            on_level.sum() * r / alpha - alive @ (shape / (alpha + age)) - left @ (shape / (alpha + last)),
            stayed + left.sum() / a,
            stayed + on_level @ (digamma(b + chances) - digamma(b)) - left @ (1 / survived)[level_of],
        )
        return value, np.array(slope)

    return evaluate
