"""From the text of a file to blocks of whole rows: strict about quotes, sizes and headers, with physical line numbers."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapport.records.imports.decoding import FileRefused, open_lines
from rapport.records.imports.values import gettext_noop

MOST_COLUMNS = 1000
MOST_CELL = 1 << 20
BLOCK_ROWS = 4000
BLOCK_TEXT = 1 << 20
DELIMITERS = ",;\t|"
SPACES = " "  # any number of them divides columns that stand below each other
_LOOKED_AHEAD = 1 << 18
_UNREADABLE = (UnicodeError, EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True)
class Block:
    """Whole rows of the file as text; `line` is the physical line the first of them begins on."""

    line: int
    text: str
    rows: int


@dataclass(frozen=True)
class Header:
    """The column names, made distinct; `first_line` is the line the rows begin on. Some files name none: it `is_named_here`."""

    names: tuple[str, ...]
    delimiter: str
    first_line: int
    is_named_here: bool = False


def dialect_of(delimiter: str) -> dict[str, Any]:
    """How csv divides what stands between these separators."""
    return {"delimiter": delimiter, "skipinitialspace": delimiter == SPACES}


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
    return Header(distinct_names(cells), separator, taken.count + 1)


def read_blocks(path: Path, encoding: str, header: Header) -> Iterator[Block]:
    """The rows after the header in blocks that fit in memory. Raises FileRefused where the file's structure is broken."""
    with open_lines(path, encoding) as lines:
        taken = _Taken(lines)
        while taken.count < header.first_line - 1 and next(taken, None) is not None:
            pass
        taken.forget()
        reader = csv.reader(taken, **dialect_of(header.delimiter), strict=True)
        while True:
            begins = taken.count + 1
            try:
                ahead = taken.look_ahead()
            except _UNREADABLE:
                _refuse_where_unreadable(path, encoding)
                raise
            if not ahead:
                return
            if _is_plain(ahead):
                yield from _blocks_of(ahead, begins)
                taken.pass_over()
                continue
            rows = 0
            while taken.has_ahead and rows < BLOCK_ROWS and taken.size < BLOCK_TEXT:
                if _next_row(reader, taken, line=taken.count + 1, delimiter=header.delimiter) is not None:
                    rows += 1
            yield Block(begins, "".join(taken.kept), rows)
            taken.forget()


def _is_plain(lines: list[str]) -> bool:
    """Whether each line is a row, since there is no quotation mark between which a row could go on."""
    return not any('"' in line for line in lines) and max(map(len, lines)) <= MOST_CELL


def _blocks_of(lines: list[str], begins: int) -> Iterator[Block]:
    most = -(-len(lines) // -(-len(lines) // BLOCK_ROWS))  # equally many in each: a small one costs as much to begin
    for at in range(0, len(lines), most):
        rows = lines[at : at + most]
        yield Block(begins + at, "".join(rows), len(rows))


def _refuse_where_unreadable(path: Path, encoding: str) -> None:
    """Say on which line a file cannot be read any more, by reading it line by line."""
    with open_lines(path, encoding) as lines:
        taken = _Taken(lines)
        while next(taken, None) is not None:
            taken.forget()


def first_rows(path: Path, encoding: str, header: Header, *, at_most: int) -> Iterator[list[str]]:
    """Rows with their cells, from the beginning."""
    count = 0
    for block in read_blocks(path, encoding, header):
        for row in csv.reader(io.StringIO(block.text, newline=""), **dialect_of(header.delimiter)):
            if not row:
                continue
            yield row
            count += 1
            if count >= at_most:
                return


class _Taken:
    """Hands lines on to the CSV reader and keeps them, so that a block can be passed on as it is in the file."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self._ahead: list[str] = []  # the last one first
        self.kept: list[str] = []
        self.count = 0
        self.size = 0
        self.since_row = 0

    def __iter__(self) -> _Taken:
        return self

    @property
    def has_ahead(self) -> bool:
        return bool(self._ahead)

    def look_ahead(self) -> list[str]:
        """Some lines that come next."""
        if not self._ahead:
            self._ahead = self._lines.readlines(_LOOKED_AHEAD)[::-1]
        return self._ahead[::-1]

    def pass_over(self) -> None:
        self.count += len(self._ahead)
        self._ahead = []

    def forget(self) -> None:
        self.kept.clear()
        self.size = self.since_row = 0

    def __next__(self) -> str:
        try:
            line = self._ahead.pop() if self._ahead else next(self._lines)
        except UnicodeDecodeError as error:
            raise FileRefused(
                gettext_noop("These bytes are not text in the chosen encoding."),
                line=self.count + 1 + _line_ends_before(error),
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


def _line_ends_before(error: UnicodeDecodeError) -> int:
    """In what was decoded at once, of which no line was handed out."""
    text = bytes(error.object[: error.start]).decode(error.encoding, "replace")
    return text.count("\n") or text.count("\r")


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

    return csv.reader(lines(), **dialect_of(delimiter), strict=True)


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


def distinct_names(cells: Iterable[str]) -> tuple[str, ...]:
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
