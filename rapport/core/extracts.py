"""What a room's extracts.py contributes to the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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

    The SELECT may name `%(time_zone)s`, the business time zone. It must not depend on the clock.
    """

    name: str
    select: str
    columns: tuple[tuple[str, ColumnType], ...]
