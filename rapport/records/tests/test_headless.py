"""Files whose first line is a row already, and files whose columns stand below each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapport.records.imports.headless import header_by_shape
from rapport.records.imports.rows import first_rows, read_blocks

NAMES = ("customer id", "date", "units", "amount")


def kept(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("divided_by", [",", ";", "\t", "|", " ", "   "])
def test_rows_that_a_shape_knows_need_no_header(tmp_path: Path, divided_by: str) -> None:
    rows = [["00004", "19970101", "2", "29.33"], ["00004", "19970118", "2", "29.73"]]
    path = kept(tmp_path, "".join(divided_by.join(row) + "\r\n" for row in rows))

    header = header_by_shape(path, "utf-8")

    assert header is not None
    assert (header.names, header.first_line, header.is_named_here) == (NAMES, 1, True)
    assert list(first_rows(path, "utf-8", header, at_most=9)) == rows
    assert [(block.line, block.rows) for block in read_blocks(path, "utf-8", header)] == [(1, 2)]


def test_columns_below_each_other_may_be_indented_and_end_in_spaces(tmp_path: Path) -> None:
    path = kept(
        tmp_path, "\n id  day      how_many   dollars  \n 00004 19970101  1   11.77 \n 00005 19970112 10  7.00\n"
    )

    header = header_by_shape(path, "utf-8")

    assert header is not None
    assert (header.names, header.first_line, header.is_named_here) == (("id", "day", "how_many", "dollars"), 3, False)
    rows = [[cell for cell in row if cell] for row in first_rows(path, "utf-8", header, at_most=9)]
    assert rows == [["00004", "19970101", "1", "11.77"], ["00005", "19970112", "10", "7.00"]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name of the customer\nAda\n",
        "id,date,units,amount\n4,19970101,1,2.00\n",
        "4,19971301,1,2.00\n",
        "4,1997-01-01,1,2.00\n",
        "4,19970101,1\n",
        "4,19970101,1,2.00\nword,word,word,word\nword,word,word,word\n",
        '"4,19970101,1,2.00\n',
        "\0\1\2",
    ],
)
def test_any_other_file_has_a_header_of_its_own(tmp_path: Path, text: str) -> None:
    assert header_by_shape(kept(tmp_path, text), "utf-8") is None


def test_a_few_broken_rows_do_not_hide_the_shape(tmp_path: Path) -> None:
    path = kept(tmp_path, "".join(f"{n},19970101,1,{'x' if n == 3 else n}\n" for n in range(1, 9)))

    assert header_by_shape(path, "utf-8") is not None
