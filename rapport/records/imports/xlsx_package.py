"""The package of a workbook: its parts read with bounds, its sheets, and which cells its styles make dates. No Django here."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from rapport.records.imports.decoding import MOST_UNPACKED, FileRefused
from rapport.records.imports.values import gettext_noop

MOST_PARTS = 10_000
MOST_PART_BYTES = 16 << 30
MOST_SMALL_PART = 64 << 20
_SLACK = 64 << 20
_BLOCK = 1 << 18
_DATES_BUILT_IN = {*range(14, 18), *range(27, 32), 36, *range(50, 59)}
_TIMES_BUILT_IN = {18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47}
_LONGEST_PATTERN = 1_000  # letters that are looked at; spreadsheets take 255
_NOT_PATTERN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)

DAMAGED = gettext_noop("The workbook is cut off or damaged.")
BOMB = gettext_noop("The workbook unpacks to far more than its size; it was not read further.")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its place among the sheets, its name, and where it lies in the package."""

    number: int
    name: str
    part: str
    is_hidden: bool


class Workbook:
    """An opened workbook. Raises FileRefused where the file is not one, is locked, or was packed to do harm."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FileRefused(DAMAGED) from error
        if len(self._zip.infolist()) > MOST_PARTS:
            raise FileRefused(BOMB)
        self._names = {info.filename.lstrip("/").casefold(): info for info in self._zip.infolist()}
        self._relations: dict[str, tuple[str, str]] = {}
        self.is_1904 = False
        self.sheets = self._read_sheets()

    def close(self) -> None:
        self._zip.close()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def parse(self, part: str, prepare: Callable[[Any], None], *, at_most: int = MOST_PART_BYTES) -> Iterator[None]:
        """Feed a part to handlers that `prepare` sets on an expat parser; comes back after each block that was read."""
        info = self._names.get(part.casefold())
        if info is None:
            raise FileRefused(DAMAGED)
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        prepare(parser)
        most = min(at_most, MOST_UNPACKED * info.compress_size + _SLACK)
        read = 0
        try:
            with self._zip.open(info) as file:
                while block := file.read(_BLOCK):
                    read += len(block)
                    if read > most:
                        raise FileRefused(BOMB)
                    parser.Parse(block, False)
                    yield
            parser.Parse(b"", True)
            yield
        except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise FileRefused(DAMAGED) from error

    def shared_strings_part(self) -> str:
        """The part with the texts that cells share; empty where there is none."""
        return next((target for kind, target in self._relations.values() if kind == "sharedStrings"), "")

    def date_styles(self) -> list[str]:
        """For each style of cells: "date", "instant", "time", or nothing where it is no date."""
        part = next((target for kind, target in self._relations.values() if kind == "styles"), "")
        if not part or part.casefold() not in self._names:
            return []
        patterns: dict[int, str] = {}
        styles: list[str] = []
        inside: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            local = name.rpartition(":")[2]
            inside.append(local)
            number = whole_number(attributes.get("numFmtId", ""))
            if local == "numFmt" and number is not None:
                patterns[number] = attributes.get("formatCode", "")
            elif local == "xf" and "cellXfs" in inside:
                styles.append(_meaning(number or 0, patterns))

        self._read(part, start, lambda _name: inside.pop())
        return styles

    def _read(self, part: str, start: Callable[[str, dict[str, str]], None], end: Callable[[str], object]) -> None:
        def prepare(parser: Any) -> None:
            parser.StartElementHandler, parser.EndElementHandler = start, end

        for _block in self.parse(part, prepare, at_most=MOST_SMALL_PART):
            pass

    def _relations_of(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the type, part)."""
        folder, _, name = part.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name.rpartition(":")[2] == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, place.lstrip("/"))

        self._read(f"{folder}/_rels/{name}.rels".lstrip("/"), start, lambda _name: None)
        return found

    def _read_sheets(self) -> tuple[Sheet, ...]:
        main = next((t for kind, t in self._relations_of("").values() if kind == "officeDocument"), "")
        self._relations = self._relations_of(main)
        sheets: list[Sheet] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            local = name.rpartition(":")[2]
            if local == "workbookPr":
                self.is_1904 = attributes.get("date1904", "") in ("1", "true")
            elif local == "sheet":
                relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
                kind, part = self._relations.get(relation, ("", ""))
                if kind == "worksheet":
                    hidden = attributes.get("state", "visible") != "visible"
                    sheets.append(Sheet(len(sheets) + 1, attributes.get("name", ""), part, hidden))

        self._read(main, start, lambda _name: None)
        return tuple(sheets)


def whole_number(text: str) -> int | None:
    """A count or a place as packages write them; nothing for what only looks like one, or has more digits than any has."""
    return int(text) if text.isdigit() and text.isascii() and len(text) < 10 else None


def is_workbook(path: Path) -> bool:
    """Whether the content, whatever the name, is a workbook of sheets in XML."""
    return any(name == "[content_types].xml" for name in _names_in(path))


def _names_in(path: Path) -> list[str]:
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return []
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.casefold() for name in archive.namelist()[:MOST_PARTS]]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


def _refuse_doctype(*_declaration: object) -> None:
    """Workbooks have none; entities that it could declare would grow without bound."""
    raise FileRefused(DAMAGED)


def _meaning(number: int, patterns: dict[int, str]) -> str:
    if number in patterns:
        return _meaning_of_pattern(patterns[number])
    if number == 22:
        return "instant"
    if number in _DATES_BUILT_IN:
        return "date"
    return "time" if number in _TIMES_BUILT_IN else ""


def _meaning_of_pattern(pattern: str) -> str:
    if pattern.casefold() in ("general", "@"):
        return ""
    plain = _NOT_PATTERN.sub("", pattern[:_LONGEST_PATTERN]).split(";")[0].casefold().replace("general", "")
    has_day = "y" in plain or "d" in plain
    has_hour = "h" in plain or "s" in plain
    if has_day:
        return "instant" if has_hour else "date"
    if has_hour:
        return "time"
    return "date" if "m" in plain else ""
