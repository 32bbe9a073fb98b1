"""From the bytes of a file to its text: compression, and which encoding is certain and which only a guess."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from rapport.records.values import gettext_noop

MOST_TEXT_BYTES = 20 << 30
MOST_UNPACKED = 200
_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_CANDIDATES = (
    "utf-8",
    "cp1252",
    "gb18030",
    "cp949",
    "cp932",
    "big5",
    "cp1250",
    "cp1251",
    "utf-16-le",
    "utf-16-be",
    "latin-1",
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = (
    (
        b"PK\x03\x04",
        gettext_noop("The file is an Excel workbook or a ZIP archive. Save the sheet as CSV (UTF-8) and try again."),
    ),
    (
        b"\xd0\xcf\x11\xe0",
        gettext_noop("The file is an old Excel workbook. Save the sheet as CSV (UTF-8) and try again."),
    ),
    (b"%PDF", gettext_noop("The file is a PDF, not a table of text.")),
)


class FileRefused(ValueError):
    """The file as a whole cannot be read; nothing of it was taken. `line` and `column` count from 1, where known.

    `message` is marked for translation and filled with `values`; in_words(gettext) says it in the reader's language.
    """

    def __init__(self, message: str, *, line: int = 0, column: int = 0, **values: object) -> None:
        self.message, self.line, self.column, self.values = message, line, column, values
        super().__init__(self.in_words(str))

    def in_words(self, translate: Callable[[str], str]) -> str:
        where = ""
        if self.column:
            where = translate(gettext_noop("Line %(line)s, column %(column)s: "))
        elif self.line:
            where = translate(gettext_noop("Line %(line)s: "))
        return where % {"line": self.line, "column": self.column} + translate(self.message) % self.values


@dataclass(frozen=True)
class Candidate:
    """An encoding the file may have, with the first lines of it that tell encodings apart."""

    encoding: str
    sample: str


@dataclass(frozen=True)
class Encodings:
    """`certain` is set when there is no doubt: ASCII, UTF-8 throughout, or a byte order mark."""

    certain: str
    candidates: tuple[Candidate, ...]


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where they are gzip's."""
    file = path.open("rb")
    if file.read(2) == b"\x1f\x8b":
        file.close()
        return cast(IO[bytes], gzip.open(path, "rb"))
    file.seek(0)
    return file


def open_lines(path: Path, encoding: str) -> io.TextIOWrapper:
    """The text with its line ends as they are; a first byte order mark is not part of it."""
    name = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    return io.TextIOWrapper(io.BufferedReader(open_bytes(path), _BLOCK), encoding=name, errors="strict", newline="")  # type: ignore[type-var,arg-type]


def inspect(path: Path) -> Encodings:
    """Read the whole file once and say in which encoding it is, or in which it may be."""
    head = _head(path)
    if not head:
        raise FileRefused(gettext_noop("The file is empty."))
    for magic, message in _NOT_TEXT:
        if head.startswith(magic):
            raise FileRefused(message)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            problem = first_undecodable_line(path, encoding)
            if problem:
                raise FileRefused(
                    gettext_noop(
                        "The file begins with the mark of Unicode text, but these bytes are not. It may be cut off or damaged."
                    ),
                    line=problem,
                )
            return Encodings(encoding, ())
    wide = head[:4096].count(0) > len(head[:4096]) // 8
    if not wide and not first_undecodable_line(path, "utf-8"):
        return Encodings("utf-8", ())
    return Encodings("", _candidates(path, head, wide=wide))


def first_undecodable_line(path: Path, encoding: str) -> int:
    """The first line whose bytes are not text in `encoding`, or 0."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, size = 1, path.stat().st_size
    unpacked = 0
    try:
        for block in _blocks(path):
            unpacked += len(block)
            if unpacked > MOST_TEXT_BYTES or unpacked > MOST_UNPACKED * size + (64 << 20):
                raise FileRefused(gettext_noop("The file unpacks to far more than its size; it was not read further."))
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeDecodeError as error:
                return line + _newlines(error.object[: error.start], encoding)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return line
    return 0


def _newlines(before: bytes, encoding: str) -> int:
    return before.decode(encoding, "replace").count("\n")


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with open_bytes(path) as file:
            while block := file.read(_BLOCK):
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRefused(gettext_noop("The compressed file is cut off or damaged.")) from error


def _head(path: Path) -> bytes:
    return next(_blocks(path), b"")[:_SAMPLE]


def _candidates(path: Path, head: bytes, *, wide: bool) -> tuple[Candidate, ...]:
    guessed = [_name(match.encoding) for match in from_bytes(head)][:4]
    wide_first = ["utf-16-le", "utf-16-be"] if wide else []
    found: list[Candidate] = []
    for encoding in dict.fromkeys([*wide_first, *guessed, *_CANDIDATES]):
        if wide != encoding.startswith("utf-16") or first_undecodable_line(path, encoding):
            continue
        sample = _telling_lines(head.decode(encoding, "ignore"))
        if sample and all(sample != other.sample for other in found):
            found.append(Candidate(encoding, sample))
    if not found:
        line = first_undecodable_line(path, "utf-8")
        raise FileRefused(
            gettext_noop("The file is not text in any encoding known here; it may be damaged or cut off."), line=line
        )
    return tuple(found[:8])


def _name(encoding: str) -> str:
    return encoding.replace("_", "-").replace("utf-16-sig", "utf-16")


def _telling_lines(text: str) -> str:
    """Up to three lines that are not plain ASCII (or the first ones), short enough to be shown."""
    lines = text.splitlines()
    telling = [line for line in lines if not line.isascii()] or lines
    return "\n".join(line[:200] for line in telling[:3])
