"""Parses blocks of rows and copies them to the staging table: in the importing process, or as a small process without Django.

As a program (`python -m rapport.records.imports.staging_worker FD …`) it reads a specification from standard input and becomes a
process for each socket, which answers each block with one line of JSON and ends with its socket, so none outlives the one
that started it.
"""

from __future__ import annotations

import csv
import gc
import hashlib
import importlib
import io
import json
import os
import socket
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from psycopg import sql

from rapport.records.imports.rows import MOST_CELL, dialect_of
from rapport.records.imports.unchanged import KnownHashes
from rapport.records.imports.values import REASONS, Reading, ValueRefused, reader_for, storable, without

if TYPE_CHECKING:
    from _typeshed import SupportsRead

BLOCK_HEADER = struct.Struct("!IIB")
OWN_PREFIX = "c_"  # begins the names of fields of the business's own
KEY_SEPARATOR = "\x1f"
MOST_SHOWN = 500
BREAK, ERROR = "\x0b", "\x1e"  # what stands for a line break and for an error in the cells of a sheet
_OF_ALL = ("bucket", "line", "key")
_OF_KNOWN = ("raw_hash",)
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}  # of COPY; the backslash before those that bring one
_PUNCTUATION = " -./()"
Parsed = tuple[int, str, tuple[Any, ...]]  # bucket, key and the rest
Staged = tuple[int, int, str, tuple[Any, ...]]  # the line too


@dataclass(frozen=True)
class SpecColumn:
    """A mapped column: where it stands in the file and how it is read."""

    name: str
    position: int
    header: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    at_most: int


@dataclass(frozen=True)
class Spec:
    """Everything a worker must know; travels as JSON."""

    import_id: int
    columns: tuple[SpecColumn, ...]
    headers: tuple[str, ...]
    delimiter: str
    keep: tuple[int, ...]
    staged: tuple[str, ...]
    key: tuple[str, ...]
    buckets: int
    finish: str
    reading: Reading
    answers: dict[str, Any]
    known: int = -1  # the descriptor of a file of the hashes of rows that are known already

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Spec:
        found = json.loads(text)
        found["columns"] = tuple(SpecColumn(**{**c, "choices": tuple(c["choices"])}) for c in found["columns"])
        found["reading"] = Reading(**found["reading"])
        for name in ("headers", "keep", "staged", "key"):
            found[name] = tuple(found[name])
        return cls(**found)


@dataclass
class BlockResult:
    rows: int = 0
    refused: int = 0
    blank: int = 0
    unescaped: int = 0


