"""Customers of different years: models of their own where they can carry one and foretell better, else one of all."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapport.insight.lifetime.cohorts import Known, mixed_cohorts, models_in_use
from rapport.insight.lifetime.learning import HORIZON_WEEKS
from rapport.insight.models import CustomerLifetime, CustomerWorth, LearnedModel
from rapport.insight.scores.bg_nbd import BgNbd, fit
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.lifetime import Outcomes, model_of
from rapport.insight.scores.mixed_cohorts import ByCohort, fit_cohorts, won_in, years_of
from rapport.insight.tests.returning_shop import CLOSED, open_mixed_shop
from rapport.insight.tests.test_commands import rapport
from rapport.insight.tests.test_lifetime_models import _drawn
from rapport.insight.tests.test_traits import refresh

UNTIL = date(2024, 12, 31)
LOYAL, FLEETING = BgNbd(1.5, 6.0, 0.3, 6.0), BgNbd(0.3, 8.0, 2.0, 1.5)
NOW = datetime.combine(CLOSED, datetime.min.time(), UTC) + timedelta(hours=12)


def won(model: BgNbd, *, weeks: float, customers: int, horizon: float = 26.0) -> Outcomes:
    """Customers who behave as the model has it, so many whole weeks after they were won, and what they did in half a year."""
    repeats, last, after = _drawn(model, customers=customers, age=weeks, horizon=horizon)
    return Outcomes(Histories.of(repeats, last, np.full(customers, weeks)), after, horizon)


def both(first: Outcomes, second: Outcomes) -> Outcomes:
    parts = (asdict(each.histories).values() for each in (first, second))
    joined = [np.concatenate(pair) for pair in zip(*parts, strict=True)]
    return Outcomes(Histories(*joined), np.concatenate((first.further, second.further)), first.weeks)


def tried(outcomes: Outcomes) -> Any:
    pooled = {"BG/NBD": fit(outcomes.histories)}
    known = Known(outcomes.histories.unique(), UNTIL, pooled)
    return mixed_cohorts(known, known, outcomes, chosen="BG/NBD", alive_by="BG/NBD")


def test_the_year_somebody_was_won_in_follows_from_the_age_of_the_history() -> None:
    days = [0, 365, 366, 366 + 364, 366 + 365]  # 2024 has 366 days
    known = Histories.of([0] * 5, [0] * 5, [day / 7 for day in days])

    assert years_of(known, UNTIL).tolist() == [2024, 2024, 2023, 2023, 2022]


def test_years_that_differ_have_models_of_their_own_where_those_are_nearer() -> None:
    outcomes = both(won(LOYAL, weeks=90, customers=600), won(FLEETING, weeks=40, customers=900))

    found = tried(outcomes)

    older, newer = found.told["cohorts"]
    assert (found.told["taken"], found.told["verdict"], newer["taken"]) == ("own", "better", "own")
    assert [each["cohort"] for each in (older, newer)] == [2023, 2024]
    assert newer["holdout"]["gain"] > newer["holdout"]["standard_error"] > 0
    assert newer["holdout"]["own"]["rmse"] < newer["holdout"]["pooled"]["rmse"]
    off = {name: abs(newer["holdout"][name]["expected"] - newer["holdout"]["actual"]) for name in ("own", "pooled")}
    assert off["own"] < 0.2 * newer["holdout"]["actual"] < off["pooled"]
    for each in (older, newer):
        alone = fit(won_in(outcomes, each["cohort"], UNTIL).histories)
        assert each["parameters"] == pytest.approx(alone.model.parameters)
        assert each["log_likelihood"] == pytest.approx(alone.log_likelihood)
    assert set(found.now.own) == {each["cohort"] for each in (older, newer) if each["taken"] == "own"}
    assert json.loads(json.dumps(found.told)) == found.told


def test_parts_of_the_base_sum_to_the_whole() -> None:
    outcomes = both(won(LOYAL, weeks=90, customers=300), won(FLEETING, weeks=40, customers=700))
    found = tried(outcomes)

    cohorts, whole = found.told["cohorts"], found.told["holdout"]
    assert sum(each["holdout"]["pooled"]["expected"] for each in cohorts) == pytest.approx(whole["pooled"]["expected"])
    believed = sum(each["holdout"][each["taken"]]["expected"] for each in cohorts)
    assert believed == pytest.approx(whole["own"]["expected"])
    assert sum(each["holdout"]["actual"] for each in cohorts) == outcomes.further.sum()
    assert sum(each["customers"] for each in cohorts) == 1000


def test_years_that_are_alike_are_told_much_the_same() -> None:
    kind = BgNbd(0.8, 6.0, 0.8, 2.5)

    found = tried(both(won(kind, weeks=90, customers=400), won(kind, weeks=40, customers=400)))

    for each in found.told["cohorts"]:
        assert abs(each["holdout"]["gain"]) < 3 * each["holdout"]["standard_error"]
        assert each["holdout"]["own"]["expected"] == pytest.approx(each["holdout"]["pooled"]["expected"], rel=0.2)


def test_a_year_with_too_few_customers_keeps_the_model_of_all_and_says_why() -> None:
    outcomes = both(won(LOYAL, weeks=90, customers=600), won(FLEETING, weeks=40, customers=60))

    found = tried(outcomes)

    older, newer = found.told["cohorts"]
    assert older["parameters"]
    assert newer["parameters"] is None
    assert "who bought: 60." in newer["why"]["refused"]
    assert "own" not in newer["holdout"]
    part = won_in(outcomes, 2024, UNTIL)
    assert (
        found.now.further_purchases(part.histories, 9).tolist()
        == found.now.pooled.further_purchases(part.histories, 9).tolist()
    )


def test_one_year_alone_is_not_fitted_twice() -> None:
    outcomes = won(LOYAL, weeks=40, customers=300)

    found = tried(outcomes)

    assert (found.told["taken"], found.told["verdict"], found.now.own) == ("pooled", "one_year", {})
    assert found.told["reason"] == "All customers were won in 2024: one model is of all of them."
    assert fit_cohorts("BG/NBD", outcomes.histories, UNTIL) == ({}, {})


def test_neither_the_order_of_rows_nor_their_number_changes_what_is_said() -> None:
    model = ByCohort(FLEETING, {2023: LOYAL}, UNTIL)
    outcomes = both(won(LOYAL, weeks=90, customers=50), won(FLEETING, weeks=40, customers=50))
    order = np.random.default_rng(4).permutation(100)

    for ask in (model.chance_alive, model.usual_wait, lambda known: model.further_purchases(known, 12)):
        said = ask(outcomes.histories)
        assert ask(outcomes.histories.part(order)).tolist() == said[order].tolist()
    assert model.chance_alive(outcomes.histories)[:50].tolist() == LOYAL.chance_alive(outcomes.histories)[:50].tolist()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("transactional_db")
def test_scores_and_page_use_the_models_that_the_hold_out_prefers(
    home: Path, business: Any, capsys: Any, as_user: Any, ada: Any
) -> None:
    made = open_mixed_shop()
    refresh(NOW)
    learned = LearnedModel.objects.get(kind="clv")

    told = learned.report["cohorts"]
    assert (told["taken"], [each["cohort"] for each in told["cohorts"]]) == ("own", [2023, 2024])
    believed = {each["cohort"]: each if each["taken"] == "own" else learned.report for each in told["cohorts"]}
    own = {year: model_of(learned.report["model"], each["parameters"]) for year, each in believed.items()}
    for customer, year in ((made[0], 2023), (made[-1], 2024)):
        kept, worth = (
            CustomerLifetime.objects.get(customer_id=customer.pk),
            CustomerWorth.objects.get(customer_id=customer.pk),
        )
        history = Histories.of(
            [worth.purchases - 1],
            [(worth.last_purchase_on - worth.first_purchase_on).days / 7],
            [(date(2025, 1, 1) - worth.first_purchase_on).days / 7],
        )
        assert kept.expected_purchases == pytest.approx(own[year].further_purchases(history, HORIZON_WEEKS)[0])
    total = sum(CustomerLifetime.objects.values_list("expected_purchases", flat=True))
    assert total == pytest.approx(learned.report["forecast"]["purchases"])
    model, _alive = models_in_use(learned.report, until=date(2025, 1, 1))
    assert set(model.own) == {each["cohort"] for each in told["cohorts"] if each["taken"] == "own"}

    page = as_user(ada).get("/worth/lifetime/").text
    for words in ("Are customers of different years alike?", "have a model of their own", "its own", "2023"):
        assert words in page
    assert rapport("report", "clv", "--as-of", "2024-12-31") == 0
    printed = capsys.readouterr().out
    assert "won in" in printed
    assert "have a model of their own" in printed
