"""How rooms have the trail read: with labels that people know, and without what the reader's role does not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rapport.audit.queries import TrailEntry, TrailPage
from rapport.core.rooms import contributions

Values = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class TrailReader:
    """Rewrites the values of an entry for a person; a room lists its own in trail.READERS. `read` gets person, table, values."""

    name: str
    read: Callable[[Any, str, Values], Values]


def page_for(user: Any, page: TrailPage) -> TrailPage:
    """The page as `user` may read it."""
    readers = list(contributions("trail", "READERS", TrailReader))
    return replace(page, entries=tuple(_entry_for(user, entry, readers) for entry in page.entries))


def _entry_for(user: Any, entry: TrailEntry, readers: list[TrailReader]) -> TrailEntry:
    values = entry.values
    for reader in readers:
        values = reader.read(user, entry.table, values)
    return replace(entry, values=values)
