"""Pareto/NBD: customers buy at a rate of their own and leave for good at any moment, each at a rate of their own.

Schmittlein, Morrison and Colombo, Counting Your Customers, Management Science 33(1), 1987; the discounted expectation of
Fader, Hardie and Lee, RFM and CLV, Journal of Marketing Research 42(4), 2005.

The chance of having left is an integral over the moment of leaving, all of whose parts are positive. It is taken by Gauss and
Legendre on a logarithmic scale, not as the difference of two hypergeometric functions, which loses its digits or overflows
for customers who buy often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betainc, digamma, expit, exprel, gammaln, hyperu

from rapport.insight.scores.histories import Histories, Numbers, ready_to_fit
from rapport.insight.scores.repeat_buying import Fitted, fitted, in_unit, maximized, median_wait

_STARTS = ((0.5, 1.0, 0.5, 2.0), (1.0, 1.0, 1.0, 1.0), (0.5, 5.0, 0.5, 20.0))
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(48)
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(24)
_ROWS = 4_000


@dataclass(frozen=True)
class ParetoNbd:
    """Purchase rates are Gamma(r, alpha), rates of leaving Gamma(s, beta) over customers. alpha and beta are times."""

    r: float
    alpha: float
    s: float
    beta: float

    name: ClassVar[str] = "Pareto/NBD"

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def log_likelihood(self, histories: Histories) -> float:
        return _log_likelihood(histories)(np.array([self.r, self.alpha, self.s, self.beta]))[0]

    def expected_purchases(self, time: float) -> float:
        nothing = np.zeros(1)
        return float(self.r / self.alpha * self._time_alive(nothing, time)[0])

    def further_purchases(self, histories: Histories, time: float) -> Numbers:
        rate = (self.r + histories.repeats) / (self.alpha + histories.age)
        return np.asarray(self.chance_alive(histories) * rate * self._time_alive(histories.age, time))

    def chance_of(self, histories: Histories, time: float, at_least: Numbers) -> Numbers:
        """The mean over the moment of leaving, by how many of those who are alive stay so long."""
        found = np.empty(len(histories))
        for rows in _in_parts(len(histories)):
            part = histories.part(np.arange(rows.start, min(rows.stop, len(histories))))
            found[rows] = self._chance_alive_of(part, time, np.maximum(at_least[rows], 1.0))
        return np.where(at_least < 1, 1.0, self.chance_alive(histories) * found)

    def chance_alive(self, histories: Histories) -> Numbers:
        chances = np.empty(len(histories))
        for rows in _in_parts(len(histories)):
            repeats, last, age = histories.repeats[rows], histories.last[rows], histories.age[rows]
            log_left = _Leaving(self.r + repeats, self.alpha, self.s, self.beta, last, age).log_total
            log_alive = -(self.r + repeats) * np.log(self.alpha + age) - self.s * np.log(self.beta + age)
            chances[rows] = expit(log_alive - log_left)
        return chances

    def usual_wait(self, histories: Histories) -> Numbers:
        return median_wait(self.r, self.alpha, histories)

    def discounted_purchases(self, histories: Histories, discount: float) -> Numbers:
        """All purchases from now on, each worth exp(-discount x time) of one made now, on average (DERT).

        `discount` is continuous and per unit of time: that of 15 % a year is log(1.15) / 52 a week.
        """
        if not discount > 0:
            raise ValueError("All purchases ever have a finite worth only where later ones count for less.")
        remaining = self.beta + histories.age
        rate = (self.r + histories.repeats) / (self.alpha + histories.age)
        time = remaining * hyperu(1, 2 - self.s, discount * remaining)
        return np.asarray(self.chance_alive(histories) * rate * time)

    def _chance_alive_of(self, histories: Histories, time: float, count: Numbers) -> Numbers:
        shape, known = (self.r + histories.repeats)[:, None], (self.alpha + histories.age)[:, None]
        staying = (self.beta + histories.age)[:, None]
        stay = np.exp(-self.s * np.log1p(time / staying))
        share = stay + (1 - stay) * (1 + _FEW_NODES) / 2
        until = np.clip(staying * np.expm1(-np.log(share) / self.s), 0.0, time)
        bought = betainc(count[:, None], shape, until / (known + until))
        all_of_it = betainc(count, shape[:, 0], time / (known[:, 0] + time))
        return np.asarray(stay[:, 0] * all_of_it + (1 - stay[:, 0]) / 2 * (bought @ _FEW_WEIGHTS))

    def _time_alive(self, age: Numbers, time: float) -> Numbers:
        """How much of `time` from now customers of this age stay, on average; s = 1 is no exception."""
        log_share = np.log((self.beta + age) / (self.beta + age + time))
        return np.asarray(-(self.beta + age) * log_share * exprel((self.s - 1) * log_share))


def fit(histories: Histories) -> Fitted:
    """The Pareto/NBD that explains these histories best, in their unit of time. Raises UnableToFit in words."""
    known, factor = ready_to_fit(histories)
    found = maximized(known, _log_likelihood, starts=_STARTS)
    found = in_unit(found, factor, times=(1, 3))
    return fitted(ParetoNbd(*found.parameters.tolist()), histories, found)


class _Leaving:
    """The integral of s (alpha + m)^-shape (beta + m)^-(s + 1) over the moment m of leaving, from the last purchase to now.

    With m = last + scale (e^y - 1), where `scale` is how fast the integrand falls at first, it is smooth in y on any data.
    `bought` and `stayed` say at each node by what share alpha + m and beta + m have grown since the last purchase, with their
    logarithms (of one more); `mean` is over the moment of leaving.
    """

    def __init__(self, shape: Numbers, alpha: float, s: float, beta: float, last: Numbers, age: Numbers) -> None:
        scale = 1 / (shape / (alpha + last) + (s + 1) / (beta + last))
        half = np.log1p((age - last) / scale) / 2
        y = half[:, None] * (1 + _NODES)
        later = np.expm1(y)
        self.bought, self.stayed = ((scale / (each + last))[:, None] * later for each in (alpha, beta))
        self.log_bought, self.log_stayed = np.log1p(self.bought), np.log1p(self.stayed)
        y -= shape[:, None] * self.log_bought
        y -= (s + 1) * self.log_stayed
        self._parts = np.exp(y, out=y)
        self._parts *= _NODE_WEIGHTS
        self._total = self._parts.sum(axis=1)
        with np.errstate(divide="ignore"):  # who bought just now cannot have left since
            log_width = np.log(half * scale)
        self.log_total = (
            np.log(s * self._total) + log_width - shape * np.log(alpha + last) - (s + 1) * np.log(beta + last)
        )

    def mean(self, values: Numbers) -> Numbers:
        """Of `values` at each node."""
        return np.asarray(np.einsum("ij,ij->i", self._parts, values) / self._total)


def _log_likelihood(histories: Histories) -> Callable[[Numbers], tuple[float, Numbers]]:
    """The log-likelihood with its gradient."""
    levels, level_of = np.unique(histories.repeats, return_inverse=True)
    on_level = np.bincount(level_of, weights=histories.weights, minlength=len(levels))
    customers = histories.customers

    def evaluate(parameters: Numbers) -> tuple[float, Numbers]:
        r, alpha, s, beta = parameters.tolist()
        value = float(
            on_level @ (gammaln(r + levels) - gammaln(r)) + customers * (r * np.log(alpha) + s * np.log(beta))
        )
        slope = np.array(
            (
                on_level @ (digamma(r + levels) - digamma(r)) + customers * np.log(alpha),
                customers * r / alpha,
                customers * np.log(beta),
                customers * s / beta,
            )
        )
        for rows in _in_parts(len(histories)):
            part = _of_rows(parameters, *(each[rows] for each in (histories.repeats, histories.last, histories.age)))
            value += float(histories.weights[rows] @ part[0])
            slope += histories.weights[rows] @ part[1]
        return value, slope

    return evaluate


def _of_rows(parameters: Numbers, repeats: Numbers, last: Numbers, age: Numbers) -> tuple[Numbers, Numbers]:
    """What the moment of leaving adds to the log-likelihood of each row, and its slopes by the four parameters."""
    r, alpha, s, beta = parameters.tolist()
    shape = r + repeats
    leaving = _Leaving(shape, alpha, s, beta, last, age)
    log_age, log_beta = np.log(alpha + age), np.log(beta + age)
    log_alive = -shape * log_age - s * log_beta
    left = expit(leaving.log_total - log_alive)
    alive = 1 - left
    log_buying = np.log(alpha + last) + leaving.mean(leaving.log_bought)
    log_staying = np.log(beta + last) + leaving.mean(leaving.log_stayed)
    a_buying = leaving.mean(1 / (1 + leaving.bought)) / (alpha + last)
    a_staying = leaving.mean(1 / (1 + leaving.stayed)) / (beta + last)
    slopes = (
        -alive * log_age - left * log_buying,
        -shape * (alive / (alpha + age) + left * a_buying),
        -alive * log_beta + left * (1 / s - log_staying),
        -alive * s / (beta + age) - left * (s + 1) * a_staying,
    )
    return np.logaddexp(log_alive, leaving.log_total), np.column_stack(slopes)


def _in_parts(rows: int) -> list[slice]:
    """Slices of so few rows that their integrals stay near the processor."""
    return [slice(start, start + _ROWS) for start in range(0, rows, _ROWS)]
