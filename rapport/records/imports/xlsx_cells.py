"""The cells of a sheet as the text a CSV file would have, row by row, in bounded memory. No Django here."""

from __future__ import annotations

import os
import re
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import IO, Any

from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.rows import MOST_CELL, MOST_COLUMNS
from rapport.records.imports.staging_worker import BREAK, ERROR
from rapport.records.imports.values import gettext_noop
from rapport.records.imports.xlsx_package import DAMAGED, Sheet, Workbook, whole_number

MOST_ROWS = 1 << 20
MOST_TEXTS = 32_000_000
_TOO_MUCH = gettext_noop("The workbook holds more text than can be read.")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = {code: None for code in range(32) if code not in (9, 10)}
_FIRST_DAY, _FIRST_DAY_AFTER_GAP, _FIRST_DAY_1904 = datetime(1899, 12, 31), datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_SERIAL = 2_958_466
_DIGITS = "0123456789"


@dataclass
class Seen:
    """What was met in the cells, for words about it."""

    formulas: int = 0
    without_value: int = 0
    errors: int = 0
    cells: int = 0


class SharedTexts:
    """The texts that cells share, in a file of their own (a million names need no memory), read as far as they are asked."""

    def __init__(self, workbook: Workbook) -> None:
        self._ends = array("Q", [0])
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=1 << 20)  # noqa: SIM115 - closed with the texts
        part = workbook.shared_strings_part()
        self._reading = workbook.parse(part, self._prepare) if part else iter(())
        self._pieces: list[str] = []
        self._length = 0
        self._depth = {"t": 0, "rPh": 0}

    def __enter__(self) -> SharedTexts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def __getitem__(self, number: int) -> str:
        while number >= len(self._ends) - 1:
            if next(self._reading, self) is self:
                raise FileRefused(DAMAGED)
            self._file.flush()
        begins, ends = self._ends[number], self._ends[number + 1]
        return os.pread(self._file.fileno(), ends - begins, begins).decode("utf-8", "surrogatepass")

    def _prepare(self, parser: Any) -> None:
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in self._depth:
            self._depth[local] += 1

    def _text(self, data: str) -> None:
        if self._depth["t"] and not self._depth["rPh"]:
            self._length += len(data)
            if self._length > MOST_CELL:
                raise FileRefused(_TOO_MUCH)
            self._pieces.append(data)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local in self._depth:
            self._depth[local] -= 1
        elif local == "si":
            said = clean("".join(self._pieces)).encode("utf-8", "surrogatepass")
            self._length = 0
            self._pieces.clear()
            self._file.write(said)
            self._ends.append(self._ends[-1] + len(said))
            if len(self._ends) > MOST_TEXTS or len(said) > MOST_CELL:
                raise FileRefused(_TOO_MUCH)


def read_rows(
    workbook: Workbook, sheet: Sheet, *, texts: SharedTexts, seen: Seen
) -> Iterator[tuple[int, list[str], int]]:
    """(number of the row, its cells, how many of them are text) of each row that says something."""
    reader = _SheetReader(workbook, texts, seen)
    for _block in workbook.parse(sheet.part, reader.prepare):
        yield from reader.rows
        reader.rows.clear()


