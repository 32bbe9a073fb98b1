"""A report as a file: the lines of its table as CSV or as a workbook, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rapport.insight.report_builder.questions import Measure
from rapport.insight.report_builder.result import Cell, Result, amounts, plain
from rapport.records.exporting.xlsx_writing import LONGEST_TEXT, write_workbook
from rapport.records.imports.problems import harmless

CSV, XLSX, PDF = "csv", "xlsx", "pdf"
KINDS = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PDF: "application/pdf",
}


def as_csv(result: Result) -> bytes:
    """UTF-8 with its mark, each cell in quotes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(each) for each in head(result)])
    for row in rows(result):
        writer.writerow([harmless(each) if isinstance(each, str) else _as_text(each) for each in row])
    return ("\ufeff" + text.getvalue()).encode()


def as_xlsx(result: Result, *, title: str) -> bytes:
    """A workbook whose numbers are numbers and whose texts nothing computes."""
    target = io.BytesIO()
    kept = ([_fitting(each) if isinstance(each, str) else each for each in row] for row in rows(result))
    write_workbook(target, title=title, head=head(result), rows=kept)
    return target.getvalue()


def head(result: Result) -> list[str]:
    """The dimensions, then each measure; amounts once for each currency."""
    return [each.label for each in result.question.dimensions] + [
        f"{measure.label} ({code})" if code else measure.label for measure, code in _columns(result)
    ]


def rows(result: Result) -> Iterator[list[Any]]:
    """The lines of the table, and all together last."""
    columns = _columns(result)
    for cell in result.cells:
        yield [*(each.label for each in cell.parts), *_numbers(cell, columns)]
    names = [_("Together"), *[""] * (len(result.question.dimensions) - 1)]
    yield [*names, *_numbers(result.whole, columns)]


def _columns(result: Result) -> list[tuple[Measure, str]]:
    found = []
    for measure in result.question.measures:
        codes = sorted(amounts(result.whole.sums, measure)) if measure.is_money else [""]
        found += [(measure, code or (result.currency if measure.is_money else "")) for code in codes or [""]]
    return found


def _numbers(cell: Cell, columns: list[tuple[Measure, str]]) -> Iterator[Any]:
    for measure, code in columns:
        found = amounts(cell.sums, measure)
        value = found.get(code, found.get(""))
        yield None if value is None else plain(value, measure)


def _fitting(text: str) -> str:
    """What a cell of a workbook can hold of a text."""
    text = harmless(text) if text[:1] == "'" else text
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
