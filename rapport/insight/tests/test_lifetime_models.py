"""The models of lifetime value: published parameters, likelihoods and forecasts, and what no model may do."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from rapport.insight.lifetime.learning import columns, histories_of
from rapport.insight.marts import purchase_days as marts
from rapport.insight.scores import (
    beta_geometric,
    bg_nbd,
    gamma_gamma,
    lifetime,
    likelihood,
    mbg_nbd,
    pareto_nbd,
    repeat_buying,
    sbg,
)
from rapport.insight.scores.bg_nbd import BgNbd
from rapport.insight.scores.gamma_gamma import Spending
from rapport.insight.scores.histories import Histories, UnableToFit
from rapport.insight.scores.lifetime import Outcomes
from rapport.insight.scores.mbg_nbd import MbgNbd
from rapport.insight.scores.pareto_nbd import ParetoNbd
from rapport.insight.scores.sbg import Renewals, Sbg
from rapport.insight.tests import cdnow
from rapport.insight.warehouse.engine import DescribingBackend

# where the BTYD walkthrough stopped; its printed forecasts are those of these
WALKTHROUGH = BgNbd(0.2425982, 4.4136842, 0.7929899, 2.4261667)
WALKTHROUGH_PARETO = ParetoNbd(0.5533971, 10.5801985, 0.6060625, 11.6562237)
OFTEN = Histories.of([26], [30.857], [31])
PARADOX = Histories.of([10, 15, 20, 25], [20] * 4, [39] * 4)
MODELS = (bg_nbd, mbg_nbd, pareto_nbd)


def near(expected: Any) -> Any:
    return pytest.approx(expected, rel=5e-4)


class Sample:
    """CDNOW as the marts say it: histories up to the published day, and what came in the 39 weeks after."""

    def __init__(self) -> None:
        backend = DescribingBackend().connect()
        customers = marts.purchase_days(cdnow.orders(backend), as_of=cdnow.AS_OF)
        further = marts.further_purchases(
            backend.table("orders"), after=cdnow.AS_OF, until=cdnow.AS_OF + timedelta(weeks=cdnow.WEEKS)
        )
        self.histories = histories_of(customers)
        found = columns(marts.outcomes(customers, further))
        self.outcomes = Outcomes(
            Histories.of(found["repeats"], found["last_days"] / 7, found["age_days"] / 7, found["customers"]),
            found["further"],
            cdnow.WEEKS,
        )
        each = columns(customers.order_by("customer_id"))
        again = each["repeats"] > 0
        self.repeats, self.mean = each["repeats"], np.zeros(len(again))
        self.mean[again] = each["repeat_micros"][again] / each["repeats"][again] / 1e6
        self.spending = Spending.of(self.repeats[again], self.mean[again])
        self.fits = {model: model.fit(self.histories) for model in MODELS}


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood"),
    [
        (bg_nbd, {"r": ".243", "alpha": "4.414", "a": ".793", "b": "2.426"}, "-9582.4"),
        (mbg_nbd, {"r": ".525", "alpha": "6.183", "a": ".891", "b": "1.614"}, "-9582.1"),
        (pareto_nbd, {"r": ".553", "alpha": "10.578", "s": ".606", "beta": "11.669"}, "-9595.0"),
    ],
)
def test_cdnow_has_the_published_parameters(
    sample: Sample, model: ModuleType, parameters: dict[str, str], log_likelihood: str
) -> None:
    assert (sample.histories.customers, len(sample.histories)) == (2357, 1016)

    found = sample.fits[model]

    assert {
        name: _printed(value, like=parameters[name]) for name, value in found.model.parameters.items()
    } == parameters
    assert _printed(found.log_likelihood, like=log_likelihood) == log_likelihood
    assert found.at_limit == ()
    if model is pareto_nbd:  # standard errors as CLVTools prints them
        errors = {"r": 0.0476, "alpha": 0.8427, "s": 0.1873, "beta": 6.2105}
        assert found.standard_errors == pytest.approx(errors, abs=7e-4)


@pytest.mark.real_data
def test_cdnow_forecasts_are_the_published_ones_by_how_often_customers_came_back(sample: Sample) -> None:
    models = {fitted.model.name: fitted.model for fitted in sample.fits.values()}
    forecasts = {
        name: model.further_purchases(sample.outcomes.histories, cdnow.WEEKS) for name, model in models.items()
    }
    table = lifetime.by_class(sample.outcomes, forecasts)

    def column(name: str, digits: int) -> list[float]:
        return [round(float(line[name]), digits) for line in table]

    assert column("customers", 0) == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert [line["repeats"] for line in table] == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    assert column("actual", 3) == [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359]
    assert column("Pareto/NBD", 3) == pytest.approx(
        [0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403], abs=1.1e-3
    )
    assert column("BG/NBD", 4) == pytest.approx(
        [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570], abs=2.5e-4
    )
    figures = lifetime.figures(forecasts["BG/NBD"], sample.outcomes)
    assert (round(figures.expected, 1), figures.actual, round(figures.mae, 4)) == (1653.4, 1882, 0.7855)
    assert round(figures.correlation or 0, 3) == 0.626
    rate = lifetime.figures(lifetime.same_rate(sample.outcomes), sample.outcomes)
    assert (round(rate.mae, 4), round(rate.correlation or 0, 3)) == (1.0237, 0.584)
    assert (
        lifetime.best([(name, lifetime.figures(each, sample.outcomes)) for name, each in forecasts.items()])
        == "Pareto/NBD"
    )
    assert models["BG/NBD"].expected_purchases(52) == near(1.444004)
    assert models["Pareto/NBD"].expected_purchases(52) == near(1.473434)


@pytest.mark.real_data
def test_cdnow_spending_has_the_published_parameters(sample: Sample) -> None:
    found = gamma_gamma.fit(sample.spending)

    assert (round(found.model.p, 2), round(found.model.q, 2), round(found.model.v, 2)) == (6.25, 3.74, 15.44)
    assert (round(found.log_likelihood, 4), found.customers) == (-4055.9177, 946)
    assert [round(value, 2) for value in found.model.expected_mean(sample.repeats[:10], sample.mean[:10])] == near(
        [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    )
    assert found.model.mean == near(35.17)
    assert round(gamma_gamma.spend_correlation(sample.spending) or 0, 2) == 0.11


@pytest.mark.real_data
@pytest.mark.parametrize("model", MODELS)
def test_weights_are_repeated_rows_and_the_order_of_rows_does_not_matter(sample: Sample, model: ModuleType) -> None:
    known = sample.histories
    each = np.repeat(np.arange(len(known)), known.weights.astype(int))
    np.random.default_rng(1).shuffle(each)

    found = model.fit(Histories.of(known.repeats[each], known.last[each], known.age[each]))

    assert found.model == sample.fits[model].model
    in_days = model.fit(known.scaled(7)).model
    assert in_days.further_purchases(known.scaled(7), 7 * 39) == pytest.approx(
        found.model.further_purchases(known, 39), rel=1e-6
    )


@pytest.mark.parametrize(
    ("fit", "model"),
    [
        (bg_nbd.fit, BgNbd(0.24, 4.4, 0.79, 2.4)),
        (mbg_nbd.fit, MbgNbd(0.5, 6, 0.9, 1.6)),
        (pareto_nbd.fit, ParetoNbd(0.55, 10.6, 0.6, 11.7)),
    ],
)
def test_very_many_histories_are_all_counted_wherever_the_search_begins(
    fit: Callable[[Histories], Any], model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeats, last, _after = _drawn(model, customers=3_000, age=30.0, horizon=0.0)
    known = Histories.of(repeats, last, np.full(len(repeats), 30.0)).unique()
    carries: list[bool] = []
    whole = fit(known)
    monkeypatch.setattr(repeat_buying, "MANY", len(known) - 1)
    monkeypatch.setattr(repeat_buying, "SOME", 1_500)
    carry = likelihood._carried_over

    def carried_over(loss: Any, near: Any) -> Any:
        found = carry(loss, near)
        carries.append(found is not None)
        return found

    monkeypatch.setattr(likelihood, "_carried_over", carried_over)

    carried = fit(known)

    assert carries == [True]
    assert carried.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-9)
    assert list(carried.model.parameters.values()) == pytest.approx(list(whole.model.parameters.values()), rel=1e-4)
    assert list(carried.standard_errors.values()) == pytest.approx(list(whole.standard_errors.values()), rel=1e-3)
    monkeypatch.setattr(likelihood, "_carried_over", lambda loss, near: None)
    assert fit(known).model == whole.model


def test_some_of_many_histories_lie_all_over_them() -> None:
    known = Histories.of(np.zeros(10), np.zeros(10), np.arange(1, 11), np.arange(10, 20))

    assert (known.some(5).age.tolist(), known.some(5).weights.tolist()) == ([2, 4, 6, 8, 10], [1] * 5)
    assert known.some(145).weights.tolist() == list(range(10, 20))


def test_single_forecasts_are_the_published_ones() -> None:
    bg = WALKTHROUGH
    assert bg.further_purchases(Histories.of([2], [30.43], [38.86]), 39)[0] == near(1.226)
    times = (0.1429, 1, 3, 31.8571, 32, 78)
    assert [round(bg.expected_purchases(time), 4) for time in times] == near(
        [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576]
    )
    assert bg.further_purchases(OFTEN, 52)[0] == near(25.75659)
    assert bg.chance_alive(OFTEN)[0] == near(0.9688523)
    assert WALKTHROUGH_PARETO.further_purchases(OFTEN, 52)[0] == near(25.45647)
    assert WALKTHROUGH_PARETO.chance_alive(OFTEN)[0] == near(0.997874)


def test_who_bought_more_and_stopped_is_the_more_surely_gone() -> None:
    assert list(WALKTHROUGH_PARETO.further_purchases(PARADOX, 52)) == near(
        [0.7062289, 0.1442396, 0.02250658, 0.00309267]
    )
    assert list(WALKTHROUGH.further_purchases(PARADOX, 52)) == near([0.3474606, 0.04283391, 0.004158973, 0.0003583685])


def test_who_buys_very_often_breaks_no_model() -> None:
    pareto = ParetoNbd(0.5143, 2.8845, 0.2856, 14.1087)
    often = Histories.of(
        [221, 254, 161, 204], [103.42857, 97.14286, 94.71429, 98.57143], [103.57143, 97.28571, 98, 99.42857]
    )
    for found in (pareto.chance_alive(often), pareto.further_purchases(often, 52), [pareto.log_likelihood(often)]):
        assert np.isfinite(found).all()
    neighbors = Histories.of([132, 133], [200, 200], [200, 200])
    for model in (pareto, WALKTHROUGH, MbgNbd(0.525, 6.183, 0.891, 1.614)):
        assert abs(np.diff(model.chance_alive(neighbors))[0]) < 0.05
        assert abs(np.diff(model.further_purchases(neighbors, 1))[0]) < 0.05
    strange = Histories.of([0, 0, 1, 3, 400, 5000], [0, 0, 0.1, 300, 399, 399], [0, 400, 400, 400, 400, 400])
    extremes = (1e-4, 1.0, 1e5)
    for model in (
        [ParetoNbd(r, alpha, s, beta) for r in extremes for alpha in extremes for s in extremes for beta in extremes]
        + [kind(0.5, 4, a, b) for kind in (BgNbd, MbgNbd) for a in (1e-4, 0.7, 1.0, 1e5) for b in (1e-4, 0.3, 1e5)]
    ):  # fmt: skip
        further = model.further_purchases(strange, 52)
        assert np.isfinite(further).all(), model
        assert (further >= 0).all(), model
        assert ((model.chance_alive(strange) >= 0) & (model.chance_alive(strange) <= 1)).all(), model


@pytest.mark.parametrize(
    "model", [ParetoNbd(0.55, 10.6, 0.6, 11.7), BgNbd(0.24, 4.4, 0.79, 2.4), MbgNbd(0.5, 6, 0.9, 1.6)]
)
def test_forecasts_are_those_of_customers_who_behave_so(model: Any) -> None:
    """20,000 customers drawn as the model has it: what a forecast says of those with one history is what they do."""
    repeats, last, after = _drawn(model, customers=20_000, age=30.0, horizon=20.0)
    histories = Histories.of(repeats, last, np.full(len(repeats), 30.0))
    forecast = model.further_purchases(histories, 20.0)

    for some in (repeats == 0, repeats == 1, repeats > 3, (repeats > 0) & (last < 15)):
        spread = after[some].std() / math.sqrt(some.sum())
        assert abs(forecast[some].mean() - after[some].mean()) < 4 * spread


def test_discounted_purchases_are_the_sum_of_all_to_come_each_counting_less() -> None:
    histories, rate = Histories.of([0, 2, 7], [0, 30, 35], [38, 38, 38]), 0.0027
    times = np.concatenate(([0.0], np.geomspace(0.01, 60_000, 3_000)))
    further = np.array([WALKTHROUGH_PARETO.further_purchases(histories, time) for time in times])
    middle = np.exp(-rate * (times[1:] + times[:-1]) / 2)

    assert WALKTHROUGH_PARETO.discounted_purchases(histories, rate) == near(middle @ np.diff(further, axis=0))


def test_half_of_those_alive_buy_again_within_the_usual_wait() -> None:
    wait = float(WALKTHROUGH.usual_wait(Histories.of([3], [20], [26]))[0])

    assert ((WALKTHROUGH.alpha + 26) / (WALKTHROUGH.alpha + 26 + wait)) ** (WALKTHROUGH.r + 3) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("survivors", "a", "b", "log_likelihood"),
    [
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.27),
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.16),
    ],
)
def test_contracts_end_as_published(survivors: list[int], a: float, b: float, log_likelihood: float) -> None:
    found = sbg.fit(Renewals.of_survivors(survivors))

    assert (round(found.model.a, 3), round(found.model.b, 3), round(found.log_likelihood, 2)) == (a, b, log_likelihood)
    foretold = found.model.survival(np.arange(8))
    assert foretold == pytest.approx(np.array(survivors) / 1000, abs=0.02)
    assert found.model.retention(np.arange(1, 8)) == pytest.approx(foretold[1:] / foretold[:-1])
    later = found.model.survival(np.arange(3, 3_000)) / found.model.survival(2)
    assert found.model.discounted_renewals(2, 0.1) == near(float(later @ (1 / 1.1) ** np.arange(len(later))))


@pytest.mark.parametrize(
    ("log_likelihood", "parameters"),
    [
        (lambda: beta_geometric._log_likelihood(PARADOX, 0), [0.3, 4, 0.8, 2]),
        (lambda: beta_geometric._log_likelihood(OFTEN, 1), [0.3, 4, 0.8, 2]),
        (lambda: pareto_nbd._log_likelihood(PARADOX), [0.5, 10, 0.6, 11]),
        (lambda: gamma_gamma._log_likelihood(Spending.of([1, 2, 5], [10, 20, 12.5], [3, 2, 1])), [6, 3, 15]),
        (lambda: sbg._log_likelihood(Renewals.of([3, 2, 1], [0, 1, 4])), [0.7, 1.2]),
    ],
)
def test_slopes_are_those_of_the_likelihood(log_likelihood: Callable[[], Any], parameters: list[float]) -> None:
    of, here = log_likelihood(), np.array(parameters, dtype=float)

    differences = [(of(here + step)[0] - of(here - step)[0]) / 2e-5 for step in np.eye(len(here)) * 1e-5]

    assert of(here)[1] == pytest.approx(differences, rel=1e-5, abs=1e-6)


def test_what_cannot_carry_a_model_is_refused_in_words() -> None:
    for fit, words in (
        (lambda: bg_nbd.fit(Histories.of([0, 0], [0, 0], [9, 8])), "second time"),
        (lambda: pareto_nbd.fit(Histories.of([], [], [])), "no customers"),
        (lambda: Histories.of([1], [9], [8]), "after the end"),
        (lambda: Histories.of([0], [3], [8]), "bought again"),
        (lambda: Histories.of([1.5], [3], [8]), "whole numbers"),
        (lambda: Histories.of([1], [float("nan")], [8]), "zero or more"),
        (lambda: Histories.of([1, 2], [3], [8]), "one length"),
        (lambda: lifetime.fit_all(Histories.of([1] * 99, [3] * 99, [8] * 99)), "who bought: 99"),
        (lambda: lifetime.fit_all(Histories.of([1, 0], [3, 0], [8, 8], [29, 500])), "29 of 529"),
        (lambda: gamma_gamma.fit(Spending.of([1] * 5, [2] * 5)), "Only 5"),
        (lambda: gamma_gamma.fit(Spending.of([1] * 50, [2] * 50)), "the same"),
        (lambda: Spending.of([1, 2], [0, 2]), "brought something"),
        (lambda: sbg.fit(Renewals.of([0, 0], [3, 5])), "has left"),
        (lambda: sbg.fit(Renewals.of([3], [5])), "second renewal"),
        (lambda: Renewals.of_survivors([5, 9]), "never grows"),
    ):
        with pytest.raises(UnableToFit, match=words):
            fit()
    for forever in (
        lambda: WALKTHROUGH_PARETO.discounted_purchases(OFTEN, 0),
        lambda: Sbg(1, 1).discounted_renewals(1, 0),
    ):
        with pytest.raises(ValueError, match="count for less"):
            forever()


def _printed(value: float, *, like: str) -> str:
    digits = len(like.split(".")[1])
    return f"{value:.{digits}f}".replace("0.", ".", 1) if like.startswith(".") else f"{value:.{digits}f}"


def _drawn(model: Any, *, customers: int, age: float, horizon: float) -> tuple[Any, Any, Any]:
    """Customers who behave as the model has it: repeats and the last of them up to `age`, and purchases in `horizon` after."""
    draw = np.random.default_rng(7)
    rate = draw.gamma(model.r, 1 / model.alpha, customers)
    if isinstance(model, ParetoNbd):
        leaves_at, leaves = draw.exponential(1 / draw.gamma(model.s, 1 / model.beta, customers)), np.zeros(customers)
    else:
        leaves_at, leaves = np.full(customers, np.inf), draw.beta(model.a, model.b, customers)
    there = draw.random(customers) >= leaves * isinstance(model, MbgNbd)
    repeats, last, after, now = (np.zeros(customers) for _each in range(4))
    while there.any():
        now = now + draw.exponential(1 / np.maximum(rate, 1e-300))
        there &= (now < leaves_at) & (now <= age + horizon)
        before = there & (now <= age)
        repeats, last = repeats + before, np.where(before, now, last)
        after += there & (now > age)
        there &= draw.random(customers) >= leaves
    return repeats, last, after
