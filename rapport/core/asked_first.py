"""What nearly every request of a program asks, whatever it is about: the door asks it together with the token."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AskedFirst:
    """One value, of the SQL of a scalar, which is remembered for the request under `key`; maybe only where one writes."""

    key: str
    sql: str
    of_writes: bool = False
