"""Text without a header, or whose columns are divided by spaces: what a room knows of it, it lists in file_shapes.SHAPES."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from rapport.core.rooms import contributions
from rapport.records.imports.decoding import FileRefused, open_lines
from rapport.records.imports.rows import DELIMITERS, MOST_COLUMNS, SPACES, Header, dialect_of, distinct_names

LOOKED_AT = 20
_LONGEST_LINE = 16 * MOST_COLUMNS
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Shape:
    """Rows that are known by what stands in them. `names` gives the columns their names, or nothing where the rows are others."""

    name: str
    names: Callable[[Rows], tuple[str, ...] | None]


@cache
def shapes() -> tuple[Shape, ...]:
    return tuple(contributions("file_shapes", "SHAPES", Shape))


def header_by_shape(path: Path, encoding: str) -> Header | None:
    """The columns of a file that a shape knows by its first rows; nothing for any other, which has a header of its own."""
    lines = list(_first_lines(path, encoding))
    if not lines:
        return None
    first = lines[0][0]
    for delimiter in (*DELIMITERS, SPACES):
        rows = _rows([text for _number, text in lines], delimiter)
        names = _names(rows)
        if names is not None:
            return Header(names, delimiter, first, is_named_here=True)
        if delimiter == SPACES and len(rows) > 1 and len(rows[0]) == len(rows[1]) and _names(rows[1:]) is not None:
            return Header(distinct_names(rows[0]), delimiter, first + 1)
    return None


def _names(rows: Rows) -> tuple[str, ...] | None:
    found = (shape.names(rows) for shape in shapes()) if rows else iter(())
    return next((names for names in found if names is not None), None)


def _first_lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """The first lines that are not empty, with their numbers; what cannot be read is told by who reads the header."""
    try:
        with open_lines(path, encoding) as lines:
            numbered = enumerate(iter(lambda: lines.readline(_LONGEST_LINE), ""), start=1)
            yield from islice(((number, text) for number, text in numbered if text.strip()), LOOKED_AT)
    except (FileRefused, OSError, EOFError, ValueError, zlib.error):
        return


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return [_without_end(row) for row in csv.reader(lines, **dialect_of(delimiter))]
    except csv.Error:
        return []


def _without_end(row: list[str]) -> list[str]:
    """Spaces at the end of a line divide nothing."""
    while row and not row[-1].strip():
        row = row[:-1]
    return row