class _SheetReader:
    """Handlers of one sheet's XML; the hot path of reading a workbook, hence plain attributes and no helpers."""

    def __init__(self, workbook: Workbook, texts: SharedTexts, seen: Seen) -> None:
        self.rows: list[tuple[int, list[str], int]] = []
        self._texts, self._seen = texts, seen
        self._styles, self._is_1904 = workbook.date_styles(), workbook.is_1904
        self._places: dict[str, int] = {}
        self._row, self._text_cells = 0, 0
        self._cells: list[str] = []
        self._at, self._kind, self._style = -1, "", ""
        self._pieces: list[str] = []
        self._length = 0
        self._reads = self._has_formula = self._has_value = False

    def prepare(self, parser: Any) -> None:
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name if ":" not in name else name.rpartition(":")[2]
        if local == "c":
            reference = attributes.get("r")
            self._at = self._at + 1 if reference is None else self._place(reference)
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._has_formula = self._has_value = False
            self._length = 0
            self._pieces.clear()
        elif local in ("v", "t"):
            self._reads = self._has_value = True
        elif local == "f":
            self._has_formula = True
        elif local == "rPh":
            self._kind = "phonetic" if self._kind == "inlineStr" else self._kind
        elif local == "row":
            self._begin_row(attributes.get("r", ""))

    def _text(self, data: str) -> None:
        if self._reads and self._kind != "phonetic":
            self._length += len(data)
            if self._length > MOST_CELL:
                raise FileRefused(_TOO_MUCH)
            self._pieces.append(data)

    def _end(self, name: str) -> None:
        local = name if ":" not in name else name.rpartition(":")[2]
        if local in ("v", "t"):
            self._reads = False
        elif local == "c":
            self._end_cell()
        elif local == "rPh":
            self._kind = "inlineStr" if self._kind == "phonetic" else self._kind
        elif local == "row":
            if any(self._cells):
                self.rows.append((self._row, self._cells, self._text_cells))
            self._at = -1

    def _begin_row(self, number: str) -> None:
        row = (whole_number(number) or 0) if number else self._row + 1
        if not self._row < row <= MOST_ROWS:
            raise FileRefused(DAMAGED)
        self._row, self._cells, self._text_cells, self._at = row, [], 0, -1

    def _end_cell(self) -> None:
        if self._has_formula:
            self._seen.formulas += 1
            self._seen.without_value += not any(self._pieces)
        if not self._has_value:
            return
        text = self._value("".join(self._pieces))
        if not text:
            return
        self._seen.cells += 1
        cells, at = self._cells, self._at
        if at >= MOST_COLUMNS:
            raise FileRefused(
                gettext_noop("The sheet has more than %(most)s columns."),
                line=self._row,
                column=at + 1,
                most=MOST_COLUMNS,
            )
        if at == len(cells):
            cells.append(text)
            return
        if at > len(cells):
            cells.extend([""] * (at - len(cells)))
            cells.append(text)
        else:
            cells[at] = text

    def _value(self, text: str) -> str:
        kind = self._kind
        if kind == "s":
            self._text_cells += 1
            place = whole_number(text)
            return self._texts[place] if place is not None else ""
        if kind == "n":
            meaning = self._meaning()
            return as_day(text, meaning, is_1904=self._is_1904) if meaning else as_number(text)
        if kind == "b":
            return "true" if text.strip() == "1" else "false"
        if kind == "e":
            self._seen.errors += 1
            return f"{ERROR}{text}"
        if kind == "d":
            return text.replace("T", " ").removesuffix("Z")
        self._text_cells += 1
        return clean(text)

    def _meaning(self) -> str:
        style = whole_number(self._style)
        return self._styles[style] if style is not None and style < len(self._styles) else ""

    def _place(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        place = self._places.get(letters)
        if place is None:
            place = 0
            for letter in letters.upper():
                if not "A" <= letter <= "Z" or place > MOST_ROWS:
                    raise FileRefused(DAMAGED)
                place = place * 26 + ord(letter) - 64
            if not place:
                raise FileRefused(DAMAGED)
            place -= 1
            self._places[letters] = place
        return place


def clean(text: str) -> str:
    """The text of a cell on one line, its escapes resolved."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL).replace("\n", BREAK)
    return text


def as_number(text: str) -> str:
    """A number as it was typed: no ".0" behind whole numbers, no traces of binary fractions, no exponent."""
    if text.isdigit():
        return text
    try:
        number = float(text)
    except ValueError:
        return text.strip()
    if abs(number) < 1e15 and number == int(number):
        return str(int(number))
    said = format(number, ".15g")
    return format(number, ".20f").rstrip("0") if "e-" in said else f"{number:.0f}" if "e" in said else said


def as_day(text: str, meaning: str, *, is_1904: bool) -> str:
    """The date or time behind a number of days, counted from 1900 (with its 29 February that never was) or 1904."""
    try:
        serial = float(text)
    except ValueError:
        return text.strip()
    if not 0 <= serial < _LAST_SERIAL:
        return as_number(text)
    if meaning == "time" and serial < 1:
        return (_FIRST_DAY + _since_midnight(serial)).strftime("%H:%M:%S")
    if not is_1904 and 60 <= serial < 61:
        return "1900-02-29"
    first = _FIRST_DAY_1904 if is_1904 else _FIRST_DAY if serial < 60 else _FIRST_DAY_AFTER_GAP
    found = first + timedelta(days=int(serial)) + _since_midnight(serial % 1)
    if meaning == "date" and not serial % 1:
        return found.date().isoformat()
    return found.isoformat(sep=" ", timespec="milliseconds" if found.microsecond else "seconds")


def _since_midnight(fraction: float) -> timedelta:
    return timedelta(milliseconds=round(fraction * 86_400_000))
