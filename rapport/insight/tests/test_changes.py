"""Ranges of keys."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from rapport.insight.warehouse.changes import Ranges


def _numbers(ranges: Ranges) -> Iterator[int]:
    return iter(ranges.keys().tolist())


def test_ranges_are_sets_of_numbers() -> None:
    dice = random.Random(3)
    for _ in range(200):
        lows = [dice.randint(0, 60) for _ in range(dice.randint(0, 8))]
        highs = [low + dice.randint(0, 9) for low in lows]
        said = {number for low, high in zip(lows, highs, strict=True) for number in range(low, high + 1)}
        ranges = Ranges.united(lows, highs)

        assert list(_numbers(ranges)) == sorted(said)
        assert ranges.count == len(said)
        assert np.all(ranges.low[1:] > ranges.high[:-1] + 1)
        few = ranges.at_most(2)
        assert few.low.size <= 2
        assert said <= set(_numbers(few))
