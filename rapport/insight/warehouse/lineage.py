"""Where the numbers come from: the tables of the newest snapshot, what was computed from them, and whether they were right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.core.remembering import remembered
from rapport.insight.models import Comparison, Snapshot
from rapport.insight.queries import snapshot_folder, warehouse_folder

LINEAGE = ".lineage"  # of the files beside the answers of a snapshot
_ASKED = "answers of the request"
_COMPARISONS = 8
_HOW = {
    "copied": _("copied whole"),
    "carried on": _("what changed"),
    "settled": _("what changed, put in order"),
    "unchanged": _("nothing changed"),
}
_WHY = {
    "unnoted": _("It does not note what changes in it."),
    "first": _("It was not there before."),
    "defined anew": _("It is defined in another way now, or days end elsewhere."),
    "files lost": _("Files of the snapshot before were not there any more."),
    "moved": _("The database keeps it in other files than before."),
    "much changed": _("So much changed that this is quicker."),
}


@dataclass(frozen=True)
class TableMade:
    """A table of a snapshot: from what, how and how fast it was made. Without `how` an earlier version made it."""

    name: str
    rows: int
    how: str | Promise
    why: str | Promise
    changed: int | None
    seconds: float | None
    size: int | None
    new_size: int | None
    reads: tuple[str, ...]


@dataclass(frozen=True)
class MartMade:
    """A mart that was computed from a snapshot. `question` says with what, where somebody asked it; a step has none."""

    name: str
    question: str
    reads: tuple[str, ...]
    rows: int | None
    seconds: float
    at: datetime
    engine: str
    made_by: str


@dataclass(frozen=True)
class Compared:
    at: datetime
    snapshot: str
    differing: tuple[str, ...]
    tables: list[dict[str, Any]]


def tables_made(snapshot: Snapshot) -> list[TableMade]:
    return [_table(name, rows, snapshot.tables.get(name, {})) for name, rows in sorted(snapshot.counts.items())]


def marts_made(snapshot: Snapshot) -> list[MartMade]:
    """What was computed from the snapshot, the newest first; of the same only the last time."""
    found: dict[tuple[str, str], MartMade] = {}
    for told in _told(snapshot_folder(snapshot) / "answers"):
        for mart in _marts(told):
            known = found.get((mart.name, mart.question))
            if known is None or known.at < mart.at:
                found[mart.name, mart.question] = mart
    return sorted(found.values(), key=lambda mart: (-mart.at.timestamp(), mart.name, mart.question))


def note_asked(answer: Path) -> None:
    """An answer was read or made for the page that is being shown."""
    remembered(_ASKED, list[Path]).append(answer.with_suffix(LINEAGE))


def asked_here() -> list[MartMade]:
    """How the answers were made that the page asked, in that order."""
    return _answers(dict.fromkeys(remembered(_ASKED, list[Path])))


def made_in(folder: str, name: str) -> list[MartMade]:
    """How the newest answer called `name` of a snapshot was made; nothing where the snapshot is forgotten."""
    made = _answers(sorted((warehouse_folder() / folder / "answers").glob(f"{name}-*{LINEAGE}")))
    return sorted(made, key=lambda mart: mart.at)[-1:]


def _answers(files: Iterable[Path]) -> list[MartMade]:
    return [next(_marts(told)) for told in _read(files)]


def comparisons() -> list[Compared]:
    """The last times that everything was copied as well, the newest first."""
    return [
        Compared(
            kept.compared_at,
            kept.snapshot_folder,
            tuple(name for name, sums in kept.tables.items() if sums["carried"] != sums["whole"]),
            [{"name": name, **sums} for name, sums in sorted(kept.tables.items())],
        )
        for kept in Comparison.objects.order_by("-id")[:_COMPARISONS]
    ]


def _table(name: str, rows: int, told: dict[str, Any]) -> TableMade:
    return TableMade(
        name=name,
        rows=rows,
        how=_HOW.get(told.get("how", ""), ""),
        why=_WHY.get(told.get("why", ""), ""),
        changed=told.get("changed"),
        seconds=told.get("seconds"),
        size=told.get("bytes"),
        new_size=told.get("new_bytes"),
        reads=tuple(told.get("reads", ())),
    )


def _told(folder: Path) -> Iterator[dict[str, Any]]:
    """What stands beside the answers; one that is being written, or was cut off, is left out."""
    yield from _read(sorted(folder.glob(f"*{LINEAGE}")))


def _read(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        try:
            yield json.loads(file.read_text())
        except (OSError, ValueError):
            continue


def _marts(told: dict[str, Any]) -> Iterator[MartMade]:
    at, by = datetime.fromisoformat(told["at"]), (told["engine"], told["made_by"])
    question = " · ".join(told["question"])
    yield MartMade(told["mart"], question, tuple(told["reads"]), None, told["seconds"], at, *by)
    for step in told["steps"]:
        yield MartMade(step["mart"], "", tuple(step["reads"]), step["rows"], step["seconds"], at, *by)
