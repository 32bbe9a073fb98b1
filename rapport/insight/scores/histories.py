"""How customers bought, as the models of repeat purchase take it, each history once with how many customers have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
_SPAN = 10.0


class UnableToFit(ValueError):
    """The data cannot carry the model; `words` with `figures` in them say why, to be translated where they are shown."""

    def __init__(self, words: str, **figures: object) -> None:
        super().__init__(words % figures)
        self.words = words
        self.figures = {name: str(figure) for name, figure in figures.items()}

    @property
    def said(self) -> dict[str, Any]:
        """What a report keeps of the refusal: `refused` as it is, `refusal` to say it in another language."""
        return {"refused": str(self), "refusal": {"words": self.words, "figures": self.figures}}


@dataclass(frozen=True)
class Histories:
    """Customers by what they did after their first purchase; four arrays of one length, times in one unit of the caller's.

    `repeats` (x): purchases after the first, 0 or more. `last` (t_x): from the first purchase to the last, 0 without repeats.
    `age` (T): from the first purchase to the end of what is known. `weights`: how many customers have this history.
    """

    repeats: Numbers
    last: Numbers
    age: Numbers
    weights: Numbers

    @classmethod
    def of(cls, repeats: ArrayLike, last: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None) -> Histories:
        """Check and take what is given; without weights every row is one customer. Raises UnableToFit where it is no history."""
        arrays = [np.atleast_1d(np.asarray(each, dtype=float)) for each in (repeats, last, age)]
        arrays.append(np.ones_like(arrays[0]) if weights is None else np.atleast_1d(np.asarray(weights, dtype=float)))
        if len({each.shape for each in arrays}) != 1 or arrays[0].ndim != 1:
            raise UnableToFit(gettext_noop("Purchases, times and weights must be rows of one length."))
        found = cls(*arrays)
        found._refuse_what_is_none()
        return found

    def _refuse_what_is_none(self) -> None:
        every = np.concatenate((self.repeats, self.last, self.age, self.weights))
        if not np.isfinite(every).all() or (every < 0).any():
            raise UnableToFit(gettext_noop("Purchases, times and weights must be numbers of zero or more."))
        if (self.repeats != np.floor(self.repeats)).any():
            raise UnableToFit(gettext_noop("Purchases are counted in whole numbers."))
        if (self.last > self.age).any():
            raise UnableToFit(gettext_noop("Nobody can have bought after the end of what is known."))
        if ((self.repeats > 0) != (self.last > 0)).any():
            raise UnableToFit(
                gettext_noop("Who bought again did so some time after the first purchase, and nobody else did.")
            )

    def __len__(self) -> int:
        return len(self.repeats)

    @property
    def customers(self) -> float:
        return float(self.weights.sum())

    @property
    def repeaters(self) -> float:
        return float(self.weights[self.repeats > 0].sum())

    def unique(self) -> Histories:
        """The same customers with each history once, in an order that does not depend on that of the rows."""
        order = np.lexsort((self.age, self.last, self.repeats))
        keys = np.column_stack((self.repeats, self.last, self.age))[order]
        starts = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1)))) if len(self) else order
        weights = np.add.reduceat(self.weights[order], starts) if len(self) else self.weights
        return Histories(keys[starts, 0], keys[starts, 1], keys[starts, 2], weights)

    def part(self, rows: NDArray[Any]) -> Histories:
        """Some of the rows, by their places or by yes and no."""
        return Histories(self.repeats[rows], self.last[rows], self.age[rows], self.weights[rows])

    def some(self, customers: int) -> Histories:
        """So many customers at equal distances among all, each history once."""
        reached = np.cumsum(self.weights)
        chosen = np.searchsorted(reached, (np.arange(customers) + 0.5) * (reached[-1] / customers), side="right")
        rows, weights = np.unique(chosen, return_counts=True)
        return Histories(self.repeats[rows], self.last[rows], self.age[rows], weights.astype(float))

    def scaled(self, factor: float) -> Histories:
        """With all times multiplied by `factor`."""
        return Histories(self.repeats, self.last * factor, self.age * factor, self.weights)


def ready_to_fit(histories: Histories) -> tuple[Histories, float]:
    """The customers who count, each history once, with times brought to a span of ten, and the factor that did it."""
    known = histories.weights > 0
    found = Histories(*(each[known] for each in (histories.repeats, histories.last, histories.age, histories.weights)))
    if not len(found):
        raise UnableToFit(gettext_noop("There are no customers to learn from."))
    if not found.repeaters:
        raise UnableToFit(
            gettext_noop("No customer bought a second time, so nothing says how often customers come back.")
        )
    factor = _SPAN / float(found.age.max())
    return found.unique().scaled(factor), factor
