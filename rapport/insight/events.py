"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class WarehouseDiffered(Event):
    """What was carried on from snapshot to snapshot was not what the database holds; it has been copied anew since."""

    name: ClassVar[str] = "insight.warehouse_differed"

    comparison_id: int
    tables: tuple[str, ...]


@dataclass(frozen=True)
class ModelLearned(Event):
    """A score was learned anew, or the data could not carry it (`is_refused`); `kind` is that of the kept model."""

    name: ClassVar[str] = "insight.model_learned"

    model_id: int
    kind: str
    as_of: str
    is_refused: bool


@dataclass(frozen=True)
class GroupsChanged(Event):
    """Customers changed their RFM group since the refresh before; one for each thousand of them.

    `moves` are (group before, group now, ids of customers); `slipped` those of them who are at risk now and were champions
    within a year.
    """

    name: ClassVar[str] = "insight.groups_changed"

    as_of: str
    moves: tuple[tuple[str, str, tuple[int, ...]], ...]
    slipped: tuple[int, ...] = ()
