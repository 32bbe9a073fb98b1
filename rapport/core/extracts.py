"""What a room's extracts.py contributes to the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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

    With a `key`, the column by which rows are told apart (it need not be unique), only what changed is copied again; without
    one, or where a table of `reads` notes no changes, everything is. What is noted of a table are the values that its rows
    have in this column; where a table knows none, `reached` has the SELECT of those behind its rows from {low} to {high}.
    A table without an index on its key has an `instant`, the column that says in which of its parts to look.
    """

    name: str
    select: str
    columns: tuple[tuple[str, ColumnType], ...]
    reads: tuple[str, ...] = ()
    key: str = ""
    reached: Mapping[str, str] = field(default_factory=dict)
    instant: str = ""


def all_extracts() -> Iterator[Extract]:
    return contributions("extracts", "EXTRACTS", Extract)
