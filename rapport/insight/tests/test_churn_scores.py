"""Who leaves, learned from a field: the columns that may be used, the figures of Telco, and reasons that add up."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest

from rapport.insight.scores import churn, reasons
from rapport.insight.scores.churn import UnableToLearn
from rapport.insight.scores.columns import Kind, Table, category, number, stacked
from rapport.insight.scores.leaving_models import Calibrated, Logistic, chances, fit_logistic, fit_trees

TELCO = Path(__file__).parents[4] / "shared" / "data" / "telco_churn" / "Telco-Customer-Churn.csv"
_NUMBERS = {"tenure", "MonthlyCharges", "TotalCharges"}


def telco() -> tuple[Table, np.ndarray]:
    if not TELCO.exists():
        warnings.warn(f"THE FIGURES OF TELCO WERE NOT CHECKED: {TELCO} is missing.", stacklevel=1)
        pytest.skip(f"{TELCO} is missing")
    with TELCO.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [
        number(name, name, [float(row[name]) if row[name].strip() else None for row in rows])
        if name in _NUMBERS
        else category(name, name, [row[name] for row in rows])
        for name in rows[0]
        if name not in ("customerID", "Churn")
    ]
    outcomes = np.array([float(row["Churn"] == "Yes") for row in rows])
    return Table(np.arange(len(rows)), tuple(columns)), outcomes


@pytest.mark.real_data
def test_telco_is_ranked_and_calibrated_as_well_as_it_honestly_can_be() -> None:
    table, left = telco()
    usable, left_out = churn.usable(table, left, label="Churn")

    checked = churn.cross_validated(usable, left, fit=fit_logistic, name=churn.PLAIN, seeds=range(10))

    assert (len(left), int(left.sum()), left_out) == (7_043, 1_869, [])
    assert len(checked.figures["auc"]) == 10
    assert checked.mean("auc") >= 0.845
    assert checked.mean("ece") <= 0.02
    assert checked.mean("brier") <= 0.136
    assert checked.mean("lift_10") > 2.7


@pytest.mark.real_data
def test_on_telco_the_plain_model_is_chosen_and_beats_any_field_alone() -> None:
    table, left = telco()
    rows = np.flatnonzero(np.arange(len(left)) % 2 == 0)  # half of them, for the time it takes
    table, left = table.of(rows), left[rows]

    plain = churn.cross_validated(table, left, fit=fit_logistic, name=churn.PLAIN)
    trees = churn.cross_validated(table, left, fit=fit_trees, name=churn.TREES)

    assert churn.chosen(plain, trees, left) == churn.PLAIN
    assert trees.mean("auc") > 0.82
    alone = churn.best_alone(Table(table.customers, table.columns[-6:]), left)
    assert plain.mean("auc") > alone.mean("auc") + 0.05


def people(size: int = 600, *, seed: int = 5) -> tuple[Table, np.ndarray]:
    """Customers who leave the sooner the shorter they are here, and if nobody calls them."""
    draw = np.random.default_rng(seed)
    months = draw.integers(1, 72, size).astype(float)
    called = np.where(draw.random(size) < 0.5, "yes", "no")
    left = (draw.random(size) < chances(1.2 - months / 18 + np.where(called == "no", 1.0, 0.0))).astype(float)
    months[:7] = np.nan
    columns = (
        number("months", "Months here", months),
        category("called", "Called", called.tolist()),
        category("color", "Color", [["red", "green", ""][each % 3] for each in range(size)]),
    )
    return Table(np.arange(size), columns), left


def test_columns_known_only_afterwards_are_never_used() -> None:
    table, left = people()
    reason = category("reason", "Why she went", ["price" if each else "" for each in left])
    score = number("score", "Churn score", np.random.default_rng(1).random(len(left)))
    declared = number("visits", "Visits", np.arange(len(left), dtype=float) % 9)
    same = category("planet", "Planet", ["Earth"] * len(left))
    text = category("note", "Note", [f"note {each}" for each in range(len(left))])
    told = Table(table.customers, (*table.columns, reason, score, declared, same, text))

    usable, left_out = churn.usable(told, left, afterwards=("visits",), label="Churn")

    assert [column.name for column in usable.columns] == ["months", "called", "color"]
    assert {each.name: each.why for each in left_out} == {
        "reason": "telltale", "score": "called_after", "visits": "afterwards", "planet": "same", "note": "free_text",
    }  # fmt: skip
    anyway, _left_out = churn.usable(told, left, beforehand=("reason", "score"), afterwards=("score",), label="Churn")
    assert {"reason"} == {column.name for column in anyway.columns} & {"reason", "score"}


def test_a_column_of_many_states_is_learned_from_and_one_of_countless_texts_is_not() -> None:
    draw = np.random.default_rng(17)
    states = draw.integers(0, 51, 3_000)
    left = (draw.random(3_000) < chances((states % 7 - 3) * 0.7 - 1.0)).astype(float)
    state = category("state", "State", [f"S{each:02}" for each in states])
    surname = category("surname", "Surname", [f"name {each % 900}" for each in range(3_000)])

    usable, left_out = churn.usable(Table(np.arange(3_000), (state, surname)), left)

    assert [column.name for column in usable.columns] == ["state"]
    assert [(each.name, each.why) for each in left_out] == [("surname", "free_text")]
    assert churn.cross_validated(usable, left, fit=fit_logistic, name=churn.PLAIN).mean("auc") > 0.78


def test_no_customer_is_foretold_by_a_model_that_has_seen_her() -> None:
    table, left = people()
    noise = np.random.default_rng(2).permutation(left)

    trees = churn.cross_validated(table, noise, fit=fit_trees, name=churn.TREES)

    assert abs(trees.mean("auc") - 0.5) < 0.08
    assert trees.mean("brier") < 0.26
    plain = churn.cross_validated(table, noise, fit=fit_logistic, name=churn.PLAIN)
    with pytest.raises(UnableToLearn, match="does not tell who leaves"):
        churn.chosen(plain, trees, noise)


def test_the_same_customers_in_another_order_give_the_same_weights() -> None:
    table, left = people()
    order = np.random.default_rng(3).permutation(len(left))

    one, other = fit_logistic(table, left), fit_logistic(table.of(order), left[order])

    assert isinstance(one, Logistic)
    assert np.allclose(one.odds(table), other.odds(table), atol=1e-5)


def test_reasons_add_up_to_the_odds_and_come_with_what_anybody_can_count() -> None:
    table, left = people()
    model = fit_logistic(table, left)
    shares, rates = model.shares(table), reasons.Rates(table, left)
    assert isinstance(model, Logistic)
    assert np.allclose(shares.sum(axis=1) + model.level, model.odds(table))
    row = int(np.nanargmin(np.asarray(table.columns[0].values, dtype=float)))

    (why, *_others) = reasons.reasons(table.of(np.array([row])), shares[[row]], rates)

    heaviest = why[0]
    assert (heaviest.column.name, heaviest.raises, heaviest.value) == ("months", True, 1.0)
    assert heaviest.band is not None
    months = np.asarray(table.columns[0].values, dtype=float)
    alike = (months >= (heaviest.band.low or 0)) & (months <= (heaviest.band.high or 0))
    assert heaviest.band.customers == alike.sum()
    assert heaviest.band.rate == pytest.approx(left[alike].mean())
    trees = fit_trees(table, left)
    assert trees.shares(table)[row, 0] > 0
    assert [column.name for column, _weight in reasons.weights(table, shares)][:2] == ["months", "called"]


def test_a_level_never_seen_before_and_a_missing_number_are_foretold() -> None:
    table, left = people()
    strange = Table(
        np.array([1]), (number("months", "", [None]), category("called", "", ["perhaps"]), category("color", "", [None]))
    )  # fmt: skip

    for fit in (fit_logistic, fit_trees):
        assert np.isfinite(fit(table, left).odds(strange)).all()


def test_chances_that_are_too_sure_are_drawn_together() -> None:
    draw = np.random.default_rng(4)
    odds = draw.normal(size=4_000)
    came = (draw.random(4_000) < chances(odds)).astype(float)

    found = Calibrated.learned(3 * odds + 1, came)

    assert found.slope == pytest.approx(1 / 3, abs=0.03)
    assert found.chances(3 * odds + 1).mean() == pytest.approx(came.mean(), abs=1e-6)
    assert Calibrated.learned(-odds, came) == Calibrated(1.0, 0.0)


@pytest.mark.parametrize(
    ("customers", "leavers", "columns", "said"),
    [(50, 25, 3, "at least 100"), (500, 10, 3, "10 left"), (500, 490, 3, "10 stayed"), (500, 100, 0, "no field")],
)
def test_what_cannot_carry_an_estimate_is_refused_in_words(
    customers: int, leavers: int, columns: int, said: str
) -> None:
    outcomes = np.zeros(customers)
    outcomes[:leavers] = 1

    with pytest.raises(UnableToLearn, match=said):
        churn.refuse_unfit(outcomes, columns)


def test_tables_are_laid_one_below_the_other() -> None:
    table, _left = people(40)

    both = stacked([table, table.of(np.arange(3))])

    assert len(both) == 43
    assert [column.kind for column in both.columns] == [Kind.NUMBER, Kind.CATEGORY, Kind.CATEGORY]
