"""From the bytes of a file to its text: compression, and which encoding is certain and which only a guess."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from rapport.records.imports.encodings import Candidate, candidates, telling_lines
from rapport.records.imports.values import gettext_noop

ENCODINGS = frozenset({
    "ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1",
    "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9",
    "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp437", "cp720", "cp737", "cp775",
    "cp850", "cp852", "cp855", "cp857", "cp858", "cp860", "cp861", "cp862", "cp863", "cp864", "cp865", "cp866", "cp869",
    "cp874", "cp932", "cp949", "cp950", "cp1006", "cp1125", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "big5", "big5hkscs", "gb2312", "gbk", "gb18030", "euc_kr", "johab", "euc_jp",
    "euc_jis_2004", "euc_jisx0213", "shift_jis", "shift_jis_2004", "shift_jisx0213", "iso2022_jp", "iso2022_kr", "koi8-r",
    "koi8-t", "koi8-u", "kz1048", "ptcp154", "tis-620", "mac-cyrillic", "mac-greek", "mac-iceland", "mac-latin2",
    "mac-roman", "mac-turkish",
})  # fmt: skip
MOST_TEXT_BYTES = 20 << 30
MOST_UNPACKED = 200
_MOST_ARCHIVED = 10_000
_TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".tab")
_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_TEXT = (
    (
        b"PK\x03\x04",
        gettext_noop(
            "There is a workbook or an archive inside the packed file. Unpack it and bring in what is inside."
        ),
    ),
    (
        b"\xd0\xcf\x11\xe0",
        gettext_noop(
            "The file is an old Excel workbook (.xls), or one locked with a password. Save it as an Excel workbook (.xlsx)"
            " without a password and try again."
        ),
    ),
    (b"%PDF", gettext_noop("The file is a PDF, not a table of text.")),
)
_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<table")


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
class Encodings:
    """`certain` is set when there is no doubt: ASCII, UTF-8 throughout, or a byte order mark."""

    certain: str
    candidates: tuple[Candidate, ...]


class _Packed(gzip.GzipFile):
    """Unpacks until it is clear that the file was packed to do harm."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._most = min(MOST_TEXT_BYTES, MOST_UNPACKED * path.stat().st_size + (64 << 20))

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > self._most:
            raise FileRefused(gettext_noop("The file unpacks to far more than its size; it was not read further."))
        return super().read(size)


class _Archived(io.BufferedIOBase):
    """The one table in a ZIP archive, unpacked until it is clear that it was packed to do harm."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
            info = _only_table(self._archive.infolist())
            self._file = self._archive.open(info)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise FileRefused(
                gettext_noop("The Excel workbook or ZIP archive is damaged, or locked with a password.")
            ) from error
        self._most = min(MOST_TEXT_BYTES, MOST_UNPACKED * info.compress_size + (64 << 20))
        self._read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        if self._read > self._most:
            raise FileRefused(gettext_noop("The file unpacks to far more than its size; it was not read further."))
        try:
            block = self._file.read(-1 if size is None else size)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise FileRefused(gettext_noop("The compressed file is cut off or damaged.")) from error
        self._read += len(block)
        return block

    def readinto(self, buffer: Any) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._file.close()
        self._archive.close()
        super().close()


def _only_table(infos: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    names = {info.filename.casefold() for info in infos[:_MOST_ARCHIVED]}
    if "mimetype" in names and "content.xml" in names:
        raise FileRefused(
            gettext_noop(
                "The file is an OpenDocument sheet. Save it as an Excel workbook (.xlsx) or as CSV and try again."
            )
        )
    told = [
        info for info in infos
        if not info.is_dir() and not info.filename.startswith(("__MACOSX", ".")) and "/." not in info.filename
    ]  # fmt: skip
    tables = [info for info in told if info.filename.casefold().endswith(_TABLE_ENDINGS)] or told
    if len(tables) != 1:
        raise FileRefused(
            gettext_noop("The ZIP archive holds %(count)s files; bring in one table at a time."), count=len(tables)
        )
    return tables[0]


def is_packed(path: Path) -> bool:
    """Whether its bytes must be unpacked to be read."""
    with path.open("rb") as file:
        return file.read(4).startswith((b"\x1f\x8b", b"PK\x03\x04"))


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where they are gzip's or those of the one file in a ZIP archive."""
    file = path.open("rb")
    magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        file.close()
        return cast(IO[bytes], _Packed(path))
    if magic == b"PK\x03\x04":
        file.close()
        return cast(IO[bytes], _Archived(path))
    file.seek(0)
    return file


