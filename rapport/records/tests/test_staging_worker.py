"""Rows on their way to the staging table: whatever a cell holds, it refuses its own row at most."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rapport.records.imports.staging_worker import RowParser, Spec, SpecColumn
from rapport.records.imports.values import Reading

COLUMNS = (
    SpecColumn("number", 0, "Number", "code", True, (), 200),
    SpecColumn("price", 1, "Price", "money", False, (), 200),
)


def stumbling_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows, and stumbles over a price of 13."""

    def finish(values: dict[str, Any]) -> None:
        if values["price"] == 13_000_000:
            raise OverflowError("thirteen")

    return finish


@pytest.fixture
def parser() -> RowParser:
    finish = f"{__name__}.stumbling_finisher"
    staged = ("number", "price", "raw", "raw_hash")
    headers = ("Number", "Price", "Note")
    return RowParser(Spec(1, COLUMNS, headers, ",", (2,), staged, ("number",), 1, finish, Reading(), {}))


def test_what_no_reader_expects_refuses_the_row_alone(parser: RowParser) -> None:
    problems: list[tuple[str, str, str]] = []

    assert parser.parse(["1", "13", ""], problems) is None
    assert problems == [("", "", "unreadable")]
    assert parser.parse(["2", "14", ""], []) is not None


def test_half_a_character_refuses_the_row_where_it_is_read_and_is_marked_where_it_is_only_kept(
    parser: RowParser,
) -> None:
    problems: list[tuple[str, str, str]] = []

    assert parser.parse(["a\ud800", "1", ""], problems) is None
    assert [code for _column, _cell, code in problems] == ["surrogate"]
    kept = parser.parse(["a", "1", "x\ud800y\0z"], [])
    assert kept is not None
    assert json.loads(kept[2][2]) == {"Price": "1", "Note": "x\ufffdyz"}
