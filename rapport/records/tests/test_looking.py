"""A file is looked through once, and not for ever."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from rapport.core.clock import utc_now
from rapport.core.files import store
from rapport.records.imports import actions
from rapport.records.imports.decoding import FileRefused, inspect, open_bytes
from rapport.records.imports.planning import AnswerInvalid
from rapport.records.imports.rows import read_header
from rapport.records.models import Import

AMBIGUOUS = b"id,name,born\n" + b"1,Ana,01/02/2003\n" * 30_000


def new_draft(content: bytes) -> Import:
    stored = store([content], at_most=1 << 30)
    return actions.begin_import(stored, file_name="people.csv", by=None, now=utc_now())


def over() -> bool:
    return True


@pytest.mark.usefixtures("db", "home")
def test_what_was_found_in_a_file_is_kept_with_its_draft() -> None:
    job = new_draft(AMBIGUOUS)
    first = actions.answer_import(job, {"source": "shop"})
    assert [question.name for question in first.questions] == ["dates"]
    again = Import.objects.get(pk=job.pk)
    # only the beginning of the file is still read: rows after it that would decide are not looked at any more
    path = actions.file_of(job).path
    path.write_bytes(AMBIGUOUS + b"2,Bob,31/12/2003\n")

    plan = actions.plan_of(again)

    assert plan.questions == first.questions
    assert plan.answers.items() >= first.answers.items()


@pytest.mark.usefixtures("db", "home")
def test_a_file_that_is_refused_is_looked_through_once() -> None:
    job = new_draft(b"PK\x03\x04 a workbook")
    with pytest.raises(FileRefused, match="Excel"):
        actions.answer_import(job, {})
    actions.file_of(job).path.unlink()

    with pytest.raises(FileRefused, match="Excel"):
        actions.plan_of(Import.objects.get(pk=job.pk))


@pytest.mark.usefixtures("db", "home")
def test_what_cannot_be_found_out_in_time_is_asked() -> None:
    job = new_draft(b"id,name,born\n" + b"1,Ana,2003-02-01\n" * 5_000 + b"2,Bob,31/12/2003\n")

    plan = actions.answer_import(job, {"source": "shop"}, seconds=0)

    assert [question.name for question in plan.questions] == ["dates"]
    plan = actions.answer_import(new_draft(AMBIGUOUS + b"2,Bob,31/12/2003\n"), {"source": "shop"}, seconds=60)
    assert plan.answers["dates"] == "dmy"


def test_an_encoding_is_told_by_what_was_read_in_time(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"id,name\n" + "1,Zoë\n".encode() * 400_000 + b"\xff")

    assert inspect(path, is_over=over).certain == "utf-8"
    assert inspect(path).certain == ""


def test_a_file_packed_to_do_harm_is_not_unpacked_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _block in range(300):
            file.write(b"\n" * (1 << 20))

    with open_bytes(path) as packed, pytest.raises(FileRefused, match="far more than its size"):
        list(iter(lambda: packed.read(1 << 20), b""))


def test_a_thousand_columns_of_one_name_are_told_apart_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(["a"] * 998 + ["a (2)", "b"]) + "\n1\n")

    names = read_header(path, "utf-8").names

    assert len(set(names)) == 1000
    assert names[:3] == ("a", "a (2)", "a (3)")


@pytest.mark.usefixtures("db", "home")
@pytest.mark.parametrize(
    "encoding",
    ["utf-8\0", "undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "hex", "rot13"],
)
def test_what_is_no_encoding_of_tables_is_refused_in_words(encoding: str) -> None:
    with pytest.raises(AnswerInvalid, match="not an encoding known here"):
        actions.answer_import(new_draft(b"id,name\n1,Ada\n"), {"encoding": encoding})


@pytest.mark.usefixtures("db", "home")
def test_utf_16_without_its_mark_is_refused_in_words(ada: Any) -> None:
    with pytest.raises(FileRefused, match="not utf-16 text"):
        actions.answer_import(new_draft("id,name\n1,Ada\n".encode("utf-16-le")), {"encoding": "utf-16"})
