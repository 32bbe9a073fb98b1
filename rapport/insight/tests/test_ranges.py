"""Ranges of what customers will buy and bring: the chances behind each mean, and whether ranges hold as many as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rapport.insight.scores.bg_nbd import BgNbd
from rapport.insight.scores.gamma_gamma import GammaGamma
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.lifetime import Outcomes
from rapport.insight.scores.mbg_nbd import MbgNbd
from rapport.insight.scores.pareto_nbd import ParetoNbd
from rapport.insight.scores.ranges import SHARE, Brought, brought, coverage, purchase_chances, purchase_ranges
from rapport.insight.tests.test_lifetime_models import _drawn

MODELS = [BgNbd(0.55, 4.4, 0.79, 2.4), MbgNbd(0.9, 6, 0.9, 3.6), ParetoNbd(0.9, 8.6, 0.6, 21.7)]
HISTORIES = Histories.of([0, 1, 4, 20, 20], [0, 3, 25, 30, 12], [30, 30, 30, 30.5, 30])
SPENDING = GammaGamma(6.25, 3.74, 15.44)


@pytest.mark.parametrize("model", MODELS)
def test_the_chances_of_each_number_of_purchases_have_the_forecast_as_their_mean(model: Any) -> None:
    for row in range(len(HISTORIES)):
        history = HISTORIES.part(np.array([row]))

        chances = purchase_chances(model, history, 26.0)

        assert chances.sum() == pytest.approx(1, abs=1e-6)
        assert chances @ np.arange(len(chances)) == pytest.approx(model.further_purchases(history, 26.0)[0], rel=1e-4)
        assert 1 - chances[0] <= model.chance_alive(history)[0]


@pytest.mark.parametrize("model", MODELS)
def test_a_range_leaves_at_most_a_tenth_on_either_side(model: Any) -> None:
    low, high = purchase_ranges(model, HISTORIES, 26.0)

    for row in range(len(HISTORIES)):
        chances = purchase_chances(model, HISTORIES.part(np.array([row])), 26.0)
        below, above = chances[: int(low[row])].sum(), chances[int(high[row]) + 1 :].sum()
        assert below <= 0.1
        assert above <= 0.1
        assert chances[: int(low[row]) + 1].sum() >= 0.1
        assert chances[int(high[row]) :].sum() > 0.1 or high[row] == 0


@pytest.mark.parametrize("model", MODELS)
def test_ranges_hold_as_many_customers_who_behave_so_as_they_say(model: Any) -> None:
    repeats, last, after = _drawn(model, customers=6_000, age=30.0, horizon=26.0)
    known = Histories.of(repeats, last, np.full(len(repeats), 30.0))

    for rows in (repeats >= 0, repeats >= 3):
        found = coverage(model, Outcomes(known.part(rows), after[rows], 26.0))
        spread = np.sqrt(found.expected * (1 - found.expected) / rows.sum())
        assert found.expected >= SHARE
        assert abs(found.within - found.expected) < 4 * spread


@pytest.mark.parametrize("model", MODELS)
def test_what_customers_bring_lies_within_its_range_as_often_as_it_says(model: Any) -> None:
    """Customers drawn as both models have it; each range is of nothing but what was known of the customer."""
    draw = np.random.default_rng(11)
    repeats, last, after = _drawn(model, customers=500, age=30.0, horizon=26.0)
    own = draw.gamma(SPENDING.q, 1 / SPENDING.v, len(repeats))
    paid = draw.gamma(np.maximum(SPENDING.p * repeats, 1e-9), 1 / own) * (repeats > 0)
    brings = draw.gamma(np.maximum(SPENDING.p * after, 1e-9), 1 / own) * (after > 0)
    within, certain = [], []
    for row in range(len(repeats)):
        history = Histories.of([repeats[row]], [last[row]], [30.0])
        found = brought(model, history, 26.0, spending=SPENDING, known=SPENDING.v + paid[row])
        low, high = found.quantile(0.1), found.quantile(0.9)
        within.append(low <= brings[row] <= high)
        certain.append(found.chances[0] < 0.1)
        assert 0 <= low <= high
    assert np.mean(within) > SHARE - 0.03
    sure = np.array(certain)  # of these the range is not made wider by who orders nothing
    if sure.any():
        assert np.array(within)[sure].mean() == pytest.approx(SHARE, abs=4 * np.sqrt(SHARE * (1 - SHARE) / sure.sum()))


def test_the_value_of_a_certain_number_of_orders_is_that_of_the_spending_alone() -> None:
    one = Brought(np.array([0.0, 1.0]), SPENDING.p, SPENDING.q, SPENDING.v)
    many = Brought(np.concatenate((np.zeros(400), [1.0])), SPENDING.p, SPENDING.q, SPENDING.v)
    none = Brought(np.array([1.0, 0.0]), SPENDING.p, SPENDING.q, SPENDING.v)

    draw = np.random.default_rng(3)
    drawn = draw.gamma(SPENDING.p, 1 / draw.gamma(SPENDING.q, 1 / SPENDING.v, 200_000))

    for share in (0.1, 0.5, 0.9):
        assert one.quantile(share) == pytest.approx(np.quantile(drawn, share), rel=0.02)
        assert one.at_most(one.quantile(share)) == pytest.approx(share)
    assert many.quantile(0.5) > 300 * one.quantile(0.5) / 2
    assert none.quantile(0.9) == 0


def test_who_bought_thousands_of_times_has_a_range_too() -> None:
    often = Histories.of([5_000], [399], [400])

    for model in MODELS:
        low, high = purchase_ranges(model, often, 52.0)
        assert 0 <= low[0] <= high[0] < 1_500
        assert np.isfinite(brought(model, often, 52.0, spending=SPENDING, known=90_000.0).quantile(0.9))
