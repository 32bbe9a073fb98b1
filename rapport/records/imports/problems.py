"""Rows that were refused, as a file to mend and import again; cells that a spreadsheet would run are made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import groupby

from rapport.records.models import Import, ImportProblem

MARK_LINE = "rapport: line"
MARK_COLUMN = "rapport: column"
MARK_REASON = "rapport: reason"
MARKS = (MARK_LINE, MARK_COLUMN, MARK_REASON)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FIRST_LETTERS = frozenset((*DANGEROUS, "'"))


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet might run it; reading the file again takes it off."""
    if cell[:1] not in FIRST_LETTERS:
        return cell
    if cell[0] != "'" or cell[1:].startswith((*DANGEROUS, "'")):
        return f"'{cell}"
    return cell


def refused_rows_as_csv(job: Import) -> Iterator[str]:
    """The refused rows as they were in the file, with line, column and reason behind, in pieces of text."""
    header: Sequence[str] = [name for name in job.answers.get("header", []) if name not in MARKS]
    yield "\ufeff" + _line([harmless(name) for name in header] + list(MARKS))
    problems = ImportProblem.objects.filter(job=job).order_by("line", "pk").iterator(chunk_size=2000)
    for line, of_line in groupby(problems, key=lambda problem: problem.line):
        found = list(of_line)
        cells = [harmless(cell) for cell in _width(found[0].row, len(header))]
        columns = "; ".join(dict.fromkeys(p.column for p in found if p.column))
        reasons = "; ".join(f"{p.column}: {p.reason}" if p.column else p.reason for p in found)
        yield _line([*cells, str(line), harmless(columns), harmless(reasons)])


def _width(row: list[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))][:width]


def _line(cells: Sequence[str]) -> str:
    """Every cell in quotes: a spreadsheet that takes another sign for the separator must not see cells inside one."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return buffer.getvalue()
