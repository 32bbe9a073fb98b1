"""The models of who leaves: logistic regression, boosted trees, one column alone; each tells chances and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from typing import Any, ParamSpec, Protocol, TypeVar

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from rapport.insight.scores.columns import CategoryCode, Coding, Kind, Numbers, Table

_STEEPEST = 35.0
Asked = ParamSpec("Asked")
Found = TypeVar("Found")


def learner(module: str, name: str) -> Any:
    """What scikit-learn has. It takes half of the time in which a process starts, and only who learns needs it."""
    return getattr(import_module(f"sklearn.{module}"), name)


def one_thread(compute: Callable[Asked, Found]) -> Callable[Asked, Found]:
    """The matrices are small: on a busy machine threads wait for each other a hundred times as long as one would work."""

    @wraps(compute)
    def alone(*arguments: Asked.args, **named: Asked.kwargs) -> Found:
        with _threads().limit(limits=1):
            return compute(*arguments, **named)

    return alone


@cache
def _threads() -> ThreadpoolController:
    """Of the libraries that are loaded by now, so those of scikit-learn have to be."""
    import_module("sklearn.ensemble")
    return ThreadpoolController()


class Model(Protocol):
    """A fitted model. Odds are natural logarithms: 0 is one in two."""

    def odds(self, table: Table) -> Numbers:
        """The odds of leaving, one for each customer."""

    def shares(self, table: Table) -> Numbers:
        """What each column adds to a customer's odds against the average customer: customers × columns."""


Fit = Callable[[Table, Numbers], Model]


def chances(odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -_STEEPEST, _STEEPEST))))


@dataclass(frozen=True)
class Logistic:
    """Logistic regression (ridge penalty, strength 1) over `Coding`: numbers may bend at four knots, levels stand alone."""

    coding: Coding
    weights: Numbers
    level: float
    columns: int

    def odds(self, table: Table) -> Numbers:
        return np.asarray(self.coding.applied(table) @ self.weights + self.level)

    def shares(self, table: Table) -> Numbers:
        """Exact: the terms of the sum, gathered by column. The average customer's are all 0."""
        terms = self.coding.applied(table) * self.weights
        found = np.zeros((len(table), self.columns))
        for place, source in enumerate(self.coding.sources):
            found[:, source] += terms[:, place]
        return found


@one_thread
def fit_logistic(table: Table, outcomes: Numbers) -> Model:
    coding = Coding.learned(table)
    model = learner("linear_model", "LogisticRegression")(C=1.0, solver="newton-cholesky", max_iter=100, tol=1e-6)
    model.fit(coding.applied(table), outcomes)
    return Logistic(coding, np.asarray(model.coef_[0]), float(model.intercept_[0]), len(table.columns))


@dataclass(frozen=True)
class Trees:
    """Boosted trees over histograms: small, many, slowly learned. A level that was rare or is new counts as missing."""

    model: Any  # a HistGradientBoostingClassifier
    codes: tuple[CategoryCode | None, ...]
    usual: tuple[float, ...]  # of each column, what the average customer has

    def odds(self, table: Table) -> Numbers:
        return self._odds(_tree_numbers(self.codes, table))

    def shares(self, table: Table) -> Numbers:
        """What changes if one column alone becomes the average customer's; effects of columns together are in neither."""
        numbers = _tree_numbers(self.codes, table)
        whole, found = self._odds(numbers), np.zeros(numbers.shape)
        for place, usual in enumerate(self.usual):
            without = numbers.copy()
            without[:, place] = usual
            found[:, place] = whole - self._odds(without)
        return found

    @one_thread
    def _odds(self, numbers: Numbers) -> Numbers:
        return np.asarray(self.model.decision_function(numbers), dtype=float)


@one_thread
def fit_trees(table: Table, outcomes: Numbers) -> Model:
    codes = tuple(CategoryCode.learned(each) if each.kind is Kind.CATEGORY else None for each in table.columns)
    numbers = _tree_numbers(codes, table)
    model = learner("ensemble", "HistGradientBoostingClassifier")(
        learning_rate=0.06, max_iter=110, max_leaf_nodes=8, min_samples_leaf=30, l2_regularization=5.0,
        categorical_features=[code is not None for code in codes], early_stopping=False, random_state=0,
    )  # fmt: skip
    model.fit(numbers, outcomes)
    usual = tuple(
        _middle(numbers[:, place]) if code is None else _most_frequent(numbers[:, place])
        for place, code in enumerate(codes)
    )
    return Trees(model, codes, usual)


def fit_one_column(name: str) -> Fit:
    """The plainest thing to say: logistic regression over one column alone."""

    def fit(table: Table, outcomes: Numbers) -> Model:
        return _Alone(
            name, fit_logistic(_only(table, name), outcomes), [each.name for each in table.columns].index(name)
        )

    return fit


@dataclass(frozen=True)
class _Alone:
    name: str
    model: Model
    place: int

    def odds(self, table: Table) -> Numbers:
        return self.model.odds(_only(table, self.name))

    def shares(self, table: Table) -> Numbers:
        found = np.zeros((len(table), len(table.columns)))
        found[:, self.place] = self.model.shares(_only(table, self.name))[:, 0]
        return found


@dataclass(frozen=True)
class Calibrated:
    """Odds stretched and moved so that the chances are what comes (Platt): two numbers, learned where nothing was fitted."""

    slope: float
    level: float

    @classmethod
    def learned(cls, odds: Numbers, outcomes: Numbers) -> Calibrated:
        """By likelihood; a slope that would turn the order around, or have no end, is none."""
        found = minimize(_surprise, np.array([1.0, 0.0]), args=(odds, outcomes), jac=True, method="L-BFGS-B", tol=1e-12)
        slope, level = (float(each) for each in found.x)
        return cls(slope, level) if 0 < slope < _STEEPEST else cls(1.0, 0.0)

    def chances(self, odds: Numbers) -> Numbers:
        return chances(self.slope * odds + self.level)


def _surprise(line: Numbers, odds: Numbers, outcomes: Numbers) -> tuple[float, Numbers]:
    """The mean surprise at the outcomes of a line through the odds, and its slope in each of its two numbers."""
    moved = line[0] * odds + line[1]
    missed = chances(moved) - outcomes
    surprise = np.logaddexp(0.0, moved) - outcomes * moved
    return float(surprise.mean()), np.array([float((missed * odds).mean()), float(missed.mean())])


def _only(table: Table, name: str) -> Table:
    return Table(table.customers, tuple(each for each in table.columns if each.name == name))


def _tree_numbers(codes: tuple[CategoryCode | None, ...], table: Table) -> Numbers:
    found = []
    for code, column in zip(codes, table.columns, strict=True):
        if code is None:
            found.append(column.values)
        else:
            level = code.level_of(column).astype(float)
            found.append(np.where(level < len(code.levels), level, np.nan))
    return np.column_stack(found)


def _middle(values: Numbers) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _most_frequent(values: Numbers) -> float:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan")
    found, counts = np.unique(known, return_counts=True)
    return float(found[np.argmax(counts)])
