"""From the text of a file to blocks of whole rows: strict about quotes, sizes and headers, with physical line numbers."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapport.records.decoding import FileRefused, open_lines
from rapport.records.values import gettext_noop

MOST_COLUMNS = 1000
MOST_CELL = 1 << 20
BLOCK_ROWS = 2500
BLOCK_TEXT = 1 << 20
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Block:
    """Whole rows of the file as text; `line` is the physical line the first of them begins on."""

    line: int
    text: str
    rows: int


@dataclass(frozen=True)
class Header:
    """The column names, made distinct; `first_line` is the line the rows begin on."""

    names: tuple[str, ...]
    delimiter: str
    first_line: int


def read_header(path: Path, encoding: str, *, delimiter: str = "") -> Header:
    with open_lines(path, encoding) as lines:
        taken = _Taken(lines)
        first = _first_filled(taken)
        separator = delimiter or _likeliest(first)
        reader = _reader([first], separator, taken)
        cells = _next_row(reader, taken, line=taken.count, delimiter=separator)
    if cells is None:
        raise FileRefused(gettext_noop("The file has no header."))
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise FileRefused(
            gettext_noop("The header has %(count)s columns; at most %(most)s can be read."),
            line=1,
            column=MOST_COLUMNS + 1,
            count=f"{len(cells):,}",
            most=f"{MOST_COLUMNS:,}",
        )
    return Header(_distinct(cells), separator, taken.count + 1)


def read_blocks(path: Path, encoding: str, header: Header) -> Iterator[Block]:
    """The rows after the header in blocks that fit in memory. Raises FileRefused where the file's structure is broken."""
    with open_lines(path, encoding) as lines:
        taken = _Taken(lines)
        while taken.count < header.first_line - 1 and next(taken, None) is not None:
            pass
        taken.kept.clear()
        taken.size = 0
        reader = csv.reader(taken, delimiter=header.delimiter, strict=True)
        begins, rows = taken.count + 1, 0
        while True:
            at = taken.count + 1
            row = _next_row(reader, taken, line=at, delimiter=header.delimiter)
            if row is None:
                break
            rows += 1
            if rows >= BLOCK_ROWS or taken.size >= BLOCK_TEXT:
                yield Block(begins, "".join(taken.kept), rows)
                taken.kept.clear()
                taken.size = 0
                begins, rows = taken.count + 1, 0
        if rows:
            yield Block(begins, "".join(taken.kept), rows)


def first_rows(path: Path, encoding: str, header: Header, *, at_most: int) -> Iterator[list[str]]:
    """Rows with their cells, from the beginning."""
    count = 0
    for block in read_blocks(path, encoding, header):
        for row in csv.reader(io.StringIO(block.text, newline=""), delimiter=header.delimiter):
            if not row:
                continue
            yield row
            count += 1
            if count >= at_most:
                return


class _Taken:
    """Hands lines on to the CSV reader and keeps them, so that a block can be passed on as it is in the file."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.kept: list[str] = []
        self.count = 0
        self.size = 0
        self.since_row = 0

    def __iter__(self) -> _Taken:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except UnicodeDecodeError as error:
            raise FileRefused(
                gettext_noop("These bytes are not text in the chosen encoding."), line=self.count + 1
            ) from error
        except UnicodeError as error:
            raise FileRefused(gettext_noop("The file does not begin as text in the chosen encoding does.")) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileRefused(
                gettext_noop("The compressed file is cut off or damaged."), line=self.count + 1
            ) from error
        self.count += 1
        self.since_row += len(line)
        if self.since_row > 64 * MOST_CELL:
            raise FileRefused(gettext_noop("One row is larger than 64 MB."), line=self.count)
        self.size += len(line)
        self.kept.append(line)
        return line


def _next_row(reader: Iterator[list[str]], taken: _Taken, *, line: int, delimiter: str) -> list[str] | None:
    csv.field_size_limit(MOST_CELL)
    taken.since_row = 0
    before = len(taken.kept)
    try:
        return next(reader, None)
    except csv.Error as error:
        text = "".join(taken.kept[before:])
        column = _column_reached(text[: 2 * MOST_CELL], delimiter, str(error))
        raise FileRefused(
            _words(str(error)), line=line, column=column, most=MOST_CELL >> 20, error=str(error)
        ) from error


def _words(error: str) -> str:
    if "unexpected end" in error:
        return gettext_noop("A quotation mark is opened here and never closed.")
    if "field larger" in error:
        return gettext_noop("A cell is larger than %(most)s MB; a quotation mark may be missing.")
    if "expected after" in error:
        return gettext_noop(
            "After a closing quotation mark there must be a separator. Quotation marks inside a cell are written twice."
        )
    return gettext_noop("The row cannot be read (%(error)s).")


def _column_reached(text: str, delimiter: str, error: str) -> int:
    """The column in which reading stopped: that of a quotation mark without its twin, or the one after separators."""
    column, opened_in, inside, begins_cell = 1, 1, False, True
    for position, character in enumerate(text):
        if character == '"' and (inside or begins_cell):
            inside = not inside
            opened_in = column if inside else opened_in
            after = text[position + 1 : position + 2]
            if not inside and after == '"':
                begins_cell = True  # a doubled quotation mark: the next one opens again
                continue
            if not inside and after not in (delimiter, "\r", "\n", "") and "expected after" in error:
                return column
        elif character == delimiter and not inside:
            column += 1
        begins_cell = character == delimiter and not inside
    return opened_in if inside else column


def _reader(first: list[str], delimiter: str, taken: _Taken) -> Iterator[list[str]]:
    def lines() -> Iterator[str]:
        yield from first
        yield from taken

    return csv.reader(lines(), delimiter=delimiter, strict=True)


def _first_filled(taken: _Taken) -> str:
    for line in taken:
        if len(line) > 64 * MOST_COLUMNS * 16:
            raise FileRefused(gettext_noop("The first line is too long for a header."), line=taken.count)
        if line.strip(" \r\n\t,;|"):
            return line
    raise FileRefused(gettext_noop("The file has no header: every line is empty."))


def _likeliest(line: str) -> str:
    """The separator that divides the header into most columns, quotes respected; a comma when none does."""
    counts = {delimiter: len(next(csv.reader([line], delimiter=delimiter), [])) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _distinct(cells: list[str]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    next_number: dict[str, int] = {}
    for position, cell in enumerate(cells, start=1):
        name = " ".join(cell.replace("\0", "").split())[:200] or f"Column {position}"
        distinct, number = name, next_number.get(name, 2)
        while distinct in names:
            distinct, number = f"{name} ({number})", number + 1
        next_number[name] = number
        names[distinct] = None
    return tuple(names)
