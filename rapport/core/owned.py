"""What a room's owned.py declares: tables whose rows hang on a customer through a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class OwnedTable:
    """A table that merge, split, erase and export walk. `personal` names the columns that can hold personal values.

    When a person is erased her rows are deleted, or, where `emptied` says so, these columns are set to its SQL. What she was
    called in the column `remembered` of a source is kept as a hash, so that no import brings it again. Rows that `is_derived`
    stand in no undo's way: they go with their profile and are computed again.
    """

    table: str
    profile_column: str = "profile_id"
    customer_column: str = "customer_id"
    personal: tuple[str, ...] = ()
    key: str = "id"
    emptied: Mapping[str, str] | None = None
    remembered: str = ""
    is_derived: bool = False
