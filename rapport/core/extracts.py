"""What a room's extracts.py contributes to the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from rapport.core.rooms import contributions


class ColumnType(Enum):
    """The types a warehouse column may have; money is INTEGER micros, never a decimal."""

    INTEGER = "int64"
    TEXT = "string"
    DATE = "date32"
    INSTANT = "timestamp[us, UTC]"
    NUMBER = "float64"
    BOOLEAN = "bool"


@dataclass(frozen=True)
class Extract:
    """One table of the warehouse: its name, its columns, and the SELECT that yields them in that order.

    The SELECT may name `%(time_zone)s`, the business time zone (any other percent sign is doubled). It must not depend
    on the clock. `reads` names the tables behind it, so that a change in them can be noticed.
    """

    name: str
    select: str
    columns: tuple[tuple[str, ColumnType], ...]
    reads: tuple[str, ...] = ()


def all_extracts() -> Iterator[Extract]:
    return contributions("extracts", "EXTRACTS", Extract)
