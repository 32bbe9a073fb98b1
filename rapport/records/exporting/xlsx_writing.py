"""Writing a workbook row by row in bounded memory: numbers, days and flags typed, every text a text that nothing computes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import escape

from rapport.records.imports.problems import DANGEROUS

MOST_ROWS = 1 << 20
LONGEST_TEXT = 32_767
_ROWS_AT_ONCE = 2_000
_GENERAL, _DAY, _INSTANT, _TEXT, _QUOTED, _HEAD, _MONEY = range(7)
_DANGEROUS = frozenset(DANGEROUS)
_FIRST_DAY = datetime(1899, 12, 30)
_FIRST_CERTAIN_DAY = date(1900, 3, 1)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\r]|_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_A_NAME = re.compile(r"[][:*?/\\'\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TO_ESCAPE = re.compile(f"[&<>]|{_UNWRITABLE.pattern}")
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = f"""{_XML}<styleSheet xmlns="{_SPREADSHEET}">\
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>\
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class TextTooLong(ValueError):
    """A text is longer than a cell of a workbook can hold."""


def write_workbook(target: IO[bytes], *, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows of str, int, Decimal, bool, date, naive datetime or None; what one sheet cannot hold goes on in the next."""
    write_sheets(target, title=title, head=head, blocks=_blocks(iter(rows)))


def write_sheets(
    target: IO[bytes], *, title: str, head: Sequence[str], blocks: Iterable[Sequence[Sequence[Any]]]
) -> None:
    """The same of rows that come by the thousand, column by column."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as package:
        waiting = _Waiting(iter(blocks))
        sheets = 0
        is_full = True
        while is_full:
            sheets += 1
            with package.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as part:
                is_full = _write_sheet(part, head, waiting)
        names = [_sheet_name(title, number) for number in range(1, sheets + 1)]
        for name, text in _parts_around(names).items():
            package.writestr(name, text)


def _blocks(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    while block := list(islice(rows, _ROWS_AT_ONCE)):
        yield list(zip(*block, strict=True))


class _Waiting:
    """Blocks of rows, of which a sheet takes as many as it still holds."""

    def __init__(self, blocks: Iterator[Sequence[Sequence[Any]]]) -> None:
        self._blocks = blocks
        self._left: Sequence[Sequence[Any]] = ()

    def take(self, at_most: int) -> Sequence[Sequence[Any]]:
        block = self._left or next(self._blocks, ())
        taken = [values[:at_most] for values in block]
        is_over = bool(block) and len(block[0]) > at_most
        self._left = [values[at_most:] for values in block] if is_over else ()
        return taken


def _write_sheet(part: IO[bytes], head: Sequence[str], waiting: _Waiting) -> bool:
    """Says whether the sheet is full, so that there may be more. Packing goes on beside while the next rows are written."""
    places = [_letters(number) for number in range(len(head))]
    part.write(
        f'{_XML}<worksheet xmlns="{_SPREADSHEET}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1"'
        ' topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'.encode()
    )
    titles = [f'<c r="{place}1"{_text(cell, _HEAD)}</c>' for place, cell in zip(places, head, strict=True)]
    part.write(f'<row r="1">{"".join(titles)}</row>'.encode())
    count = 1
    with ThreadPoolExecutor(max_workers=1) as beside:
        packed = beside.submit(_pack, part, "")
        while count < MOST_ROWS and (block := waiting.take(MOST_ROWS - count)):
            rows = _rows(places, count + 1, block)
            packed.result()
            packed = beside.submit(_pack, part, rows)
            count += len(block[0])
        packed.result()
    part.write(b"</sheetData></worksheet>")
    return count == MOST_ROWS


def _pack(part: IO[bytes], text: str) -> None:
    part.write(text.encode())


def _rows(places: Sequence[str], first: int, block: Sequence[Sequence[Any]]) -> str:
    cells = [_column(place, first, values) for place, values in zip(places, block, strict=True)]
    numbers = range(first, first + len(block[0]))
    rows = zip(numbers, map("".join, zip(*cells, strict=True)), strict=True)
    return "".join([f'<row r="{number}">{row}</row>' for number, row in rows])


def _column(place: str, first: int, values: Sequence[Any]) -> list[str]:
    """The cells of a column from the row `first` on; nothing for nothing."""
    if not _are_plain([value for value in values if type(value) is str]):
        found = enumerate(map(_cell, values), first)
        return [f'<c r="{place}{number}"{cell}</c>' if cell else "" for number, cell in found]
    return [
        (
            f'<c r="{place}{number}" s="{_QUOTED if value[0] in _DANGEROUS else _TEXT}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{value}</t></is></c>'
            if type(value) is str
            else f'<c r="{place}{number}"{_cell(value)}</c>'
        )
        if value is not None and value != ""
        else ""
        for number, value in enumerate(values, first)
    ]


def _are_plain(texts: Sequence[str]) -> bool:
    """Whether all can be written as they are, which is found sooner for many at once."""
    return not texts or (max(map(len, texts)) <= LONGEST_TEXT and not _TO_ESCAPE.search(" ".join(texts)))


def _cell(value: Any) -> str:
    """The attributes and content of a cell; nothing for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return _text(value, _QUOTED if value.startswith(DANGEROUS) else _TEXT)
    if isinstance(value, bool):
        return f' t="b"><v>{int(value)}</v>'
    if isinstance(value, int):
        return f"><v>{value}</v>" if abs(value) < 10**15 else _text(str(value), _TEXT)
    if isinstance(value, Decimal):
        return f' s="{_MONEY}"><v>{value:f}</v>'
    if isinstance(value, datetime):
        days = (value - _FIRST_DAY).total_seconds() / 86_400
        return f' s="{_INSTANT}"><v>{days:.10f}</v>' if value.date() >= _FIRST_CERTAIN_DAY else _text(str(value), _TEXT)
    if isinstance(value, date):
        days = (value - _FIRST_DAY.date()).days
        return f' s="{_DAY}"><v>{days}</v>' if value >= _FIRST_CERTAIN_DAY else _text(value.isoformat(), _TEXT)
    return _cell(str(value))


def _text(value: str, style: int) -> str:
    if len(value) > LONGEST_TEXT:
        raise TextTooLong(value[:40])
    if _TO_ESCAPE.search(value):
        value = escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
    return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is>'


def _letters(number: int) -> str:
    letters = ""
    while number >= 0:
        letters = chr(65 + number % 26) + letters
        number = number // 26 - 1
    return letters


def _sheet_name(title: str, number: int) -> str:
    plain = _NOT_IN_A_NAME.sub(" ", title).strip()[:25] or "Sheet"
    return plain if number == 1 else f"{plain} {number}"


def _parts_around(names: Sequence[str]) -> dict[str, str]:
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>' for n in numbers
    )
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            f'<Relationship Id="rIdStyles" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
        ),
        "_rels/.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>{overrides}</Types>'
        ),
    }  # fmt: skip