class RowParser:
    """Turns cells into the values of the staging table, in the order of its columns."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._columns = [
            (c.name, c.position, c.header, c.required,
             reader_for(c.kind, reading=spec.reading, at_most=c.at_most, choices=c.choices))
            for c in spec.columns
        ]  # fmt: skip
        self._width = len(spec.headers)
        self._finish = _load(spec.finish)(spec.answers | {"columns": [c.name for c in spec.columns]})
        self._nothing: dict[str, Any] = dict.fromkeys(spec.staged)
        self._keeps_raw = "raw" in spec.staged
        self._changing = [(c.name, c.position, c.header) for c in spec.columns if c.kind not in ("text", "code")]
        self._hashes = "raw_hash" in spec.staged
        read = [column.position for column in spec.columns] + list(spec.keep)
        self._cells = itemgetter(*read) if len(read) > 1 else lambda row: (row[read[0]],)
        how = repr((spec.columns, spec.reading, spec.keep, spec.finish)) + KEY_SEPARATOR
        self._hash_of_how = hashlib.md5(how.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        self._known = KnownHashes(spec.known) if spec.known >= 0 else None
        self._key_columns = [(c[1], c[4]) for name in spec.key for c in self._columns if c[0] == name]
        self._own = [c.name for c in spec.columns if c.name.startswith(OWN_PREFIX)] if "custom" in spec.staged else []
        self._is_sheet = bool(spec.answers.get("is_sheet"))
        self._in_order = itemgetter(*spec.staged) if len(spec.staged) > 1 else lambda values: (values[spec.staged[0]],)

    def find_known(self, row: list[str]) -> tuple[int, str, str] | None:
        """(bucket, key, hash) of a row that is known word for word; one with cells to be understood first is read."""
        if self._known is None or len(row) != self._width or (self._is_sheet and any(map(_is_marked, row))):
            return None
        digest = self._digest(row)
        if digest.digest() not in self._known:
            return None
        key = KEY_SEPARATOR.join([str(read(row[position])) for position, read in self._key_columns])
        return self._bucket_of(key), key, digest.hexdigest()

    def parse(self, row: list[str], problems: list[tuple[str, str, str]]) -> Parsed | None:
        """(bucket, key, staged) or None, with (column header, value, code) added to `problems`."""
        if len(row) != self._width and not self._fits(row, problems):
            return None
        if self._is_sheet and not self._understand(row, problems):
            return None
        values = dict(self._nothing)
        for name, position, header, required, read in self._columns:
            cell = row[position]
            try:
                value = read(cell) if cell else None
            except (ValueError, ArithmeticError) as error:
                problems.append((header, cell, _code_of(error)))
                continue
            if value is None and required:
                problems.append((header, cell, "missing"))
            values[name] = value
        if problems:
            return None
        if self._hashes:
            values["raw_hash"] = self._digest(row).hexdigest()
        return self._complete(row, values, problems)

    def _digest(self, row: list[str]) -> Any:
        """Of all that the row says in columns that are read, and of how they are read."""
        digest = self._hash_of_how.copy()
        digest.update(KEY_SEPARATOR.join(self._cells(row)).encode("utf-8", "surrogatepass"))
        return digest

    def _bucket_of(self, key: str) -> int:
        return zlib.crc32(key.encode()) % self.spec.buckets

    def _complete(self, row: list[str], values: dict[str, Any], problems: list[tuple[str, str, str]]) -> Parsed | None:
        try:
            self._finish(values)
        except (ValueError, ArithmeticError) as error:
            columns = getattr(error, "columns", ())
            named = [(header, row[position]) for name, position, header, *_ in self._columns if name in columns]
            problems.append(
                (", ".join(header for header, _cell in named), named[0][1] if named else "", _code_of(error))
            )
            return None
        if self._own:
            values["custom"] = _own_values(values, self._own)
        if self._keeps_raw:
            values["raw"] = self._raw(row, values)
        key = KEY_SEPARATOR.join([str(values[name]) for name in self.spec.key])
        return self._bucket_of(key), key, self._in_order(values)

    def _understand(self, row: list[str], problems: list[tuple[str, str, str]]) -> bool:
        """Give the cells of a sheet their line breaks back; an error is no value."""
        for position, cell in enumerate(row):
            if BREAK in cell:
                row[position] = cell.replace(BREAK, "\n")
            elif cell.startswith(ERROR):
                row[position] = cell[1:]
                if any(position == column.position for column in self.spec.columns):
                    problems.append((self.spec.headers[position], cell[1:], "error_cell"))
        return not problems

    def _raw(self, row: list[str], values: dict[str, Any]) -> str:
        """The cells that reading changed, as they were, and the columns that were chosen to be kept."""
        raw = {}
        for name, position, header in self._changing:
            cell, value = row[position], values[name]
            if cell != value and cell and str(value) != cell and without(cell, _PUNCTUATION) != value:
                raw[header] = storable(cell)
        for position in self.spec.keep:
            if row[position]:
                raw[self.spec.headers[position]] = storable(row[position].replace("\0", ""))
        return json.dumps(raw, ensure_ascii=False) if raw else "{}"

    def _fits(self, row: list[str], problems: list[tuple[str, str, str]]) -> bool:
        if len(row) < self._width and self._is_sheet:
            row.extend([""] * (self._width - len(row)))  # a sheet says nothing of empty cells at the end of a row
            return True
        if len(row) < self._width:
            problems.append((self.spec.headers[len(row)], "", "too_few_cells"))
            return False
        if any(cell.strip() for cell in row[self._width :]):
            problems.append(("", row[self._width][:MOST_SHOWN], "too_many_cells"))
            return False
        return True


def stage_block(cursor: Any, parser: RowParser, *, line: int, text: str, mended: bool = False) -> BlockResult:
    """Parse one block and copy its good rows to the staging table and its bad ones to the problems. One transaction."""
    result = BlockResult()
    good: list[Staged] = []
    known: list[Staged] = []
    bad: list[tuple[Any, ...]] = []
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), **dialect_of(parser.spec.delimiter), strict=True)
    begins = line
    for row in reader:
        here, begins = begins, line + reader.line_num
        if not any(row):
            result.blank += 1
            continue
        if mended:
            row = [_unescaped(cell) for cell in row]
        result.rows += 1
        found = parser.find_known(row)
        if found is not None:
            known.append((found[0], here, found[1], found[2:]))
            continue
        problems: list[tuple[str, str, str]] = []
        parsed = parser.parse(row, problems)
        if parsed is None:
            result.refused += 1
            bad.extend((parser.spec.import_id, here, *_shown(problem), _row_as_json(row)) for problem in problems)
        else:
            good.append((parsed[0], here, parsed[1], parsed[2]))
    _stage_rows(cursor, parser.spec, parser.spec.staged, good)
    _stage_rows(cursor, parser.spec, _OF_KNOWN, known)
    if bad:
        columns = ("job_id", "line", "column", "value", "code", "reason", "row")
        _copy(
            cursor,
            sql.Identifier("records_importproblem"),
            dict(zip(columns, zip(*bad, strict=True), strict=True)),
        )
    return result


def _stage_rows(cursor: Any, spec: Spec, columns: tuple[str, ...], rows: list[Staged]) -> None:
    """Only the columns in which a row says something: files have few of those that an importer knows."""
    if rows:
        rows.sort(key=itemgetter(0))
        *firsts, rest = zip(*rows, strict=True)
        cells: Iterable[tuple[Any, ...]] = (*firsts, *zip(*rest, strict=True))
        said = {name: each for name, each in zip((*_OF_ALL, *columns), cells, strict=True) if _says_something(each)}
        _copy(cursor, sql.Identifier("staging", f"import_{spec.import_id}"), said, null="")


def _says_something(cells: tuple[Any, ...]) -> bool:
    return cells[0] is not None or cells.count(None) < len(cells)


def _copy(
    cursor: Any, table: sql.Identifier, columns: Mapping[str, tuple[Any, ...]], *, null: Literal["", "\\N"] = "\\N"
) -> None:
    """Copy equally long columns. With `null` empty, an empty text is none at all, as in a file."""
    copied = sql.SQL("copy {} ({}) from stdin (null {})").format(
        table, sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Literal(null)
    )
    lines = map("\t".join, zip(*(_as_texts(cells, null) for cells in columns.values()), strict=True))
    with cursor.copy(copied) as copy:
        copy.write("\n".join(lines) + "\n")


def _as_texts(cells: Sequence[Any], null: str) -> Sequence[str]:
    """As COPY reads them. Few columns have a sign in them that means something to it, so they are looked through whole."""
    try:
        texts, whole = cells, "".join(cells)
    except TypeError:  # they are no texts, or not all of them are
        texts = [cell if cell.__class__ is str else null if cell is None else str(cell) for cell in cells]
        whole = "".join(texts)
    if any(sign in whole for sign in _ESCAPES):
        return [text if cell is None else _escaped(text) for cell, text in zip(cells, texts, strict=True)]
    return texts


def _escaped(text: str) -> str:
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return text


def _is_marked(cell: str) -> bool:
    return BREAK in cell or cell.startswith(ERROR)


def _own_values(values: dict[str, Any], names: list[str]) -> str | None:
    """What a row says in fields of the business's own, as JSON in the way these values are kept."""
    said = {name: _as_kept(values[name]) for name in names if values[name] is not None}
    return json.dumps(said, ensure_ascii=False) if said else None


