"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class ImportFinished(Event):
    """All rows of an import that were not refused are in."""

    name: ClassVar[str] = "records.import_finished"

    import_id: int
    importer: str


@dataclass(frozen=True)
class ImportUndone(Event):
    """All that an import brought in is taken back."""

    name: ClassVar[str] = "records.import_undone"

    import_id: int
    importer: str
