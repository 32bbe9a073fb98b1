"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class CustomersMerged(Event):
    """Somebody made one customer of several."""

    name: ClassVar[str] = "identity.customers_merged"

    customer_id: int
    retired_ids: tuple[int, ...]


@dataclass(frozen=True)
class CustomersSplit(Event):
    """Somebody took customers apart that had been one."""

    name: ClassVar[str] = "identity.customers_split"

    customer_id: int
    apart_ids: tuple[int, ...]


@dataclass(frozen=True)
class ProfilesMoved(Event):
    """Profiles have come to other customers, by what they share or by what somebody said; one for each chunk."""

    name: ClassVar[str] = "identity.profiles_moved"

    profiles: int
    customer_ids: tuple[int, ...] = ()
