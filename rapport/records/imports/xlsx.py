"""Sheets of workbooks as tables of text: made once beside the file that was kept, and made again whenever they are gone."""

from __future__ import annotations

import csv
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from rapport.core import environment
from rapport.records.imports.decoding import MOST_TEXT_BYTES, FileRefused
from rapport.records.imports.values import gettext_noop
from rapport.records.imports.xlsx_cells import Seen, SharedTexts, read_rows
from rapport.records.imports.xlsx_package import Sheet, Workbook

_LOOKED_AT_FOR_HEADER = 50
_LOOK_EVERY = 2_000
_FORGOTTEN_AFTER_SECONDS = 7 * 24 * 3600
_PRIVATE = 0o700
# texts that could be read in more than one way; what cells hold as numbers and days is certain
_NUMBER_AS_TEXT = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,'\s]*[.,]\d[\d.,]*\D{0,3}")
_DAY_AS_TEXT = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}.*")


@dataclass(frozen=True)
class Table:
    """A sheet as CSV in UTF-8: one line for each row of the sheet, whatever its cells hold.

    Where it is not `whole`, looking ended before the sheet did. `texts_as_numbers` and `texts_as_days` say that cells
    hold numbers or dates as text, whose way of writing is not certain.
    """

    path: Path
    sheet: str
    header_row: int
    rows: int
    whole: bool
    formulas: int
    without_value: int
    errors: int
    texts_as_numbers: bool
    texts_as_days: bool


def filled_sheets(path: Path) -> list[tuple[int, str]]:
    """Number and name of each sheet that holds something, those that are shown before those that are hidden."""
    with Workbook(path) as workbook, SharedTexts(workbook) as texts:
        filled = [sheet for sheet in workbook.sheets if _says_something(workbook, sheet, texts)]
    if not filled:
        raise FileRefused(gettext_noop("The workbook has no sheet with cells that hold something."))
    return [(sheet.number, sheet.name) for sheet in sorted(filled, key=lambda sheet: sheet.is_hidden)]


def table_of(path: Path, number: int, *, is_over: Callable[[], bool] | None = None) -> Table:
    """The sheet as a table. With `is_over`, it ends where looking does, unless the whole has been made before."""
    place = _folder() / f"{path.name[:40]}-{number}.csv"
    known = _known(place)
    if known is not None:
        return known
    if is_over is None:
        return _make(path, number, place, is_over=_never)
    looked = _known(place.with_suffix(".head.csv"))
    return looked or _make(path, number, place, is_over=is_over)


def forget_tables(path: Path) -> None:
    """Remove the tables of this file; they are made again where they are needed."""
    for found in _folder().glob(f"{path.name[:40]}-*"):
        found.unlink(missing_ok=True)


def _says_something(workbook: Workbook, sheet: Sheet, texts: SharedTexts) -> bool:
    return next(read_rows(workbook, sheet, texts=texts, seen=Seen()), None) is not None


def _known(place: Path) -> Table | None:
    try:
        said = json.loads(place.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Table(**{**said, "path": place}) if place.exists() else None


def _make(path: Path, number: int, place: Path, *, is_over: Callable[[], bool]) -> Table:
    place.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    _remove_forgotten(place.parent)
    with Workbook(path) as workbook, SharedTexts(workbook) as texts:
        sheet = next((sheet for sheet in workbook.sheets if sheet.number == number), None)
        if sheet is None:
            raise FileRefused(gettext_noop("The workbook has no such sheet any more."))
        seen = Seen()
        rows = read_rows(workbook, sheet, texts=texts, seen=seen)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, encoding="utf-8", newline="", delete=False) as target:
            temporary = Path(target.name)
            try:
                writing = _Writing(target)
                whole = writing.write(rows, is_over=is_over)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    place = place if whole else place.with_suffix(".head.csv")
    table = Table(
        place, sheet.name, writing.header_row, writing.rows, whole, seen.formulas, seen.without_value, seen.errors,
        writing.texts_as_numbers, writing.texts_as_days,
    )  # fmt: skip
    temporary.replace(place)
    place.with_suffix(".json").write_text(json.dumps({**asdict(table), "path": ""}), encoding="utf-8")
    return table


class _Writing:
    """Writes rows on the lines of their numbers; what stands above the header is left out."""

    def __init__(self, target: tempfile._TemporaryFileWrapper[str]) -> None:
        self._target = target
        self._writer = csv.writer(target, lineterminator="\n")
        self._line = 0
        self.header_row = self.rows = 0
        self.texts_as_numbers = self.texts_as_days = False

    def write(self, rows: Iterator[tuple[int, list[str], int]], *, is_over: Callable[[], bool]) -> bool:
        """Says whether all rows were written."""
        first = list(islice(rows, _LOOKED_AT_FOR_HEADER))
        self.header_row = _header_among(first)
        for row in first:
            if row[0] >= self.header_row:
                self._write(*row)
        for count, row in enumerate(rows, start=1):
            self._write(*row)
            if count % _LOOK_EVERY == 0:
                if is_over():
                    return False
                if self._target.tell() > MOST_TEXT_BYTES:
                    raise FileRefused(gettext_noop("The sheet holds more than can be read."), line=row[0])
        return True

    def _write(self, number: int, cells: list[str], text_cells: int) -> None:
        self._target.write("\n" * (number - self._line - 1))
        self._writer.writerow(cells)
        self._line = number
        self.rows += 1
        if text_cells and number != self.header_row and not (self.texts_as_numbers and self.texts_as_days):
            self._look_at(cells)

    def _look_at(self, cells: list[str]) -> None:
        for cell in cells:
            if len(cell) < 40 and any(map(str.isdigit, cell)):
                self.texts_as_numbers = self.texts_as_numbers or (
                    "," in cell and _NUMBER_AS_TEXT.fullmatch(cell) is not None
                )
                self.texts_as_days = self.texts_as_days or _DAY_AS_TEXT.fullmatch(cell) is not None


def _header_among(rows: list[tuple[int, list[str], int]]) -> int:
    """The number of the first row of texts that is at least half as wide as the widest: titles stand above a header."""
    widest = max(sum(map(bool, cells)) for _number, cells, _texts in rows)
    for number, cells, texts in rows:
        filled = sum(map(bool, cells))
        if texts == filled and 2 * filled >= widest:
            return number
    return rows[0][0]


def _remove_forgotten(folder: Path) -> None:
    before = time.time() - _FORGOTTEN_AFTER_SECONDS
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return environment.home() / "tables"


def _never() -> bool:
    return False
