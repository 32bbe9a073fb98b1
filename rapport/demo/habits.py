"""How the demo company's customers behave: how often they buy, what, where, and whether they stay."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from rapport.demo.catalogue import (
    BARISTA,
    BEANS,
    CARE,
    COOKWARE,
    CUPS,
    ESPRESSO,
    FILTER,
    GIFTS,
    GRINDERS,
    KETTLES,
    KNIVES,
    MACHINES,
    TEA,
    WHOLESALE,
)


@dataclass(frozen=True)
class Habit:
    """`gap_days` between purchases, with `steadiness` (high: like clockwork); `leaving` per purchase made."""

    name: str
    share: float
    gap_days: float
    steadiness: float
    leaving: float
    categories: tuple[tuple[str, float], ...]
    lines: tuple[int, int]
    quantity: tuple[int, int]
    stays_days: tuple[int, int] | None = None
    buys: bool = True

    @property
    def is_once(self) -> bool:
        return self.gap_days == 0


_HOME = (
    (BEANS, 6.0),
    (ESPRESSO, 3.0),
    (TEA, 1.5),
    (FILTER, 1.8),
    (CARE, 0.8),
    (CUPS, 0.9),
    (BARISTA, 0.4),
    (GIFTS, 0.3),
)
_OCCASION = (
    (GIFTS, 2.2), (CUPS, 2.0), (BEANS, 2.0), (TEA, 1.4), (FILTER, 1.4), (COOKWARE, 1.2), (KETTLES, 0.6), (KNIVES, 0.5),
    (GRINDERS, 0.4), (BARISTA, 0.5), (MACHINES, 0.12),
)  # fmt: skip
_FIRST_AND_LAST = (
    (GIFTS, 4.0),
    (CUPS, 1.6),
    (COOKWARE, 1.3),
    (FILTER, 1.2),
    (TEA, 1.0),
    (KNIVES, 0.8),
    (GRINDERS, 0.6),
    (MACHINES, 0.4),
    (BEANS, 1.0),
)
_CAFE = (
    (ESPRESSO, 4.0),
    (BEANS, 3.0),
    (WHOLESALE, 4.0),
    (TEA, 0.8),
    (CUPS, 0.6),
    (CARE, 1.2),
    (BARISTA, 0.4),
    (MACHINES, 0.02),
)
_OFFICE = (
    (BEANS, 3.0),
    (ESPRESSO, 3.0),
    (CARE, 1.5),
    (TEA, 1.0),
    (WHOLESALE, 1.2),
    (CUPS, 0.3),
    (GIFTS, 0.3),
    (MACHINES, 0.03),
)
_KITCHEN = ((ESPRESSO, 2.5), (TEA, 1.0), (COOKWARE, 1.5), (KNIVES, 1.2), (WHOLESALE, 1.5), (CUPS, 0.6), (CARE, 0.6))

PEOPLE = (
    Habit("once", 27, 0, 1, 1, _FIRST_AND_LAST, (1, 3), (1, 1)),
    Habit("occasional", 35, 85, 1.3, 0.09, _OCCASION, (1, 4), (1, 2)),
    Habit("loyal", 18, 31, 3.0, 0.012, _HOME, (1, 3), (1, 2)),
    Habit("leaving", 9, 40, 2.0, 0.02, _HOME, (1, 3), (1, 2), stays_days=(90, 620)),
    Habit("visitor", 11, 0, 1, 1, _HOME, (1, 1), (1, 1), buys=False),
)  # fmt: skip
ORGANIZATIONS = (
    Habit("café", 38, 28, 14, 0.006, _CAFE, (2, 6), (1, 5)),
    Habit("office", 26, 43, 6, 0.012, _OFFICE, (1, 4), (1, 4)),
    Habit("restaurant", 16, 55, 4, 0.015, _KITCHEN, (2, 5), (1, 4)),
    Habit("café leaving", 9, 28, 12, 0.01, _CAFE, (2, 5), (1, 4), stays_days=(150, 800)),
    Habit("office trial", 7, 0, 1, 1, _OFFICE, (1, 3), (1, 2)),
    Habit("café prospect", 4, 0, 1, 1, _CAFE, (1, 1), (1, 1), buys=False),
)
CONTACT = Habit("contact", 0, 0, 1, 1, _HOME, (1, 1), (1, 1), buys=False)


def habit_of(dice: Random, habits: tuple[Habit, ...]) -> Habit:
    return dice.choices(habits, [habit.share for habit in habits])[0]
