"""Workbooks and archives as import files: what cells become, what is asked, what is refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.core.files import store
from rapport.customers.models import Customer, Profile
from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.xlsx import Table, forget_tables, table_of
from rapport.records.imports.xlsx_cells import as_day, as_number
from rapport.records.models import Import, ImportProblem
from rapport.records.tests.workbooks import with_part, workbook
from tests.import_files import NOW, draft, import_text

pytestmark = pytest.mark.usefixtures("db", "home")
PEOPLE = [["id", "name", "born", "postal code"], [1001, "Ada", date(1915, 12, 10), "01234"], [1002, "Bob", None, "SW1"]]


def table(content: bytes, sheet: int = 1) -> Table:
    stored = store([content], at_most=MOST_BYTES)
    forget_tables(stored.path)
    return table_of(stored.path, sheet)


def text_of(content: bytes, sheet: int = 1) -> str:
    return table(content, sheet).path.read_text()


def test_cells_become_what_they_show_as_days_whole_numbers_and_texts() -> None:
    rows = [
        ["id", "day", "moment", "time", "share", "flag", "text"],
        [1001.0, date(2024, 2, 29), datetime(2024, 3, 1, 12, 30), time(9, 5), 0.1 + 0.2, True, "007"],
        [123456789012345, None, None, None, 1e21, False, "two\nlines"],
    ]

    said = text_of(workbook({"Sheet": rows}))

    assert said.splitlines()[0] == "id,day,moment,time,share,flag,text"
    assert said.split("\n")[1] == "1001,2024-02-29,2024-03-01 12:30:00,09:05:00,0.3,true,007"
    assert said.split("\n")[2] == "123456789012345,,,,1000000000000000000000,false,two\x0blines"


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    content = workbook({"Sheet": [["id", "day"], [1, date(2024, 2, 29)]]}, is_1904=True)

    assert text_of(content).splitlines()[1] == "1,2024-02-29"


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("60", "1900-02-29"),
        ("61", "1900-03-01"),
        ("45351.5", "2024-02-29 12:00:00"),
    ],
)
def test_the_first_days_of_1900_are_those_that_spreadsheets_show(serial: str, day: str) -> None:
    assert as_day(serial, "date", is_1904=False) == day


@pytest.mark.parametrize(
    ("written", "read"),
    [("12.0", "12"), ("1E+3", "1000"), ("1.5E-7", "0.00000015"), ("-0.5", "-0.5"), ("1234.5678", "1234.5678")],
)
def test_numbers_are_read_as_they_were_typed(written: str, read: str) -> None:
    assert as_number(written) == read


def test_people_of_a_workbook_come_in_with_text_kept_as_text() -> None:
    job = import_text(workbook({"People": PEOPLE}), name="people.csv")

    assert job.counts["rows"] == 2
    ada = Profile.objects.get(external_id="1001")
    assert (ada.name, ada.born_on, ada.postal_code, ada.line) == ("Ada", date(1915, 12, 10), "01234", 2)


def test_a_text_file_called_xlsx_is_read_as_text() -> None:
    import_text("id,name\n1,Ada\n", name="people.xlsx", preset="people")

    assert Customer.objects.get().name == "Ada"


def test_of_several_sheets_one_is_asked_for_and_may_be_named() -> None:
    content = workbook({"Notes": [["nothing here"]], "People": PEOPLE, "Empty": []})
    stored = store([content], at_most=MOST_BYTES)
    job = begin_import(stored, file_name="book.xlsx", by=None, now=NOW)

    asked = answer_import(job, {"source": "shop"}).questions[0]
    plan = answer_import(job, {"source": "shop", "sheet": "People"})

    assert (asked.name, [name for _number, name in asked.choices]) == ("sheet", ["Notes", "People"])
    assert not plan.questions
    assert plan.answers["sheet_name"] == "People"


def test_titles_above_the_header_are_left_out_and_said() -> None:
    content = workbook({"People": [["Our customers"], [], *PEOPLE]})
    job = draft(content)

    plan = answer_import(
        begin_import(store([content], at_most=MOST_BYTES), file_name="f", by=None, now=NOW), {"source": "x"}
    )

    assert job.answers["header"] == ["id", "name", "born", "postal code"]
    assert "row 3 of the sheet" in " ".join(plan.notes)


def test_refused_rows_are_named_by_their_row_of_the_sheet() -> None:
    rows = [["id", "name", "email"], [1, "Ada\nLovelace", "ada@example.com"], [], [2, "Bob", "bob"]]

    import_text(workbook({"People": rows}))

    problem = ImportProblem.objects.get()
    assert (problem.line, problem.column, problem.value) == (4, "email", "bob")
    assert Customer.objects.get().name == "Ada\nLovelace"


def test_an_error_in_a_column_that_is_taken_refuses_the_row() -> None:
    rows = [["id", "name", "other"], [1, "#N/A", "x"], [2, "Bob", "#N/A"]]

    import_text(workbook({"People": rows}), preset="people")

    assert [problem.code for problem in ImportProblem.objects.all()] == ["error_cell"]
    assert Customer.objects.get().name == "Bob"


def test_formulas_are_counted_and_those_without_a_saved_value_are_empty() -> None:
    found = table(workbook({"Sheet": [["id", "name"], [1, "=1+1"]]}))

    assert (found.formulas, found.without_value) == (1, 1)


def test_a_workbook_that_declares_entities_is_refused() -> None:
    content = workbook({"Sheet": PEOPLE})
    bomb = b'<!DOCTYPE a [<!ENTITY b "cccc">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'

    with pytest.raises(FileRefused, match="damaged"):
        table(with_part(content, "xl/worksheets/sheet1.xml", bomb))


def test_a_workbook_that_unpacks_to_far_more_than_its_size_is_refused() -> None:
    content = workbook({"Sheet": PEOPLE})
    bomb = b"<worksheet><sheetData>" + b" " * (90 << 20) + b"</sheetData></worksheet>"

    with pytest.raises(FileRefused, match="unpacks to far more"):
        table(with_part(content, "xl/worksheets/sheet1.xml", bomb))


def test_a_cell_far_to_the_right_is_refused_and_not_filled_up_to() -> None:
    far = b'<worksheet><sheetData><row r="1"><c r="XFD1" t="str"><v>x</v></c></row></sheetData></worksheet>'

    with pytest.raises(FileRefused, match="more than 1000 columns"):
        table(with_part(workbook({"Sheet": PEOPLE}), "xl/worksheets/sheet1.xml", far))


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", workbook({"Sheet": PEOPLE})[:-200]])
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        draft(content)


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def test_an_archive_with_one_table_is_read() -> None:
    import_text(
        archive({"out/people.tsv": b"id\tname\n1\tAda\n", "__MACOSX/._people.tsv": b"\0", "readme.md": b"x"}),
        preset="people",
    )

    assert Customer.objects.get().name == "Ada"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (archive({"a.csv": b"id\n", "b.csv": b"id\n"}), "2 files"),
        (archive({"a.csv": b"0" * (80 << 20)}), "far more"),
        (archive({"mimetype": b"x", "content.xml": b"x"}), "OpenDocument"),
        (gzip.compress(workbook({"Sheet": PEOPLE})), "inside the packed file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel workbook"),
        (b"<html><table><tr><td>id</td></tr></table>", "HTML"),
    ],
)
def test_what_is_no_single_table_is_refused_in_words(content: bytes, word: str) -> None:
    with pytest.raises(FileRefused, match=word):
        draft(content)


def test_the_page_asks_for_the_sheet_and_shows_its_rows(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    content = workbook({"Notes": [["nothing here"]], "People": PEOPLE})
    client.post("/imports/", {"file": SimpleUploadedFile("book.xlsx", content)})
    path = f"/imports/{Import.objects.get().public_id}/"

    asked = client.get(path).content.decode()
    client.post(f"{path}answers/", {"sheet": "2", "save": ""})
    shown = client.get(path).content.decode()

    assert "several sheets" in asked
    assert "Ada · Bob" in shown
    assert 'name="sheet"' in shown


SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"
_ROWS = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    "odd",
    [
        '<row r="²"><c><v>1</v></c></row>',
        f'<row r="{"9" * 5_000}"><c><v>1</v></c></row>',
        '<row r="2"><c r="2"><v>1</v></c></row>',
        '<row r="2"><c r=""><v>1</v></c></row>',
        '<row r="2"><c r="²2"><v>1</v></c></row>',
    ],
    ids=lambda text: text[:24],
)
def test_a_place_that_is_none_is_refused_in_words(odd: str) -> None:
    with pytest.raises(FileRefused, match="damaged"):
        table(with_part(workbook({"Sheet": PEOPLE}), SHEET, _ROWS.format(odd).encode()))


@pytest.mark.parametrize(
    "cell",
    [
        f'<c r="A2" t="s"><v>{"1" * 5_000}</v></c>',
        '<c r="A2" t="s"><v>²</v></c>',
        f'<c r="A2" s="{"1" * 5_000}"><v>7</v></c>',
        '<c r="A2" s="²"><v>7</v></c>',
    ],
    ids=lambda text: text[:24],
)
def test_a_text_or_style_that_there_is_not_is_no_error(cell: str) -> None:
    said = text_of(with_part(workbook({"Sheet": PEOPLE}), SHEET, _ROWS.format(f'<row r="2">{cell}</row>').encode()))

    assert said.split("\n")[1] in ("", "7")


def test_an_odd_format_of_numbers_is_no_format() -> None:
    formats = f'<numFmts><numFmt numFmtId="{"1" * 5_000}" formatCode="0"/></numFmts>'
    styles = f'<styleSheet>{formats}<cellXfs><xf numFmtId="²"/></cellXfs></styleSheet>'

    assert "Ada" in text_of(with_part(workbook({"Sheet": PEOPLE}), STYLES, styles.encode()))


@pytest.mark.parametrize("text", ["x" * (40 << 20), "x<!---->" * (2 << 20)], ids=["long", "in pieces"])
def test_a_text_beyond_measure_is_refused_while_it_is_read(text: str) -> None:
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{text}</t></is></c></row>'

    with pytest.raises(FileRefused, match="more text than can be read"):
        table(with_part(workbook({"Sheet": PEOPLE}), SHEET, _ROWS.format(row).encode()))
