"""Why a total changed: the change of a product of factors, shared out among them to the micro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial, floor, prod

Number = int | Fraction


def effects(before: Mapping[str, Number], now: Mapping[str, Number]) -> dict[str, int]:
    """What each factor contributes to the change of their product, in whole numbers that come to exactly the change.

    Each effect is the mean over all orders in which the factors could have changed one after another (Shapley's value), so
    that none is favored; the fractions are rounded down and what is missing goes to the largest remainders, of equals
    to the first. Both products are whole numbers. `before` and `now` name the same factors in the same order.
    """
    names = list(now)
    exact = [_effect(name, names, before, now) for name in names]
    whole = [floor(effect) for effect in exact]
    missing = int(prod(now.values()) - prod(before.values())) - sum(whole)
    largest = sorted(range(len(names)), key=lambda place: (whole[place] - exact[place], place))
    for place in largest[:missing]:
        whole[place] += 1
    return dict(zip(names, whole, strict=True))


def _effect(name: str, names: Sequence[str], before: Mapping[str, Number], now: Mapping[str, Number]) -> Fraction:
    others = [other for other in names if other != name]
    mean = Fraction(0)
    for size in range(len(others) + 1):
        weight = Fraction(factorial(size) * factorial(len(others) - size), factorial(len(names)))
        for changed in combinations(others, size):
            mean += weight * prod((now if other in changed else before)[other] for other in others)
    return mean * (now[name] - before[name])
