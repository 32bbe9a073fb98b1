"""What a page says of its numbers where somebody opens it: what each means, and by what it was computed, of what and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.insight.explaining.meanings import MEANINGS, Meaning
from rapport.insight.warehouse.lineage import MartMade, asked_here, made_in


@dataclass(frozen=True)
class Explained:
    """The meanings of a page's numbers, and the marts they come from; of a snapshot that is forgotten none are known."""

    meanings: Sequence[Meaning]
    made: Sequence[MartMade]


def explained(page: str, *, learned: tuple[str, str] | None = None) -> Explained:
    """Of the answers that the page asked, or of what was `learned`: its snapshot's folder and the name of its answer."""
    return Explained(MEANINGS[page], made_in(*learned) if learned is not None else asked_here())
