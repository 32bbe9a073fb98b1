"""Why a chance is what it is: what of a customer raises or lowers it against the average customer, with figures anybody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rapport.insight.scores.columns import LEAST_OF_A_LEVEL, Column, Kind, Numbers, Table

MOST_REASONS = 3
_LEAST_SHARE = 0.05  # of the odds; what adds less is no reason
_FIFTHS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Band:
    """Customers who are alike in one column: a level, or numbers from `low` to `high`; how many, and what share left."""

    shown: str
    low: float | None
    high: float | None
    customers: int
    rate: float


@dataclass(frozen=True)
class Reason:
    """One column of one customer. `adds` is what it adds to the odds; `band` those who are like her in it."""

    column: Column
    value: str | float | None
    adds: float
    band: Band | None

    @property
    def raises(self) -> bool:
        return self.adds > 0


class Rates:
    """Of each column, what share left of those who have which value; numbers in fifths."""

    def __init__(self, table: Table, outcomes: Numbers) -> None:
        self.everybody = float(outcomes.mean())
        self.bands = {column.name: _bands(column, outcomes) for column in table.columns}

    def band_of(self, column: Column, value: str | float | None) -> Band | None:
        for band in self.bands.get(column.name, ()):
            if value is None or isinstance(value, str):
                if band.low is None and band.shown == (value or ""):
                    return band
            elif band.low is not None and band.high is not None and band.low <= value <= band.high:
                return band
        return None


def reasons(table: Table, shares: Numbers, rates: Rates) -> list[list[Reason]]:
    """For each customer, the few columns that weigh most, heaviest first."""
    found = []
    for row in range(len(table)):
        order = sorted(range(len(table.columns)), key=lambda place: (-abs(shares[row, place]), place))
        heaviest = [place for place in order[:MOST_REASONS] if abs(shares[row, place]) >= _LEAST_SHARE]
        found.append([_reason(table.columns[place], row, float(shares[row, place]), rates) for place in heaviest])
    return found


def weights(table: Table, shares: Numbers) -> list[tuple[Column, float]]:
    """By how much each column moves the odds of a customer, on average over customers, heaviest first."""
    sizes: Sequence[float] = np.abs(shares).mean(axis=0).tolist() if len(table) else [0.0] * len(table.columns)
    return sorted(zip(table.columns, sizes, strict=True), key=lambda pair: (-pair[1], pair[0].name))


def _reason(column: Column, row: int, adds: float, rates: Rates) -> Reason:
    value = column.value(row)
    band = rates.band_of(column, value)
    if band is not None and ((band.rate > rates.everybody) != (adds > 0) or band.customers < LEAST_OF_A_LEVEL):
        band = None  # the column speaks against what is seen of it alone: the figure would puzzle
    return Reason(column, value, adds, band)


def _bands(column: Column, outcomes: Numbers) -> list[Band]:
    if column.kind is Kind.CATEGORY:
        size, left = np.bincount(column.places), np.bincount(column.places, weights=outcomes)
        return [
            Band(column.levels[place], None, None, int(size[place]), float(left[place] / size[place]))
            for place in np.flatnonzero(size)
        ]
    known = ~column.is_missing
    values, came = column.values[known], outcomes[known]
    missing = [Band("", None, None, int((~known).sum()), float(outcomes[~known].mean()))] if not known.all() else []
    if not len(values):
        return missing
    edges = np.unique(np.quantile(values, _FIFTHS))
    fifth = np.searchsorted(edges, values)
    return missing + [
        Band("", float(values[fifth == place].min()), float(values[fifth == place].max()),
             int((fifth == place).sum()), float(came[fifth == place].mean()))
        for place in np.unique(fifth)
    ]  # fmt: skip
