"""sBG: how long customers keep a contract that they may end at each renewal.

Fader and Hardie, How to Project Customer Retention, Journal of Interactive Marketing 21(1), 2007. Customers differ in how
likely they are to leave, and those who leave first are gone: retention rises with age without anybody growing more loyal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, hyp2f1

from rapport.insight.scores.histories import Numbers, UnableToFit
from rapport.insight.scores.likelihood import Likelihood, maximize

NAME = "sBG"
_STARTS = ((1.0, 1.0), (0.5, 3.0), (3.0, 1.0))


@dataclass(frozen=True)
class Renewals:
    """Contracts by how many renewals they met: `left` ended at the k-th, `stayed` renewed at the k-th and are not further yet.

    Both arrays have one entry for each k = 1, 2, … and hold numbers of customers.
    """

    left: Numbers
    stayed: Numbers

    @classmethod
    def of(cls, left: ArrayLike, stayed: ArrayLike) -> Renewals:
        """Raises UnableToFit where that are no numbers of customers."""
        found = [np.atleast_1d(np.asarray(each, dtype=float)) for each in (left, stayed)]
        if found[0].shape != found[1].shape or found[0].ndim != 1:
            raise UnableToFit(gettext_noop("Who left and who stayed are told for the same renewals."))
        if not all(np.isfinite(each).all() and (each >= 0).all() for each in found):
            raise UnableToFit(gettext_noop("Customers are counted in numbers of zero or more."))
        return cls(found[0], found[1])

    @classmethod
    def of_survivors(cls, survivors: ArrayLike) -> Renewals:
        """One cohort: how many there were at first, and after each renewal."""
        counts = np.asarray(survivors, dtype=float)
        if counts.ndim != 1 or len(counts) < 2 or (np.diff(counts) > 0).any():
            raise UnableToFit(
                gettext_noop("A cohort has a size at first and after at least one renewal, and never grows.")
            )
        stayed = np.zeros(len(counts) - 1)
        stayed[-1] = counts[-1]
        return cls.of(-np.diff(counts), stayed)


@dataclass(frozen=True)
class Sbg:
    """The chance to leave at a renewal is Beta(a, b) over customers."""

    a: float
    b: float

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def survival(self, renewals: ArrayLike) -> Numbers:
        """The share of new customers that is still there after so many renewals."""
        return np.asarray(np.exp(_log_survival(self.a, self.b, np.asarray(renewals, dtype=float))))

    def retention(self, renewal: ArrayLike) -> Numbers:
        """The share of those who met the k-th renewal that renew, k = 1, 2, …"""
        number = np.asarray(renewal, dtype=float)
        return np.asarray((self.b + number - 1) / (self.a + self.b + number - 1))

    def discounted_renewals(self, renewed: ArrayLike, discount: float) -> Numbers:
        """Renewals still to come of customers who renewed so often, right before the next; later ones count for less.

        `discount` is that of one period: 0.1 where a payment a period later is worth 1/1.1 (DERL).
        """
        if not discount > 0:
            raise ValueError("All renewals ever have a finite worth only where later ones count for less.")
        known = self.b + np.asarray(renewed, dtype=float)
        return np.asarray(known / (self.a + known) * hyp2f1(1, known + 1, self.a + known + 1, 1 / (1 + discount)))

    def log_likelihood(self, renewals: Renewals) -> float:
        return _log_likelihood(renewals)(np.array([self.a, self.b]))[0]


@dataclass(frozen=True)
class FittedContracts:
    model: Sbg
    log_likelihood: float
    standard_errors: Mapping[str, float]


def fit(renewals: Renewals) -> FittedContracts:
    """The sBG that explains these renewals best. Raises UnableToFit in words."""
    customers = float(renewals.left.sum() + renewals.stayed.sum())
    met = np.flatnonzero(renewals.left + renewals.stayed)
    if not customers:
        raise UnableToFit(gettext_noop("There are no customers to learn from."))
    if not renewals.left.sum():
        raise UnableToFit(gettext_noop("No customer has left, so nothing says how long customers stay."))
    if met.max() < 1:
        raise UnableToFit(
            gettext_noop("Nobody has met a second renewal; a single one does not say how customers differ.")
        )
    found = maximize(Likelihood(_log_likelihood(renewals), customers), starts=_STARTS)
    model = Sbg(*found.parameters.tolist())
    errors = dict(zip(model.parameters, found.standard_errors.tolist(), strict=True))
    return FittedContracts(model, model.log_likelihood(renewals), errors)


def _log_survival(a: float, b: float, renewals: Numbers) -> Numbers:
    return np.asarray(gammaln(b + renewals) - gammaln(b) + gammaln(a + b) - gammaln(a + b + renewals))


def _log_likelihood(renewals: Renewals) -> Callable[[Numbers], tuple[float, Numbers]]:
    """The log-likelihood with its gradient."""
    left, stayed = renewals.left, renewals.stayed
    number = np.arange(1, len(left) + 1, dtype=float)

    def evaluate(parameters: Numbers) -> tuple[float, Numbers]:
        a, b = parameters.tolist()
        log_left = np.log(a) + gammaln(b + number - 1) - gammaln(b) + gammaln(a + b) - gammaln(a + b + number)
        by_both = (left + stayed) @ (digamma(a + b) - digamma(a + b + number))
        slope = (
            by_both + left.sum() / a,
            by_both + left @ (digamma(b + number - 1) - digamma(b)) + stayed @ (digamma(b + number) - digamma(b)),
        )
        return float(left @ log_left + stayed @ _log_survival(a, b, number)), np.array(slope)

    return evaluate
