"""What a room's owned.py declares: tables whose rows hang on a customer through a profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OwnedTable:
    """A table that merge, split, erase and export walk. `personal` names the columns that can hold personal values."""

    table: str
    profile_column: str = "profile_id"
    customer_column: str = "customer_id"
    personal: tuple[str, ...] = ()
