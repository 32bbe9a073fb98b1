"""Who will not buy again: the days looked from, what is learned from, and refusals."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from rapport.insight.churn.words import feature_labels
from rapport.insight.scores import churn, lapse
from rapport.insight.scores.churn import UnableToLearn
from rapport.insight.scores.columns import Table

FIRST, LAST = date(2025, 1, 1), date(2026, 1, 1)
LABELS = feature_labels()


def shoppers(size: int, day: date, *, seed: int, is_lot: bool = False) -> lapse.Origin:
    """Who buys often and lately buys again; or, by lot, anybody does."""
    draw = np.random.default_rng(seed)
    recency, gap = draw.integers(0, 60, size).astype(float), draw.integers(5, 60, size).astype(float)
    purchases = draw.integers(2, 9, size).astype(float)
    odds = 0.0 * recency if is_lot else (recency - gap) / 10
    left = (draw.random(size) < 1 / (1 + np.exp(-odds))).astype(float)
    rows = {
        "customer_id": np.arange(size), "recency_days": recency, "tenure_days": recency + gap * (purchases - 1),
        "purchases": purchases, "purchases_last": (recency < 30).astype(float), "purchases_before": purchases * 0 + 1,
        "gross_micros": purchases * 1e7, "gross_last_micros": purchases * 0, "reversals": purchases * 0,
        "contacts_in": purchases * 0, "contacts_out": purchases * 0,
    }  # fmt: skip
    return lapse.Origin(day, day + timedelta(days=30), lapse.table_of(rows, labels=LABELS), left)


def origins(*, is_lot: bool = False, size: int = 500) -> list[lapse.Origin]:
    days = [LAST - timedelta(days=30 + 10 * place) for place in range(8)]
    return [shoppers(size, day, seed=place, is_lot=is_lot) for place, day in enumerate(days)]


def test_the_horizon_is_the_shortest_in_which_most_come_back() -> None:
    plan = lapse.planned(first_on=FIRST, last_on=LAST, horizon_days=None, usual_gap_days=50)

    assert (plan.horizon_days, plan.step_days) == (60, 20)
    assert plan.origins[:3] == (date(2025, 11, 2), date(2025, 10, 13), date(2025, 9, 23))
    assert all((day - FIRST).days + 1 >= 60 for day in plan.origins)
    assert lapse.planned(first_on=FIRST, last_on=LAST, horizon_days=None, usual_gap_days=400).horizon_days == 90
    assert lapse.planned(first_on=FIRST, last_on=LAST, horizon_days=75, usual_gap_days=None).horizon_days == 75


@pytest.mark.parametrize(("horizon", "said"), [(None, "reach over 60 days"), (200, "To look 200 days ahead")])
def test_a_history_too_short_is_refused_in_words(horizon: int | None, said: str) -> None:
    last = FIRST + timedelta(days=59) if horizon is None else LAST

    with pytest.raises(UnableToLearn, match=said):
        lapse.planned(first_on=FIRST, last_on=last, horizon_days=horizon, usual_gap_days=20)


def test_each_origin_is_foretold_from_days_whose_period_was_over() -> None:
    known, same = lapse.without_constant(origins())

    checked = lapse.back_tested(known)

    assert len(checked) == 3
    for each in checked:
        assert each.learned_from
        assert all(day + timedelta(days=30) <= each.origin.as_of for day in each.learned_from)
    assert {"reversals", "contacts_in", "contacts_out"} <= set(same)
    means = lapse.mean_figures(checked)
    assert means[churn.PLAIN]["auc"] > means[lapse.RECENCY]["auc"] + 0.05
    assert means[lapse.EVERYBODY]["auc"] == 0.5
    assert means[churn.PLAIN]["ece"] < 0.08
    assert lapse.chosen(checked) in (churn.PLAIN, churn.TREES)
    learned = lapse.learn(known, name=lapse.chosen(checked))
    assert learned.chances(known[0].table).mean() == pytest.approx(known[0].left.mean(), abs=0.1)


def test_what_lots_decide_is_not_called_a_model() -> None:
    known, _same = lapse.without_constant(origins(is_lot=True))

    with pytest.raises(UnableToLearn, match="does not tell who leaves"):
        lapse.chosen(lapse.back_tested(known))


def test_few_customers_or_one_outcome_are_refused_in_words() -> None:
    few = origins(size=60)
    with pytest.raises(UnableToLearn, match="60 customers had bought lately"):
        lapse.back_tested(few)
    nobody = [lapse.Origin(each.as_of, each.until, each.table, each.left * 0) for each in origins()]
    with pytest.raises(UnableToLearn, match="0 left and 500 bought again"):
        lapse.back_tested(nobody)
    with pytest.raises(UnableToLearn, match="no period to learn from"):
        lapse.back_tested(origins()[:1])


def test_of_more_customers_than_are_needed_the_same_are_drawn_in_any_order() -> None:
    ids = np.arange(1_000, 3_000)
    order = np.random.default_rng(6).permutation(len(ids))

    drawn = set(ids[lapse.drawn(ids, at_most=100)].tolist())

    assert len(drawn) == 100
    assert drawn == set(ids[order][lapse.drawn(ids[order], at_most=100)].tolist())
    assert lapse.drawn(ids[:5], at_most=100).tolist() == [0, 1, 2, 3, 4]
    assert max(drawn) - min(drawn) > 1_500


def test_nobody_who_came_back_leaves_no_usual_gap() -> None:
    table = shoppers(10, LAST, seed=1).table
    gap = next(column for column in table.columns if column.name == "usual_gap_days")

    assert lapse.usual_gap(table) == pytest.approx(np.quantile(gap.values, 0.75))
    gap.values[:] = np.nan
    assert lapse.usual_gap(Table(table.customers, (gap,))) is None
