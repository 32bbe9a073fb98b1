"""Files of other systems, told by their headers in any order and case: what a room's imports/presets.py declares of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from django.utils.functional import Promise

from rapport.core.rooms import contributions

_AS_WE_WRITE = {"dates": "ymd", "decimal": "."}
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_PREFIX = " - "


@dataclass(frozen=True)
class Preset:
    """One kind of file of one other system.

    A file is one where at least `at_least` of the `told_by` headers are there and none of `without`, or where most
    headers of the form "word - word", or more than one of them, begin with one of `prefixes`; files of things that are
    `about` others have columns of those too. `columns` names the headers of the importer's columns. A file for
    which there is no place is `refused` in these words. One that `is_ours` is certain by a single header, and its cells
    are made harmless as we do it. `answers` say how its dates and numbers are written, `about_rows` what the importer's
    `finish` must know of its rows.
    """

    name: str
    label: str | Promise
    importer: str = ""
    told_by: tuple[str, ...] = ()
    at_least: int = 2
    without: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    about: int = 0
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    refused: str = ""
    is_ours: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    about_rows: Mapping[str, str] = field(default_factory=dict)


def as_exported(object_name: str, label: str | Promise, *, importer: str) -> Preset:
    """Files that Rapport has written itself, known by the header of their ids."""
    return Preset(
        name=f"rapport-{object_name}s",
        label=label,
        importer=importer,
        told_by=(f"rapport {object_name} id",),
        at_least=1,
        source="Spreadsheet",
        is_ours=True,
        answers=_AS_WE_WRITE,
    )


@cache
def presets() -> dict[str, Preset]:
    return {each.name: each for each in contributions("presets", "PRESETS", Preset)}


def recognized_preset(headers: Iterable[str]) -> Preset | None:
    """The preset that most of these headers speak for; nothing where none does, or two do alike."""
    names = [name for name in headers if name]
    plain = {plain_name(name) for name in names}
    scores = {name: (_score(preset, names, plain), preset.about) for name, preset in presets().items()}
    best = max(scores.values(), default=(0, 0))
    winners = [name for name, score in scores.items() if score == best]
    return presets()[winners[0]] if best[0] and len(winners) == 1 else None


def plain_name(name: str) -> str:
    """A header without case, accents, spaces and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in folded if not unicodedata.combining(c)))


def other_readings(name: str) -> list[str]:
    """What a header may mean besides its whole: without what is behind it in brackets, without what is before " - "."""
    readings = []
    if _IN_BRACKETS.search(name):
        readings.append(_IN_BRACKETS.sub("", name))
    if _PREFIX in name:
        _prefix, _, rest = name.partition(_PREFIX)
        readings += [rest, rest.partition(_PREFIX)[0], _IN_BRACKETS.sub("", rest)]
    return [plain for plain in map(plain_name, readings) if plain]


def words_in_brackets(name: str) -> str:
    """What a header says in brackets at its end, such as a time zone."""
    found = _IN_BRACKETS.search(name)
    return found[0].strip().strip("()").strip() if found else ""


def _score(preset: Preset, names: list[str], plain: set[str]) -> int:
    if any(plain_name(name) in plain for name in preset.without):
        return 0
    if preset.prefixes:
        prefixes = {plain_name(prefix) for prefix in preset.prefixes}
        begun = sum(_PREFIX in name and plain_name(name.partition(_PREFIX)[0]) in prefixes for name in names)
        return 100 + begun if begun > 1 or 2 * begun > sum(_PREFIX in name for name in names) else 0
    told = len({plain_name(name) for name in preset.told_by} & plain)
    return (1_000 if preset.is_ours else told) if told >= preset.at_least else 0
