"""Rows of a person in the files that were imported, and the same files without them."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from rapport.core import files
from rapport.core.files import StoredFile
from rapport.core.personal import Person
from rapport.records.imports.decoding import MOST_UNPACKED, FileRefused, open_bytes, open_lines
from rapport.records.imports.rows import Block, Header, dialect_of
from rapport.records.imports.xlsx import table_of
from rapport.records.models import Import

MOST_BYTES = 4 << 30
_BLOCK = 1 << 20
_SLACK = 64 << 20
_FEWEST_DIGITS = 7
_COMPARED_DIGITS = 9
_TEXT_AT_ONCE, _QUOTE = 1 << 16, '"'
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))


@dataclass
class FileCopy:
    """A stored file that holds rows of a person: physical line → cells. One that cannot be read row by row goes as a whole."""

    import_id: int
    stored: StoredFile
    answers: dict[str, Any] = field(default_factory=dict)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    is_unreadable: bool = False

    def without_rows(self) -> StoredFile:
        """The file with an empty line for each line of hers, so that all others keep their place; kept in the store."""
        if self.is_unreadable:
            return files.store(iter([b""]), at_most=MOST_BYTES)
        return files.store(self._bytes(), at_most=MOST_BYTES)

    def _bytes(self) -> Iterator[bytes]:
        encode = codecs.getincrementalencoder(self.answers["encoding"])().encode  # one byte order mark, not one a piece
        pieces = (encode(text) for text in self._text())
        if not _is_packed(self.stored):
            yield from pieces
            return
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed:
            for piece in pieces:
                packed.write(piece)
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    def _text(self) -> Iterator[str]:
        header, encoding = _header(self.answers), self.answers["encoding"]
        with open_lines(self.stored.path, encoding) as lines:
            for _number in range(header.first_line - 1):
                yield lines.readline()
            hers = {line for line, _cells in self.rows}
            for block in _blocks(lines, header):
                if not any(block.line <= line <= _last_line(block) for line in hers):
                    yield block.text
                    continue
                yield "".join(
                    _line_ends(text) if line in hers else text for line, text, _cells in _rows(block, header.delimiter)
                )


def find_copies(person: Person) -> list[FileCopy]:
    """Every stored file with rows of hers, each once."""
    found: dict[str, FileCopy] = {}
    for job in Import.objects.order_by("pk"):
        stored = StoredFile(job.file_digest, job.file_size)
        if not job.file_digest or stored.digest in found or not stored.path.is_file():
            continue
        copy = _look_through(job, stored, person)
        if copy is not None:
            found[stored.digest] = copy
    return list(found.values())


def _look_through(job: Import, stored: StoredFile, person: Person) -> FileCopy | None:
    copy = FileCopy(job.pk, stored, job.answers)
    try:
        copy.rows = list(_rows_of(job, stored, person))
    except (FileRefused, LookupError, ValueError, csv.Error, EOFError, OSError, zlib.error):
        copy.is_unreadable = True
        return copy if _mentions(stored, person) else None
    copy.is_unreadable = bool(job.answers.get("sheet"))  # rows cannot be taken out of a workbook
    return copy if copy.rows else None


def _rows_of(job: Import, stored: StoredFile, person: Person) -> Iterator[tuple[int, dict[str, str]]]:
    header = _header(job.answers)
    is_hers = _Hers(job, header, person)
    with open_lines(_table(stored, job.answers), job.answers["encoding"]) as lines:
        for _number in range(header.first_line - 1):
            lines.readline()
        for block in _blocks(lines, header):
            if not is_hers.may_be_in(block):
                continue
            for line, _text, cells in _rows(block, header.delimiter):
                if is_hers(line, cells):
                    yield line, dict(zip(header.names, cells, strict=False))


def _blocks(lines: io.TextIOWrapper, header: Header) -> Iterator[Block]:
    """What is left of a file in pieces of whole rows. Where nothing is quoted a line is a row, and nothing has to be parsed."""
    line = header.first_line
    while text := lines.read(_TEXT_AT_ONCE):
        text += lines.readline()
        if _QUOTE in text:
            text = _up_to_the_end_of_a_row(text, lines, header.delimiter)
        block = Block(line, text, 0)
        line += _line_count(text)
        yield block


def _up_to_the_end_of_a_row(text: str, lines: io.TextIOWrapper, delimiter: str) -> str:
    """The text, with as many more lines as its last row goes on for."""
    begun = list(io.StringIO(text, newline=""))
    taken: list[str] = []

    def all_lines() -> Iterator[str]:
        for each in begun:
            taken.append(each)
            yield each
        while each := lines.readline():
            taken.append(each)
            yield each

    reader = csv.reader(all_lines(), **dialect_of(delimiter), strict=True)
    while len(taken) < len(begun) and next(reader, None) is not None:
        pass
    return "".join(taken)


class _Hers:
    """Whether a row is about the person: by its line, her id in this source, an address or number; or by her name alone."""

    def __init__(self, job: Import, header: Header, person: Person) -> None:
        self._lines = {line for number, line in person.lines if number == job.pk}
        self._person = person
        self._digits = {_number(phone) for phone in person.phones} - {""}
        mapping = job.answers.get("mapping") or {}
        named = ("external_id", "customer_number", "email", "phone")
        self._key_places = {mapping[name] for name in named[:2] if name in mapping}
        self._said_places = {mapping[name] for name in named if name in mapping}
        self._ids = {external_id for _source, external_id in person.keys}
        self._texts = person.emails | person.phones | person.names
        self._words = {
            each.lower(): re.compile(rf"(?<!\w){re.escape(each.lower())}(?!\w)") for each in self._ids if each
        }

    def may_be_in(self, block: Block) -> bool:
        if any(block.line <= line <= _last_line(block) for line in self._lines):
            return True
        lowered = block.text.lower()
        if any(text in lowered for text in self._texts):
            return True
        if any(word in lowered and whole.search(lowered) for word, whole in self._words.items()):
            return True
        digits = _digits(block.text) if self._digits else ""
        return any(number in digits for number in self._digits)

    def __call__(self, line: int, cells: list[str]) -> bool:
        if line in self._lines:
            return True
        person, lowered = self._person, [cell.strip().lower() for cell in cells]
        if any(place < len(cells) and cells[place].strip() in self._ids for place in self._key_places):
            return True
        for cell in lowered:
            if cell in person.phones or any(email in cell for email in person.emails if "@" in cell):
                return True
            if self._digits and cell[:1] in "+0123456789(" and _number(cell) in self._digits:
                return True
        says_who = any(place < len(cells) and cells[place].strip() for place in self._said_places)
        return not says_who and any(cell in person.names for cell in lowered)


def _rows(block: Block, delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """The physical line each row begins on, its text as it stands, its cells."""
    lines = list(io.StringIO(block.text, newline=""))
    reader = csv.reader(lines, **dialect_of(delimiter), strict=True)
    before = 0
    for cells in reader:
        yield block.line + before, "".join(lines[before : reader.line_num]), cells
        before = reader.line_num


def _line_ends(text: str) -> str:
    return re.sub(r"[^\r\n]", "", text)


def _mentions(stored: StoredFile, person: Person) -> bool:
    """Whether the bytes name her, in any of the encodings that files come in. What cannot be looked into is taken to."""
    needles = {
        text.encode(e) for text in person.identifying | person.names for e in ("utf-8", "utf-16-le", "utf-16-be")
    }
    try:
        if zipfile.is_zipfile(stored.path):
            with zipfile.ZipFile(stored.path) as archive:
                parts = [info for info in archive.infolist() if info.filename.endswith(".xml")]
                return any(_is_said_in(archive.open(part), needles, packed=part.compress_size) for part in parts)
        with open_bytes(stored.path) as file:
            return _is_said_in(file, needles, packed=stored.path.stat().st_size)
    except (FileRefused, OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        return True


def _is_said_in(file: IO[bytes], needles: set[bytes], *, packed: int) -> bool:
    """Whether a stream says one of these. One that unpacks to far more than its size was packed to do harm."""
    before, most, read = b"", MOST_UNPACKED * packed + _SLACK, 0
    while block := file.read(_BLOCK):
        read += len(block)
        if read > most:
            return True
        text = (before + block).lower()
        if any(needle in text for needle in needles):
            return True
        before = block[-400:]
    return False


def _table(stored: StoredFile, answers: dict[str, Any]) -> Path:
    """The file itself, or the table that its chosen sheet is."""
    return table_of(stored.path, int(answers["sheet"])).path if answers.get("sheet") else stored.path


def _header(answers: dict[str, Any]) -> Header:
    return Header(tuple(answers["header"]), answers["delimiter"], answers["first_line"])


def _is_packed(stored: StoredFile) -> bool:
    with stored.path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _last_line(block: Block) -> int:
    return block.line + _line_count(block.text)


def _line_count(text: str) -> int:
    """However lines end: a line feed, a carriage return, or both."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends if not text or text[-1] in "\r\n" else ends + 1


def _digits(text: str) -> str:
    return text.encode("ascii", "ignore").translate(None, _NO_DIGITS).decode()


def _number(text: str) -> str:
    """The end of a phone number, which is the same with the country's code and without; nothing where it is too short."""
    digits = _digits(text)
    return digits[-_COMPARED_DIGITS:] if len(digits) >= _FEWEST_DIGITS else ""
