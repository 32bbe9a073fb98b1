"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class SegmentMade(Event):
    name: ClassVar[str] = "segments.segment_made"

    segment_id: int


@dataclass(frozen=True)
class SegmentChanged(Event):
    name: ClassVar[str] = "segments.segment_changed"

    segment_id: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SegmentTrashed(Event):
    name: ClassVar[str] = "segments.segment_trashed"

    segment_id: int


@dataclass(frozen=True)
class MembersChanged(Event):
    """Customers entered or left a segment; one for each batch, whose rows say who (`queries.passages_of`)."""

    name: ClassVar[str] = "segments.members_changed"

    segment_id: int
    batch_id: int
    entered: int
    left: int
