"""Whether what is learned of answers foretells the next: by hand, and where there is something to learn and where not."""

from __future__ import annotations

import numpy as np
import pytest

from rapport.insight.scores.acceptance import ALIKE, FEWEST, NOT_LEARNED, Acceptance, Learning, acceptance, foretold

USUAL = Learning(2, 2, 1_000)


def drawn(shares: dict[str, float], size: int, *, seed: int = 5) -> tuple[list[str], np.ndarray]:
    """Answers of rules that are taken with these chances, in turn by lot."""
    draw = np.random.default_rng(seed)
    rules = [list(shares)[place] for place in draw.integers(0, len(shares), size)]
    return rules, (draw.random(size) < [shares[rule] for rule in rules]).astype(float)


def less(found: Acceptance, name: str) -> tuple[float, float]:
    interval = next(each.less for each in found.ways if each.name == name)
    assert interval is not None
    return interval.low, interval.high


def test_each_answer_is_foretold_from_those_of_its_rule_before_it() -> None:
    rules = ["risk", "risk", "offer", "risk", "offer"]
    taken = np.array([1, 1, 0, 0, 0], dtype=float)

    assert foretold(rules, taken, USUAL).tolist() == [2 / 4, 3 / 5, 2 / 4, 4 / 6, 2 / 5]
    # of the newest answer alone: after a yes 3 of 5, after a no 2 of 5
    assert foretold(rules, taken, Learning(2, 2, 1)).tolist() == [2 / 4, 3 / 5, 2 / 4, 3 / 5, 2 / 5]


def test_the_shares_of_rules_are_those_of_the_table_and_few_answers_cannot_tell() -> None:
    found = acceptance(["risk", "risk", "offer", "risk", "offer"], np.array([1, 1, 0, 0, 0.0]), USUAL)

    assert (found.answers, found.taken, found.ways) == (5, 2, ())
    offer, risk = found.rules
    assert (risk.rule, risk.answers, risk.taken, risk.share) == ("risk", 3, 2, 2 / 3)
    assert risk.foretold == pytest.approx((2 / 4 + 3 / 5 + 4 / 6) / 3)
    assert (round(risk.low, 4), round(risk.high, 4)) == (0.2077, 0.9385)  # Wilson's bounds of 2 in 3
    assert (offer.share, offer.low) == (0.0, 0.0)
    assert acceptance([], np.array([]), USUAL) == Acceptance(0, 0, (), ())


def test_nothing_that_comes_later_changes_what_was_foretold() -> None:
    rules, taken = drawn({"a": 0.8, "b": 0.3}, 300)

    whole = foretold(rules, taken, USUAL)

    assert foretold(rules[:120], taken[:120], USUAL).tolist() == whole[:120].tolist()


def test_rules_that_are_taken_unlike_are_foretold_better_than_by_one_rate_and_beyond_chance() -> None:
    found = acceptance(*drawn({"a": 0.9, "b": 0.2, "c": 0.5}, 600), USUAL)

    assert less(found, ALIKE)[0] > 0
    assert less(found, NOT_LEARNED)[0] > 0
    assert sum(each.answers for each in found.rules) == found.answers == 600
    assert sum(each.taken for each in found.rules) == found.taken


@pytest.mark.parametrize("seed", range(4))
def test_rules_that_are_taken_alike_are_not_said_to_be_told_apart(seed: int) -> None:
    found = acceptance(*drawn({"a": 0.5, "b": 0.5}, 400, seed=seed), USUAL)

    assert less(found, ALIKE)[0] <= 0


def test_from_the_fewest_on_the_ways_are_compared() -> None:
    rules, taken = drawn({"a": 0.9, "b": 0.1}, FEWEST)

    assert len(acceptance(rules, taken, USUAL).ways) == 3
    assert acceptance(rules[:-1], taken[:-1], USUAL).ways == ()
