"""How often what rules propose is taken: each answer foretold from those before it alone, beside not learning at all.

What is foretold before it comes, and judged when it has come, is never judged by what it was learned from (Dawid 1984, Journal
of the Royal Statistical Society A 147, 278–292). Answers stand in the order of time; `taken` is 1 for taken, 0 for not now.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rapport.insight.scores.evaluation import Interval, Numbers, bootstrapped, brier, share_interval

FEWEST = 50
BY_RULE, ALIKE, NOT_LEARNED = "by_rule", "alike", "not_learned"


@dataclass(frozen=True)
class Learning:
    """How the chance is learned: (taken + yes) / (answers + yes + no) of the newest `window` answers, a Beta(yes, no) prior."""

    yes: float
    no: float
    window: int

    def chance(self, taken: float, answers: int) -> float:
        return (taken + self.yes) / (answers + self.yes + self.no)


@dataclass(frozen=True)
class OfRule:
    """One rule: its answers, the share taken with Wilson's bounds at 95 %, and what was foretold on average."""

    rule: str
    answers: int
    taken: int
    share: float
    low: float
    high: float
    foretold: float


@dataclass(frozen=True)
class Way:
    """A way to foretell: its mean squared miss, and by how much learning by rule misses less (None of itself)."""

    name: str
    brier: float
    less: Interval | None = None


@dataclass(frozen=True)
class Acceptance:
    """`ways` are empty where there are fewer than FEWEST answers: they cannot tell."""

    answers: int
    taken: int
    rules: tuple[OfRule, ...]
    ways: tuple[Way, ...]


def acceptance(rules: Sequence[str], taken: Numbers, learning: Learning) -> Acceptance:
    """What there is to say of these answers."""
    said = np.asarray(taken, dtype=float)
    chances = foretold(rules, said, learning)
    return Acceptance(
        len(said),
        int(said.sum()),
        tuple(_of_rule(rule, np.asarray(rules) == rule, said, chances) for rule in dict.fromkeys(sorted(rules))),
        _ways(rules, said, chances, learning) if len(said) >= FEWEST else (),
    )


def foretold(rules: Sequence[str], taken: Numbers, learning: Learning) -> Numbers:
    """The chance that each answer is `taken`, from those of its rule before it."""
    before: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=learning.window))
    sums: dict[str, float] = defaultdict(float)
    found = np.empty(len(taken))
    for place, (rule, answer) in enumerate(zip(rules, np.asarray(taken, dtype=float).tolist(), strict=True)):
        seen = before[rule]
        found[place] = learning.chance(sums[rule], len(seen))
        if len(seen) == learning.window:
            sums[rule] -= seen[0]
        seen.append(answer)
        sums[rule] += answer
    return found


def _of_rule(rule: str, among: np.ndarray, taken: Numbers, chances: Numbers) -> OfRule:
    answers, yes = int(among.sum()), int(taken[among].sum())
    low, high = share_interval(yes, answers)
    return OfRule(rule, answers, yes, yes / answers, low, high, float(chances[among].mean()))


def _ways(rules: Sequence[str], taken: Numbers, chances: Numbers, learning: Learning) -> tuple[Way, ...]:
    others = {
        ALIKE: foretold([""] * len(rules), taken, learning),
        NOT_LEARNED: np.full(len(taken), learning.chance(0, 0)),
    }
    misses = (chances - taken) ** 2
    less = {name: bootstrapped(_mean, (each - taken) ** 2 - misses) for name, each in others.items()}
    return (
        Way(BY_RULE, brier(taken, chances)),
        *(Way(name, brier(taken, each), less[name]) for name, each in others.items()),
    )


def _mean(values: Numbers) -> float:
    return float(np.mean(values))
