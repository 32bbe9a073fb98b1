"""Fitting by maximum likelihood: positive parameters, found in logarithms, with the gradient, to all digits there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from rapport.insight.scores.histories import Numbers, UnableToFit

LIMIT = 8.0
_STEP = 1e-4
_NEWTON_STEPS = 4
_SETTLED = 1e-6
_CHORDS, _NO_SLOPE = 12, 1e-9
_LEVEL = 5e-3  # where customers are all alike in something, the likelihood rises ever more gently, without end

# the log-likelihood of all customers at positive parameters, and its slope by each parameter
LogLikelihood = Callable[[Numbers], tuple[float, Numbers]]
Loss = LogLikelihood


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is greatest. `at_limit` tells which parameters wanted to grow or shrink without end.

    Standard errors are NaN where the curve is flat: there the data say nothing of a parameter by itself.
    """

    parameters: Numbers
    standard_errors: Numbers
    at_limit: tuple[bool, ...]


@dataclass(frozen=True)
class Likelihood:
    """What is to be made as great as it can be, and how many customers it is the log-likelihood of."""

    of: LogLikelihood
    customers: float

    def loss(self, logs: Numbers) -> tuple[float, Numbers]:
        """What each customer takes away from it, at the logarithms of the parameters, and its slope by these."""
        parameters = np.exp(logs)
        value, slope = self.of(parameters)
        return -value / self.customers, -slope * parameters / self.customers


def maximize(
    likelihood: Likelihood, *, starts: Sequence[Sequence[float]], of_some: Likelihood | None = None
) -> Maximum:
    """The parameters that explain the data best. Another start is tried only where one did not settle.

    Where there are very many customers, what is looked for is looked for among some of them first (`of_some`): from there
    it is a few steps to where it is for all.
    """
    loss, customers = likelihood.loss, likelihood.customers
    with threadpool_limits(limits=1, user_api="blas"):  # matrices of four: threads would only wait for each other
        near = _search(of_some.loss, starts) if of_some is not None else None
        best = _carried_over(loss, near) if near is not None else None
        if best is None:
            best = _search(loss, starts)
    if best is None or not best.steepness < _LEVEL:
        raise UnableToFit(
            gettext_noop("No parameters explain these purchases best; the model does not fit what customers did.")
        )
    parameters = np.exp(best.logs)
    errors = parameters * _errors(best.curvature * customers)
    return Maximum(parameters, errors, tuple((np.abs(best.logs) > LIMIT - 1).tolist()))


@dataclass(frozen=True)
class _Top:
    """Where a search ended. `steepness` is the greatest slope that is left, but for parameters held at the limit."""

    logs: Numbers
    loss: float
    steepness: float
    curvature: Numbers


def _search(loss: Loss, starts: Sequence[Sequence[float]]) -> _Top | None:
    best: _Top | None = None
    for start in starts:
        found = minimize(
            loss, np.log(np.asarray(start, dtype=float)), jac=True, method="L-BFGS-B", bounds=[(-LIMIT, LIMIT)] * len(start),
            options={"maxiter": 1_000, "maxfun": 3_000, "ftol": 1e-13, "gtol": 1e-8, "maxcor": 20},
        )  # fmt: skip
        top = _polished(loss, found.x)
        if np.isfinite(top.loss) and (best is None or top.loss < best.loss):
            best = top
        if top.steepness < _SETTLED:
            break
    return best


def _carried_over(loss: Loss, near: _Top) -> _Top | None:
    """From the top for some customers to that for all, by Newton's steps with the curvature for some; None if it is not reached."""
    if not near.steepness < _SETTLED or _at_limit(near.logs).any():
        return None
    try:
        factors = cho_factor(near.curvature)
    except (LinAlgError, ValueError):
        return None
    logs = near.logs
    value, slope = loss(logs)
    for _step in range(_CHORDS):
        if np.abs(slope).max() < _NO_SLOPE:
            break
        nearer = np.clip(logs - cho_solve(factors, slope), -LIMIT, LIMIT)
        nearer_value, nearer_slope = loss(nearer)
        if not np.abs(nearer_slope).max() < np.abs(slope).max():
            break
        logs, value, slope = nearer, nearer_value, nearer_slope
    steepness = float(np.abs(slope).max())
    if _at_limit(logs).any() or not steepness < _SETTLED / 10:
        return None
    return _Top(logs, float(value), steepness, _curvature(loss, logs))


def _polished(loss: Loss, logs: Numbers) -> _Top:
    """Newton's steps from where the search stopped, taken while they make the slope smaller."""
    curvature = _curvature(loss, logs)
    value, slope = loss(logs)
    try:
        factors = cho_factor(curvature)
    except (LinAlgError, ValueError):
        factors = None
    for _step in range(_NEWTON_STEPS if factors is not None and not _at_limit(logs).any() else 0):
        nearer = np.clip(logs - cho_solve(factors, slope), -LIMIT, LIMIT)
        nearer_value, nearer_slope = loss(nearer)
        if not np.abs(nearer_slope).max() < np.abs(slope).max() / 2:
            break
        logs, value, slope = nearer, nearer_value, nearer_slope
    free = np.where(_at_limit(logs), 0.0, slope)
    return _Top(logs, float(value), float(np.abs(free).max()), curvature)


def _curvature(loss: Loss, logs: Numbers) -> Numbers:
    steps = np.eye(len(logs)) * _STEP
    rows = np.array([(loss(logs + step)[1] - loss(logs - step)[1]) / (2 * _STEP) for step in steps])
    return np.asarray((rows + rows.T) / 2)


def _errors(information: Numbers) -> Numbers:
    try:
        inverse = cho_solve(cho_factor(information), np.eye(len(information)))
    except (LinAlgError, ValueError):
        return np.full(len(information), np.nan)
    return np.asarray(np.sqrt(np.diag(inverse)))


def _at_limit(logs: Numbers) -> NDArray[np.bool_]:
    return np.asarray(np.abs(logs) > LIMIT - 1e-3)
