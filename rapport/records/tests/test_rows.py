"""Rows: whole, with their physical lines; what is broken is refused by line and column."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.rows import BLOCK_ROWS, first_rows, read_blocks, read_header


def kept(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode())
    return path


def blocks_of(path: Path) -> list[tuple[int, int]]:
    return [(block.line, block.rows) for block in read_blocks(path, "utf-8", read_header(path, "utf-8"))]


def rows_of(path: Path) -> list[list[str]]:
    return list(first_rows(path, "utf-8", read_header(path, "utf-8"), at_most=100))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_divides_the_header(tmp_path: Path, delimiter: str) -> None:
    header = read_header(
        kept(tmp_path, delimiter.join(("id", "full, name", "x")).replace("full, name", '"full, name"') + "\n"), "utf-8"
    )

    assert (header.names, header.delimiter) == (("id", "full, name", "x"), delimiter)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, end: str) -> None:
    path = kept(tmp_path, end.join(("a,b", "1,2", "3,4", "")))

    assert rows_of(path) == [["1", "2"], ["3", "4"]]
    assert blocks_of(path) == [(2, 2)]


def test_headers_are_made_distinct_and_empty_ones_are_named(tmp_path: Path) -> None:
    assert read_header(kept(tmp_path, "a,,a,\n1,2,3,4\n"), "utf-8").names == ("a", "Column 2", "a (2)")


def test_a_header_with_a_line_break_inside_quotes_is_one_header(tmp_path: Path) -> None:
    header = read_header(kept(tmp_path, '\n\n"first\nname",b\n1,2\n'), "utf-8")

    assert (header.names, header.first_line) == (("first name", "b"), 5)


def test_blocks_begin_on_physical_lines_also_after_line_breaks_in_cells(tmp_path: Path) -> None:
    path = kept(tmp_path, "a,b\n" + '1,"two\nlines"\n' * (BLOCK_ROWS + 1))

    assert blocks_of(path) == [(2, BLOCK_ROWS), (2 + 2 * BLOCK_ROWS, 1)]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('a,b,c\n1,2,3\n4,"5,6\n7,8,9\n', 3, 2, "never closed"),
        ('a,b,c\n1,2,"3"x\n', 2, 3, "closing quotation mark"),
        ("a,b\n1," + '"' + "x" * (2 << 20), 2, 2, "larger than 1 MB"),
        ("a,b\n1," + "x" * (50 << 20) + "\n", 2, 2, "larger than 1 MB"),
        (",".join(f"c{n}" for n in range(10_000)) + "\n1\n", 1, 1001, "10,000 columns"),
    ],
    ids=["open quote", "text after a quote", "open quote in a long file", "50 MB cell", "10,000 columns"],
)
def test_a_broken_file_is_refused_by_line_and_column(
    tmp_path: Path, text: str, line: int, column: int, words: str
) -> None:
    path = kept(tmp_path, text)

    with pytest.raises(FileRefused, match=words) as refusal:
        blocks_of(path)

    assert (refusal.value.line, refusal.value.column) == (line, column)


def test_a_file_of_empty_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no header"):
        read_header(kept(tmp_path, "\n\n , ,\n"), "utf-8")


def test_rows_with_and_without_quotation_marks_come_whole_and_on_their_lines(tmp_path: Path) -> None:
    plain, quoted = "1,plain\n", '2,"in\ntwo\nlines"\n'
    text = "a,b\n" + (plain * 9_000 + quoted + plain * 2 + quoted * 3) * 6 + "\n" + quoted + "3,the last"
    path = kept(tmp_path, text)
    physical = text.splitlines(keepends=True)

    blocks = list(read_blocks(path, "utf-8", read_header(path, "utf-8")))

    assert "".join(block.text for block in blocks) == text.removeprefix("a,b\n")
    assert all(block.text.startswith(physical[block.line - 1]) for block in blocks)
    assert [list(csv.reader(io.StringIO(block.text, newline=""))) for block in blocks if not block.rows] == []
    assert sum(block.rows for block in blocks) == len(list(csv.reader(io.StringIO(text, newline="")))) - 1


def test_bytes_that_are_no_text_are_told_by_their_line_however_far_in(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"a,b\n" + b"1,plain\n" * 70_000 + b"2,\xff\n" + b"3,plain\n" * 9)

    with pytest.raises(FileRefused, match="not text") as refusal:
        blocks_of(path)

    assert refusal.value.line == 70_002
