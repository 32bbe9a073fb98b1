"""What a room's timeline.py tells of its kinds of touchpoint: a word, a drawing, and the record behind the pointer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise

from rapport.core.rooms import contributions


@dataclass(frozen=True)
class RecordBehind:
    """What the record behind a touchpoint adds to its line: a title, a link, a detail, and a chip with its tone."""

    title: str = ""
    url: str = ""
    detail: str = ""
    quote: str = ""
    chip: str = ""
    tone: str = ""


@dataclass(frozen=True)
class TouchpointKind:
    """A kind of touchpoint. `records` looks up the records of one page of the timeline at once, by record id.

    Who lacks `right` sees that there was such a contact, and when, but not what it was about.
    """

    name: str
    label: str | Promise
    icon: str
    records: Callable[[Sequence[int]], Mapping[int, RecordBehind]] | None = None
    order: int = 50
    right: str = ""


def touchpoint_kinds() -> dict[str, TouchpointKind]:
    """Every kind by name, in the order in which the timeline offers them as filters."""
    return dict(_kinds())


@cache
def _kinds() -> tuple[tuple[str, TouchpointKind], ...]:
    found = {kind.name: kind for kind in contributions("timeline", "TOUCHPOINT_KINDS", TouchpointKind)}
    return tuple(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
