"""What the models of repeat purchase without a contract have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rapport.insight.scores.histories import Histories, Numbers
from rapport.insight.scores.likelihood import Likelihood, LogLikelihood, Maximum, maximize

MANY, SOME = 60_000, 50_000  # histories that differ, and customers


class Foretelling(Protocol):
    """What can be said of customers with a history. Times are in the unit that was fitted in."""

    def further_purchases(self, histories: Histories, time: float) -> Numbers:
        """Purchases that a customer of each history makes within `time` from now, on average."""

    def chance_of(self, histories: Histories, time: float, at_least: Numbers) -> Numbers:
        """The chance that a customer of each history makes at least so many purchases within `time` from now."""

    def chance_alive(self, histories: Histories) -> Numbers:
        """The chance that a customer of each history still is one: has not left for good."""

    def usual_wait(self, histories: Histories) -> Numbers:
        """Within which time from now half of the customers of each history buy again who are alive."""


class RepeatBuying(Foretelling, Protocol):
    """A fitted model."""

    @property
    def name(self) -> str: ...

    @property
    def parameters(self) -> dict[str, float]: ...

    def log_likelihood(self, histories: Histories) -> float: ...

    def expected_purchases(self, time: float) -> float:
        """Repeat purchases that a new customer makes within `time` of the first, on average."""


@dataclass(frozen=True)
class Fitted:
    """A model, and how well and how surely it was found. A parameter `at_limit` grew or shrank without end."""

    model: RepeatBuying
    log_likelihood: float
    standard_errors: Mapping[str, float]
    at_limit: tuple[str, ...]


def maximized(
    known: Histories, log_likelihood: Callable[[Histories], LogLikelihood], *, starts: Sequence[Sequence[float]]
) -> Maximum:
    """The maximum for these customers; of very many different histories some say where about it is."""
    likelihood = Likelihood(log_likelihood(known), known.customers)
    if len(known) <= MANY:
        return maximize(likelihood, starts=starts)
    some = known.some(SOME)
    return maximize(likelihood, starts=starts, of_some=Likelihood(log_likelihood(some), some.customers))


def fitted(model: RepeatBuying, histories: Histories, maximum: Maximum) -> Fitted:
    names = tuple(model.parameters)
    return Fitted(
        model=model,
        log_likelihood=model.log_likelihood(histories),
        standard_errors=dict(zip(names, maximum.standard_errors.tolist(), strict=True)),
        at_limit=tuple(name for name, held in zip(names, maximum.at_limit, strict=True) if held),
    )


def in_unit(maximum: Maximum, factor: float, *, times: tuple[int, ...]) -> Maximum:
    """The maximum found with times multiplied by `factor`, in the unit they had before; `times` are the parameters in it."""
    scale = np.ones(len(maximum.parameters))
    scale[list(times)] = 1 / factor
    return Maximum(maximum.parameters * scale, maximum.standard_errors * scale, maximum.at_limit)


def median_wait(r: float, alpha: float, histories: Histories) -> Numbers:
    """The median wait for the next purchase of a Gamma-Poisson buyer with these repeats in this time."""
    return np.asarray((alpha + histories.age) * np.expm1(np.log(2.0) / (r + histories.repeats)))
