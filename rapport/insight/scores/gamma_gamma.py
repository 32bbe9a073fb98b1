"""Gamma-Gamma: what a purchase of a customer brings on average, drawn towards the mean of all the fewer of them are known.

Fader, Hardie and Lee, RFM and CLV, Journal of Marketing Research 42(4), 2005, and Fader and Hardie, The Gamma-Gamma Model of
Monetary Value, note 025 at brucehardie.com. It takes for granted that how much customers spend does not hang together with how
often they buy: `spend_correlation` says how far that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from rapport.insight.scores.histories import Numbers, UnableToFit
from rapport.insight.scores.likelihood import Likelihood, maximize
from rapport.insight.scores.repeat_buying import in_unit

NAME = "Gamma-Gamma"
LEAST_REPEATERS = 10
_STARTS = ((2.0, 2.0, 1.0), (6.0, 4.0, 1.0), (1.0, 5.0, 5.0))


@dataclass(frozen=True)
class Spending:
    """Customers who bought again: `repeats`, the `mean` of what those purchases brought, both above zero, and how many such."""

    repeats: Numbers
    mean: Numbers
    weights: Numbers

    @classmethod
    def of(cls, repeats: ArrayLike, mean: ArrayLike, weights: ArrayLike | None = None) -> Spending:
        """Without weights every row is one customer. Raises UnableToFit where something is not above zero."""
        counts, means = (np.atleast_1d(np.asarray(each, dtype=float)) for each in (repeats, mean))
        heavy = np.ones_like(counts) if weights is None else np.atleast_1d(np.asarray(weights, dtype=float))
        if len({each.shape for each in (counts, means, heavy)}) != 1 or counts.ndim != 1:
            raise UnableToFit(gettext_noop("Purchases, values and weights must be rows of one length."))
        every = np.concatenate((counts, means, heavy))
        if not np.isfinite(every).all() or (every <= 0).any():
            raise UnableToFit(
                gettext_noop(
                    "What a customer spends on average can be learned only of purchases that brought something."
                )
            )
        order = np.lexsort((heavy, means, counts))
        return cls(counts[order], means[order], heavy[order])


@dataclass(frozen=True)
class GammaGamma:
    """Purchases are Gamma(p, nu) around a customer's own mean, nu is Gamma(q, v) over customers. v is an amount of money."""

    p: float
    q: float
    v: float

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    @property
    def mean(self) -> float | None:
        """What a purchase of a customer of whom nothing is known brings; None where it has no finite mean."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else None

    def expected_mean(self, repeats: ArrayLike, mean: ArrayLike) -> Numbers:
        """What a purchase of customers with so many repeats of this mean value brings; 0 repeats say nothing of their own."""
        counts, means = np.asarray(repeats, dtype=float), np.asarray(mean, dtype=float)
        return np.asarray(self.p * (self.v + counts * means) / (self.p * counts + self.q - 1))

    def log_likelihood(self, spending: Spending) -> float:
        return _log_likelihood(spending)(np.array([self.p, self.q, self.v]))[0]


@dataclass(frozen=True)
class FittedSpending:
    model: GammaGamma
    log_likelihood: float
    standard_errors: Mapping[str, float]
    customers: float


def fit(spending: Spending) -> FittedSpending:
    """The Gamma-Gamma that explains this spending best, in its unit of money. Raises UnableToFit in words."""
    customers = float(spending.weights.sum())
    if customers < LEAST_REPEATERS:
        raise UnableToFit(
            gettext_noop(
                "Only %(customers)s customers bought again for more than nothing; what they spend takes %(least)s."
            ),
            customers=f"{customers:,.0f}",
            least=LEAST_REPEATERS,
        )
    if np.ptp(spending.mean) == 0:
        raise UnableToFit(gettext_noop("Every purchase brought the same, so there is nothing to learn of spending."))
    factor = customers / float(spending.weights @ spending.mean)
    scaled = Spending(spending.repeats, spending.mean * factor, spending.weights)
    found = in_unit(maximize(Likelihood(_log_likelihood(scaled), customers), starts=_STARTS), factor, times=(2,))
    model = GammaGamma(*found.parameters.tolist())
    if model.mean is None:
        raise UnableToFit(
            gettext_noop("Some purchases are so much larger than all others that they have no mean to go by.")
        )
    return FittedSpending(
        model=model,
        log_likelihood=model.log_likelihood(spending),
        standard_errors=dict(zip(model.parameters, found.standard_errors.tolist(), strict=True)),
        customers=customers,
    )


def spend_correlation(spending: Spending) -> float | None:
    """How closely mean spending and the number of repeats hang together, from -1 to 1; None where either is all the same."""
    if np.ptp(spending.repeats) == 0 or np.ptp(spending.mean) == 0:
        return None
    covariances = np.cov(spending.repeats, spending.mean, aweights=spending.weights, ddof=0)
    return float(covariances[0, 1] / np.sqrt(covariances[0, 0] * covariances[1, 1]))


def _log_likelihood(spending: Spending) -> Callable[[Numbers], tuple[float, Numbers]]:
    """The log-likelihood with its gradient. What depends on the repeats alone is computed once per number of repeats."""
    weights, total = spending.weights, spending.repeats * spending.mean
    levels, level_of = np.unique(spending.repeats, return_inverse=True)
    on_level = np.bincount(level_of, weights=weights, minlength=len(levels))
    customers = weights.sum()
    log_mean = float(weights @ np.log(spending.mean))
    powers = weights * spending.repeats
    log_totals = float(powers @ np.log(total))

    def evaluate(parameters: Numbers) -> tuple[float, Numbers]:
        p, q, v = parameters.tolist()
        shapes = p * levels
        log_all, share = np.log(v + total), 1 / (v + total)
        value = float(
            on_level @ (gammaln(shapes + q) - gammaln(shapes))
            + customers * (q * np.log(v) - gammaln(q))
            + p * log_totals
            - log_mean
            - (p * powers + q * weights) @ log_all
        )
        slope = (
            on_level @ (levels * (digamma(shapes + q) - digamma(shapes))) + log_totals - powers @ log_all,
            on_level @ digamma(shapes + q) + customers * (np.log(v) - digamma(q)) - weights @ log_all,
            customers * q / v - (p * powers + q * weights) @ share,
        )
        return value, np.array(slope)

    return evaluate
