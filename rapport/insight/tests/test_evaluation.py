"""The figures that say how good an estimate is: tables worked by hand, and scikit-learn where it has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.calibration import calibration_curve

from rapport.insight.scores import evaluation
from rapport.insight.scores.evaluation import UnableToEvaluate

CAME = np.array([1, 0, 1, 1, 0, 0, 0, 1, 0, 0], dtype=float)
SCORES = np.array([0.9, 0.8, 0.8, 0.6, 0.5, 0.5, 0.3, 0.3, 0.2, 0.1])

# four with the outcome, six without, 24 pairs: .9 beats 6; .8 beats 5 and ties 1; .6 beats 5; .3 beats 2 and ties 1
BY_HAND = (6 + 5.5 + 5 + 2.5) / 24


def test_ranking_by_hand_with_ties() -> None:
    assert evaluation.auc(CAME, SCORES) == pytest.approx(BY_HAND)
    assert evaluation.auc(CAME, np.ones(10)) == 0.5
    assert evaluation.auc(CAME, CAME) == 1.0


def test_precision_by_hand_goes_down_in_steps() -> None:
    # thresholds .9, .8, .6, .5, .3: precision 1/1, 2/3, 3/4, 3/6, 4/8; recall 1/4, 2/4, 3/4, 3/4, 4/4
    assert evaluation.average_precision(CAME, SCORES) == pytest.approx(0.25 * (1 + 2 / 3 + 3 / 4 + 4 / 8))


def test_lift_by_hand_shares_a_tie_at_the_border() -> None:
    # of ten, the top 20 % are two: .9, and one of the two at .8, of whom half came; 1.5 of 2 against 4 of 10
    assert evaluation.lift(CAME, SCORES, 0.2) == pytest.approx(1.5 / 2 / 0.4)
    assert evaluation.lift(CAME, SCORES, 1.0) == pytest.approx(1.0)
    assert evaluation.lift(CAME, np.ones(10), 0.1) == pytest.approx(1.0)


def test_calibration_by_hand() -> None:
    chances = np.array([0.1, 0.1, 0.2, 0.2, 0.7, 0.7, 0.9, 0.9])
    came = np.array([0, 0, 0, 1, 1, 0, 1, 1], dtype=float)

    low, high = evaluation.calibration(came, chances, bins=2)

    assert (low.customers, low.foretold, low.came) == (4, pytest.approx(0.15), 0.25)
    assert (high.customers, high.foretold, high.came) == (4, pytest.approx(0.8), 0.75)
    assert evaluation.calibration_error(came, chances, bins=2) == pytest.approx((4 * 0.1 + 4 * 0.05) / 8)
    assert len(evaluation.calibration(came, np.full(8, 0.5))) == 1


def test_squared_error_and_surprise_by_hand() -> None:
    came, chances = np.array([1.0, 0.0]), np.array([0.8, 0.5])

    assert evaluation.brier(came, chances) == pytest.approx((0.04 + 0.25) / 2)
    assert evaluation.log_loss(came, chances) == pytest.approx(-(np.log(0.8) + np.log(0.5)) / 2)
    assert np.isfinite(evaluation.log_loss(came, np.array([0.0, 1.0])))


def test_bounds_of_a_share_stay_within_it() -> None:
    # Wilson, 8 of 10: (0.8 + z²/20) / (1 + z²/10) ± …, as printed in textbooks
    assert evaluation.share_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert evaluation.share_interval(0, 5)[0] == 0.0
    assert evaluation.share_interval(5, 5)[1] == pytest.approx(1.0)
    assert evaluation.share_interval(0, 0) == (0.0, 1.0)


def test_uplift_by_hand() -> None:
    # best first: treated came, other not, treated not, other came
    came, treated = np.array([1.0, 0, 0, 1]), np.array([1.0, 0, 1, 0])
    scores = np.array([4.0, 3, 2, 1])

    taken, gained = evaluation.qini_curve(came, treated, scores)

    assert taken.tolist() == [0, 1, 2, 3, 4]
    assert gained.tolist() == [0, 1, 1, 1, 0]  # 1 – 0 × 1/0; 1 – 0 × 1/1; 1 – 0 × 2/1; 1 – 1 × 2/2
    # the best order: treated who came, then the two who did not, then the other who came
    assert evaluation.qini(came, treated, scores) == pytest.approx(1.0)
    assert evaluation.qini(came, treated, -scores) == pytest.approx(-1.5 / 3)
    assert evaluation.uplift_of_top(came, treated, scores, 0.5) == 1.0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=12, max_size=120))
def test_figures_are_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    came = np.array([1.0, 0.0] + [float(each) for each, _score in rows])
    chances = np.array([0.5, 0.5] + [score / 12 for _each, score in rows])

    assert evaluation.auc(came, chances) == pytest.approx(metrics.roc_auc_score(came, chances))
    assert evaluation.average_precision(came, chances) == pytest.approx(metrics.average_precision_score(came, chances))
    assert evaluation.brier(came, chances) == pytest.approx(metrics.brier_score_loss(came, chances))
    shares, foretold = calibration_curve(came, chances, n_bins=10, strategy="quantile")
    groups = evaluation.calibration(came, chances)
    assert [group.came for group in groups] == pytest.approx(shares.tolist())
    assert [group.foretold for group in groups] == pytest.approx(foretold.tolist())
    order = np.random.default_rng(1).permutation(len(came))
    for share in evaluation.LIFTS:
        assert evaluation.lift(came, chances, share) == pytest.approx(
            evaluation.lift(came[order], chances[order], share)
        )


def test_an_interval_holds_its_figure_and_is_the_same_each_time() -> None:
    draw = np.random.default_rng(7)
    came = (draw.random(400) < 0.3).astype(float)
    scores = came + draw.normal(size=400)

    found = evaluation.bootstrapped(evaluation.auc, came, scores, seed=3)

    assert found.low < found.value < found.high
    assert found.high - found.low < 0.15
    assert found == evaluation.bootstrapped(evaluation.auc, came, scores, seed=3)


def test_what_cannot_be_measured_is_refused() -> None:
    nobody = np.zeros(5)
    for measure in (evaluation.auc, evaluation.average_precision):
        with pytest.raises(UnableToEvaluate):
            measure(nobody, np.arange(5.0))
    with pytest.raises(UnableToEvaluate):
        evaluation.qini(nobody, np.ones(5), np.arange(5.0))
    with pytest.raises(UnableToEvaluate):
        evaluation.bootstrapped(evaluation.auc, nobody, np.arange(5.0))
