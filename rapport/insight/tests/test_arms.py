"""What a campaign did, arm by arm: Hillstrom's three arms drawn by lot, and a table worked by hand."""

from __future__ import annotations

import csv
import gzip
import warnings
from pathlib import Path

import numpy as np
import pytest

from rapport.insight.scores.arms import UnableToCompare, compare

DATA = Path(__file__).parents[4] / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"


@pytest.mark.real_data
def test_the_arms_of_hillstrom_have_their_sizes_rates_and_effects() -> None:
    if not DATA.exists():
        warnings.warn(f"THE ARMS OF HILLSTROM WERE NOT CHECKED: {DATA} is missing.", stacklevel=1)
        pytest.skip(f"{DATA} is missing")
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    outcomes = {name: np.array([float(row[name]) for row in rows]) for name in ("visit", "conversion", "spend")}

    nothing, men, women = compare(
        np.array([row["segment"] for row in rows], dtype=object), outcomes, control="No E-Mail"
    )

    assert [(each.name, each.customers) for each in (men, women, nothing)] == [
        ("Mens E-Mail", 21_307), ("Womens E-Mail", 21_387), ("No E-Mail", 21_306),
    ]  # fmt: skip
    means = {each.name: [round(each.effects[name].mean, 5) for name in outcomes] for each in (men, women, nothing)}
    assert means == {
        "Mens E-Mail": [0.18276, 0.01253, 1.42262],
        "Womens E-Mail": [0.15140, 0.00884, 1.07720],
        "No E-Mail": [0.10617, 0.00573, 0.65279],
    }
    assert round(men.effects["visit"].difference or 0, 4) == 0.0766
    assert round(women.effects["visit"].difference or 0, 4) == 0.0452
    assert round(men.effects["conversion"].difference or 0, 4) == 0.0068
    for arm in (men, women):
        for effect in arm.effects.values():
            assert effect.difference is not None
            assert effect.difference_low is not None
            assert effect.difference_high is not None
            assert effect.difference_low < effect.difference < effect.difference_high
            assert effect.is_detectable
    assert not nothing.effects["visit"].is_detectable


def test_an_effect_by_hand() -> None:
    # 60 of 100 against 40 of 100: 0.2 ± 1.96 × √(2 × 0.24 / 99)
    arms = np.array(["offer"] * 100 + ["none"] * 100 + [""] * 5, dtype=object)
    came = np.array([1.0] * 60 + [0.0] * 40 + [1.0] * 40 + [0.0] * 60 + [1.0] * 5)

    none, offer = compare(arms, {"came": came}, control="none")

    effect = offer.effects["came"]
    width = 1.959964 * (2 * 0.24 / 99) ** 0.5
    assert (effect.mean, none.effects["came"].mean) == (0.6, 0.4)
    assert effect.difference == pytest.approx(0.2)
    assert effect.difference_low == pytest.approx(0.2 - width)
    assert effect.difference_high == pytest.approx(0.2 + width)
    assert none.effects["came"].difference is None


def test_what_differs_by_chance_alone_is_not_called_an_effect() -> None:
    arms = np.array(["offer"] * 100 + ["none"] * 100, dtype=object)
    came = np.array([1.0] * 52 + [0.0] * 48 + [1.0] * 48 + [0.0] * 52)

    assert not compare(arms, {"came": came}, control="none")[1].effects["came"].is_detectable


@pytest.mark.parametrize(("control", "said"), [("nobody", "Nobody is in the arm"), ("small", "fewer than 30")])
def test_arms_that_cannot_be_compared_are_refused(control: str, said: str) -> None:
    arms = np.array(["offer"] * 50 + ["small"] * 9, dtype=object)

    with pytest.raises(UnableToCompare, match=said):
        compare(arms, {"came": np.zeros(59)}, control=control)