def open_lines(path: Path, encoding: str) -> io.TextIOWrapper:
    """The text with its line ends as they are; a first byte order mark is not part of it."""
    name = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    return io.TextIOWrapper(io.BufferedReader(open_bytes(path), _BLOCK), encoding=name, errors="strict", newline="")  # type: ignore[type-var,arg-type]


def _never() -> bool:
    return False


def known_encoding(name: str) -> str | None:
    """The one name of an encoding of tables; nothing for other codecs, whose "text" may be code or no text at all."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return found if found in ENCODINGS else None


def inspect(path: Path, *, is_over: Callable[[], bool] = _never) -> Encodings:
    """Say in which encoding the file is, or in which it may be, by all of it that is read until `is_over`.

    Bytes after that which are not text after all are refused with their line when the rows are read.
    """
    head = refuse_what_is_no_text(path)
    if not head:
        raise FileRefused(gettext_noop("The file is empty."))
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            problem = first_undecodable_line(path, encoding, is_over=is_over)
            if problem:
                raise FileRefused(
                    gettext_noop(
                        "The file begins with the mark of Unicode text, but these bytes are not. It may be cut off or damaged."
                    ),
                    line=problem,
                )
            return Encodings(encoding, ())
    wide = head[:4096].count(0) > len(head[:4096]) // 8
    if not wide and not first_undecodable_line(path, "utf-8", is_over=is_over):
        return Encodings("utf-8", ())
    return Encodings("", _candidates(path, head, wide=wide, is_over=is_over))


def refuse_what_is_no_text(path: Path) -> bytes:
    """The beginning of the file. Raises FileRefused for what is known to be something else than a table of text."""
    head = _head(path)
    for magic, message in _NOT_TEXT:
        if head.startswith(magic):
            raise FileRefused(message)
    if head[:1024].lstrip().lower().startswith(_PAGES):
        raise FileRefused(
            gettext_noop(
                "The file is a page of HTML or XML, whatever its name says. Save it as CSV or .xlsx and try again."
            )
        )
    return head


def first_undecodable_line(path: Path, encoding: str, *, is_over: Callable[[], bool] = _never) -> int:
    """The first line whose bytes are not text in `encoding`, or 0 where there is none, or none until `is_over`."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    try:
        for block in _blocks(path):
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeDecodeError as error:
                return line + _newlines(error.object[: error.start], encoding)
            if is_over():
                return 0
        decoder.decode(b"", True)
    except UnicodeError:  # also what is no UnicodeDecodeError, such as UTF-16 without its byte order mark
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


def _candidates(path: Path, head: bytes, *, wide: bool, is_over: Callable[[], bool]) -> tuple[Candidate, ...]:
    def readable(encoding: str) -> bool:
        return not first_undecodable_line(path, encoding, is_over=is_over)

    found = _wide_candidates(head, readable) if wide else candidates(telling_lines(_until(path, is_over)), readable)
    if not found:
        line = first_undecodable_line(path, "utf-8")
        raise FileRefused(
            gettext_noop("The file is not text in any encoding known here; it may be damaged or cut off."), line=line
        )
    return found


def _until(path: Path, is_over: Callable[[], bool]) -> Iterator[bytes]:
    for block in _blocks(path):
        yield block
        if is_over():
            return


def _wide_candidates(head: bytes, readable: Callable[[str], bool]) -> tuple[Candidate, ...]:
    encodings = [encoding for encoding in ("utf-16-le", "utf-16-be") if readable(encoding)]
    samples = {encoding: _first_lines(head.decode(encoding, "ignore")) for encoding in encodings}
    return tuple(Candidate(encoding, sample) for encoding, sample in samples.items() if sample)


def _first_lines(text: str) -> str:
    """Up to three lines that are not plain ASCII (or the first ones), short enough to be shown."""
    lines = text.splitlines()
    telling = [line for line in lines if not line.isascii()] or lines
    return "\n".join(line[:200] for line in telling[:3])
