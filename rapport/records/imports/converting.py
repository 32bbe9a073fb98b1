"""Files that are no tables but hold some: a room lists what it can read in file_formats.FORMATS, and a table is kept instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rapport.core.files import StoredFile, store
from rapport.core.rooms import contributions
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.values import gettext_noop

MOST_CONVERTED = 64 << 20
_BEGINNING = 1 << 10
_BLOCK = 1 << 20


@dataclass(frozen=True)
class FileFormat:
    """Files that are recognized by how they begin; `as_csv` makes a CSV file in UTF-8 of the whole, or raises FileRefused.

    The same file gives the same table, so that one which was stopped is known again.
    """

    name: str
    recognizes: Callable[[bytes], bool]
    as_csv: Callable[[bytes], bytes]


def take_in(blocks: Iterable[bytes], *, at_most: int) -> StoredFile:
    """Keep a file that came in, as the table that is in it. Raises FileTooLarge, FileRefused."""
    rest = iter(blocks)
    first = next(rest, b"")
    known = next(
        (f for f in contributions("file_formats", "FORMATS", FileFormat) if f.recognizes(first[:_BEGINNING])), None
    )
    if known is None:
        return store(chain([first], rest), at_most=at_most)
    return store([known.as_csv(b"".join(_up_to(chain([first], rest), MOST_CONVERTED)))], at_most=at_most)


def take_in_path(source: Path, *, at_most: int) -> StoredFile:
    with source.open("rb") as file:
        return take_in(iter(lambda: file.read(_BLOCK), b""), at_most=at_most)


def _up_to(blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > most:
            raise FileRefused(
                gettext_noop("A file of this kind may have up to %(most)s MB. Divide it and try again."),
                most=most >> 20,
            )
        yield block
