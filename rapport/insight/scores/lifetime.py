"""Lifetime value without a contract: three models of repeat purchase, which of them to believe, and how far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_noop

from rapport.insight.scores import bg_nbd, mbg_nbd, pareto_nbd
from rapport.insight.scores.bg_nbd import BgNbd
from rapport.insight.scores.histories import Histories, Numbers, UnableToFit
from rapport.insight.scores.mbg_nbd import MbgNbd
from rapport.insight.scores.pareto_nbd import ParetoNbd
from rapport.insight.scores.repeat_buying import Fitted, RepeatBuying

VERSION = 2
LEAST_CUSTOMERS, LEAST_REPEATERS = 100, 30
CLASSES = 7  # who came back so often or oftener is one class
SAME_RATE = "same rate as before"

_FITS: tuple[Callable[[Histories], Fitted], ...] = (bg_nbd.fit, mbg_nbd.fit, pareto_nbd.fit)
_KINDS: Mapping[str, Callable[..., RepeatBuying]] = {kind.name: kind for kind in (BgNbd, MbgNbd, ParetoNbd)}


@dataclass(frozen=True)
class Outcomes:
    """Histories up to a day, each with how many purchases followed in `weeks` after it; `further` goes with the rows."""

    histories: Histories
    further: Numbers
    weeks: float


@dataclass(frozen=True)
class Figures:
    """A forecast of purchases against what came: totals, and how far it was off customer by customer.

    `correlation` is None where a forecast or what came is the same for everybody.
    """

    expected: float
    actual: float
    mae: float
    rmse: float
    correlation: float | None


def model_of(name: str, parameters: Mapping[str, float]) -> RepeatBuying:
    """A model as it was fitted before; LookupError where there is none of this name."""
    return _KINDS[name](**parameters)


def fit_all(histories: Histories) -> tuple[list[Fitted], dict[str, str]]:
    """Every model on the same customers, and why the others could not be fitted. Raises UnableToFit where none can."""
    _refuse_too_few(histories)
    found: list[Fitted] = []
    refused: dict[str, UnableToFit] = {}
    for fit, name in zip(_FITS, _KINDS, strict=True):
        try:
            found.append(fit(histories))
        except UnableToFit as refusal:
            refused[name] = refusal
    if not found:
        raise next(iter(refused.values()))
    return found, {name: str(refusal) for name, refusal in refused.items()}


def fit_one(name: str, histories: Histories) -> Fitted:
    """The model of this name on customers who are enough for one. Raises UnableToFit; LookupError where there is no such model."""
    _refuse_too_few(histories)
    return dict(zip(_KINDS, _FITS, strict=True))[name](histories)


def figures(forecast: Numbers, outcomes: Outcomes) -> Figures:
    """`forecast` has a number of purchases for each row of `outcomes`."""
    weights, further = outcomes.histories.weights, outcomes.further
    off = forecast - further
    customers = weights.sum()
    return Figures(
        expected=float(weights @ forecast),
        actual=float(weights @ further),
        mae=float(weights @ np.abs(off) / customers),
        rmse=float(np.sqrt(weights @ off**2 / customers)),
        correlation=_correlation(forecast, further, weights),
    )


def same_rate(outcomes: Outcomes) -> Numbers:
    """The forecast without a model: everybody goes on at the rate of before."""
    known = outcomes.histories
    rate = np.divide(known.repeats, known.age, out=np.zeros_like(known.repeats), where=known.age > 0)
    return np.asarray(rate * outcomes.weeks)


def by_class(outcomes: Outcomes, forecasts: Mapping[str, Numbers]) -> list[dict[str, float | str]]:
    """What came and what each forecast said, per customer, by how often customers had come back before."""
    lines: list[dict[str, float | str]] = []
    classes = np.minimum(outcomes.histories.repeats, CLASSES)
    for repeats in range(CLASSES + 1):
        of_class = classes == repeats
        weights = outcomes.histories.weights[of_class]
        if not weights.sum():
            continue
        line: dict[str, float | str] = {
            "repeats": f"{repeats}+" if repeats == CLASSES else str(repeats),
            "customers": int(weights.sum()),
            "actual": float(weights @ outcomes.further[of_class] / weights.sum()),
        }
        for name, forecast in forecasts.items():
            line[name] = float(weights @ forecast[of_class] / weights.sum())
        lines.append(line)
    return lines


def best(checked: Sequence[tuple[str, Figures]]) -> str:
    """The model that was nearest to what came, by the root of the mean squared error of each customer's purchases.

    Squares, since a forecast is a mean: absolute errors would prefer whoever says that most buy nothing.
    """
    return min(checked, key=lambda each: each[1].rmse)[0]


def knows_who_left(name: str) -> bool:
    """By BG/NBD nobody leaves before coming back once, so it does not say who of the others is still a customer."""
    return name != BgNbd.name


def _refuse_too_few(histories: Histories) -> None:
    if histories.customers < LEAST_CUSTOMERS:
        raise UnableToFit(
            gettext_noop("Customers who bought: %(customers)s. To learn from them takes %(least)s."),
            customers=f"{histories.customers:,.0f}",
            least=LEAST_CUSTOMERS,
        )
    if histories.repeaters < LEAST_REPEATERS:
        raise UnableToFit(
            gettext_noop(
                "%(repeaters)s of %(customers)s customers bought on a second day; to learn how customers come back takes"
                " %(least)s."
            ),
            repeaters=f"{histories.repeaters:,.0f}",
            customers=f"{histories.customers:,.0f}",
            least=LEAST_REPEATERS,
        )


def _correlation(left: Numbers, right: Numbers, weights: Numbers) -> float | None:
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    found = np.cov(left, right, aweights=weights, ddof=0)
    return float(found[0, 1] / np.sqrt(found[0, 0] * found[1, 1]))
