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