def _as_kept(value: Any) -> Any:
    if isinstance(value, Decimal):
        normal = value.normalize()
        return format(normal if normal else Decimal(0), "f")
    return value.isoformat() if isinstance(value, date) else value


def _shown(problem: tuple[str, str, str]) -> tuple[str, str, str, str]:
    header, value, code = problem
    return header, storable(value[:MOST_SHOWN]), code, REASONS[code]


def _code_of(error: Exception) -> str:
    """Whatever a reader did not expect still refuses the row alone."""
    return error.code if isinstance(error, ValueRefused) else "unreadable"


def _row_as_json(row: list[str]) -> str:
    return json.dumps([storable(cell) for cell in row], ensure_ascii=False)


def _unescaped(cell: str) -> str:
    """The inverse of what rapport.records.imports.problems does to cells that a spreadsheet would run as a formula."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r\n'＝＋－＠" else cell


def _load(dotted: str) -> Callable[[dict[str, Any]], Callable[[dict[str, Any]], None]]:
    if not dotted:
        return lambda answers: lambda values: None
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


def main(sockets: list[str]) -> int:
    """Fork a process for each socket once all is loaded, so that they share it in memory; wait for them."""
    source = sys.stdin.buffer
    (length,) = struct.unpack("!I", _exactly(source, 4))
    start = json.loads(_exactly(source, length))
    parser = RowParser(Spec.from_json(start["spec"]))
    open_sockets = list(map(int, sockets))
    gc.disable()
    gc.freeze()
    for mine in open_sockets:
        if os.fork() == 0:
            for other in open_sockets:
                if other != mine:
                    os.close(other)
            _serve(parser, mine, start["connection"])
            return 0
    for each in open_sockets:
        os.close(each)
    return max([os.waitstatus_to_exitcode(os.wait()[1]) for _ in open_sockets], key=abs)


def _serve(parser: RowParser, number: int, parameters: dict[str, Any]) -> None:
    with (
        socket.socket(fileno=number) as here,
        here.makefile("rb") as blocks,
        here.makefile("w") as answers,
        psycopg.connect(**parameters, autocommit=True) as connection,
    ):
        while header := blocks.read(BLOCK_HEADER.size):
            line, length, mended = BLOCK_HEADER.unpack(header)
            text = _exactly(blocks, length).decode("utf-8", "surrogatepass")
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("set local synchronous_commit = off")
                result = stage_block(cursor, parser, line=line, text=text, mended=bool(mended))
            answers.write(json.dumps(asdict(result)) + "\n")
            answers.flush()
            gc.collect()  # once for a block: in its midst there are only rows to be met


def _exactly(source: SupportsRead[bytes], length: int) -> bytes:
    found = source.read(length)
    if len(found) != length:
        raise SystemExit(0)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
