"""What an estimate learns from: named columns of customers, and how they become the numbers that a model takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]
MISSING = ""
LEAST_OF_A_LEVEL = 20
_KNOTS = (0.2, 0.4, 0.6, 0.8)
_NEARLY_EVERYBODY = (0.005, 0.995)


class Kind(Enum):
    NUMBER = "number"
    CATEGORY = "category"


@dataclass(frozen=True)
class Column:
    """One thing that is known of every customer: numbers with NaN for nothing, or categories as places in `levels`.

    `name` is the field's where it is a field of customers; `label` is how people call it. The level '' is nothing.
    """

    name: str
    label: str
    kind: Kind
    values: Numbers
    unit: str = ""
    levels: tuple[str, ...] = ()

    def of(self, rows: Rows) -> Self:
        return type(self)(self.name, self.label, self.kind, self.values[rows], self.unit, self.levels)

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        if self.kind is Kind.NUMBER:
            return np.isnan(self.values)
        return np.array([level == MISSING for level in self.levels], dtype=bool)[self.places]

    @property
    def places(self) -> NDArray[np.int64]:
        """Of a category: each customer's place in the levels."""
        return self.values.astype(np.int64)

    def value(self, row: int) -> str | float | None:
        found = self.values[row]
        if self.kind is Kind.NUMBER:
            return None if np.isnan(found) else float(found)
        return self.levels[int(found)] or None

    @property
    def distinct(self) -> int:
        """How many different values there are, nothing being one of them."""
        return len(np.unique(self.values))


@dataclass(frozen=True)
class Table:
    """Customers and their columns, all of one length and in one order."""

    customers: Rows
    columns: tuple[Column, ...]

    def of(self, rows: Rows) -> Table:
        return Table(self.customers[rows], tuple(column.of(rows) for column in self.columns))

    def __len__(self) -> int:
        return len(self.customers)


def number(name: str, label: str, values: Sequence[float | None] | Numbers, unit: str = "") -> Column:
    return Column(name, label, Kind.NUMBER, np.array(values, dtype=float), unit)


def category(name: str, label: str, values: Sequence[str | None]) -> Column:
    levels = sorted({value or MISSING for value in values})
    place = {level: float(number) for number, level in enumerate(levels)}
    return Column(
        name, label, Kind.CATEGORY, np.array([place[value or MISSING] for value in values], dtype=float), "", tuple(levels)
    )  # fmt: skip


def yes_or_no(name: str, label: str, flags: NDArray[np.bool_]) -> Column:
    return Column(name, label, Kind.CATEGORY, flags.astype(float), "", ("no", "yes"))


def stacked(tables: Sequence[Table]) -> Table:
    """Tables with the same columns and levels, one after the other."""
    columns = zip(*(table.columns for table in tables), strict=True)
    return Table(
        np.concatenate([table.customers for table in tables]),
        tuple(
            replace(parts[0], values=np.concatenate([part.values for part in parts]))
            for parts in columns
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class NumberCode:
    """A number, what it exceeds each knot by, and whether it is missing.

    As far again as nearly everybody's numbers reach is the end: days go on growing, but one order of a hundred thousand must
    not decide what becomes of its customer.
    """

    middle: float
    least: float
    most: float
    knots: tuple[float, ...]
    may_miss: bool

    @classmethod
    def learned(cls, column: Column) -> NumberCode:
        known = column.values[~column.is_missing]
        if not len(known):
            return cls(0.0, 0.0, 0.0, (), may_miss=True)
        found = np.unique(np.quantile(known, _KNOTS))
        inside = found[(found > known.min()) & (found < known.max())]
        low, high = (float(each) for each in np.quantile(known, _NEARLY_EVERYBODY))
        least, most = low - (high - low), high + (high - low)
        return cls(float(np.median(known)), least, most, tuple(inside.tolist()), bool(column.is_missing.any()))

    def encoded(self, column: Column) -> list[Numbers]:
        missing = column.is_missing
        values = np.clip(np.where(missing, self.middle, column.values), self.least, self.most)
        parts = [values, *(np.maximum(values - knot, 0.0) for knot in self.knots)]
        return [*parts, missing.astype(float)] if self.may_miss else parts


@dataclass(frozen=True)
class CategoryCode:
    """A category as yes or no to each of its levels that is not rare; what is rare or new is one level together."""

    levels: tuple[str, ...]

    @classmethod
    def learned(cls, column: Column) -> CategoryCode:
        counts = np.bincount(column.places, minlength=len(column.levels))
        enough = min(LEAST_OF_A_LEVEL, max(1.0, len(column.values) / 10))
        return cls(tuple(level for level, count in zip(column.levels, counts, strict=True) if count >= enough))

    def level_of(self, column: Column) -> NDArray[np.int64]:
        """The place of each customer's level among the levels; behind the last where it is none of them."""
        places = {level: place for place, level in enumerate(self.levels)}
        return np.array([places.get(level, len(self.levels)) for level in column.levels], dtype=np.int64)[column.places]

    def encoded(self, column: Column) -> list[Numbers]:
        level = self.level_of(column)
        return [(level == place).astype(float) for place in range(len(self.levels))]


@dataclass(frozen=True)
class Coding:
    """How a table's columns become numbers: learned from the customers a model is fitted on, applied to any others.

    Every number comes out with mean 0 and, unless it is constant, deviation 1 among those.
    """

    codes: tuple[NumberCode | CategoryCode, ...]
    sources: NDArray[np.int64]  # which column each number is made of
    means: Numbers
    deviations: Numbers

    @classmethod
    def learned(cls, table: Table) -> Coding:
        codes = tuple(
            NumberCode.learned(column) if column.kind is Kind.NUMBER else CategoryCode.learned(column)
            for column in table.columns
        )
        raw, sources = _encoded(codes, table)
        deviations = raw.std(axis=0)
        return cls(codes, sources, raw.mean(axis=0), np.where(deviations > 1e-12, deviations, 1.0))

    def applied(self, table: Table) -> Numbers:
        raw, _sources = _encoded(self.codes, table)
        return np.asarray((raw - self.means) / self.deviations)


def _encoded(codes: Sequence[NumberCode | CategoryCode], table: Table) -> tuple[Numbers, NDArray[np.int64]]:
    parts: list[Numbers] = []
    sources: list[int] = []
    for place, (code, column) in enumerate(zip(codes, table.columns, strict=True)):
        found = code.encoded(column)
        parts += found
        sources += [place] * len(found)
    if not parts:
        return np.zeros((len(table), 0)), np.zeros(0, dtype=np.int64)
    return np.column_stack(parts), np.array(sources, dtype=np.int64)
