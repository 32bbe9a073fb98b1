"""Every list as a file, its cells checked by type as they are written; and every file that comes in again changes nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from rapport.commerce.models import Order, OrderKind, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import ensure_source
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.golden import TEXT_FIELDS
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.exporting.lists import columns_of, exported_lists, read_query
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.importing import importers
from rapport.records.imports.problems import DANGEROUS
from rapport.records.registry import Field, FieldKind
from rapport.records.tests.own_fields import EVERY_VALUE, make_every_kind
from rapport.records.tests.test_exporting import content_of, export, may_export, rows_of
from rapport.records.tests.workbooks import workbook
from rapport.work.tests.world import make_task
from tests.import_files import import_text
from tests.row_hashes import row_hashes
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db", "home", "business")

# what spreadsheets compute, round, take for a day, or break in two
TEXTS = (
    "=HYPERLINK(1)", "＝1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "'=1", "'quoted", "plain", '"marks", with; signs', "two\nlines",
    "three\r\nmore", "007", "00123456789012345678901234567890", "12345678901234567890", "1e5", "0x10", "1.10", "1,234.50", "TRUE",
    "2026-03-14", "3/4", "1-2", "=", "#N/A", "NULL", "한국 東京", "_x0041_", "a\x0bb",
)  # fmt: skip
OWN_MONEY_MICROS = -1_250_500_000


def own_values(text: str) -> dict[str, Any]:
    """A value of every kind of own field, with this text."""
    return EVERY_VALUE | {"c_my_text": text.strip(), "c_my_number": "-123456789.000001", "c_my_money": OWN_MONEY_MICROS}


def _customer(text: str, number: int, owner: Any) -> None:
    said = dict.fromkeys(TEXT_FIELDS, text.strip()) | {
        "email": f"a{number}@example.com", "phone": f"+8210123456{number:02}", "country": "KR", "language": "ko",
        "preferred_channel": "email", "website": "https://example.com/?a=1&b=2",
    }  # fmt: skip
    name = said.pop("name")
    make_customer(
        name,
        external_id=f"{number:05}",
        owner=owner,
        born_on=date(1899, 12, 31 - number % 30),
        custom=own_values(text),
        **said,
    )


def _product(text: str, number: int, owner: Any) -> None:
    with acting(SYSTEM):
        Product.objects.create(
            source_id=ensure_source("shop", label="=Shop", priority=100).pk, code=f"{text.strip()}{number:03}", name=text.strip(),
            category=text.strip(), currency="KRW", price_micros=-123_456_789_012_345_000, cost_micros=1, custom=own_values(text),
        )  # fmt: skip


def _order(text: str, number: int, owner: Any) -> None:
    with acting(SYSTEM):
        Order.objects.create(
            source_id=ensure_source("shop", label="=Shop", priority=100).pk, external_id=f"{text.strip()}{number:03}",
            kind=OrderKind.SALE, channel="web_shop", currency="EUR", total_micros=-12_500_000, line_count=3, placed_at=NOW,
            promised_on=date(2026, 3, 5), shipped_at=NOW, delivered_at=None, custom=own_values(text),
        )  # fmt: skip


def _task(text: str, number: int, owner: Any) -> None:
    make_task(text.strip() or "x", by=owner, due_on=date(2026, 3, 1 + number % 28))


MAKERS: dict[str, Callable[[str, int, Any], None]] = {
    "customer": _customer, "product": _product, "order": _order, "task": _task,
}  # fmt: skip
TAKEN_AGAIN = sorted(set(MAKERS) - {"task"})
TEXT_COLUMN = {"task": "Task"}  # the others have fields of their own, one of them a text
FILES = {
    "people": ("name,email\nAda Lovelace,ada@example.com\n", {}),
    "organizations": ("id,name,website\nO1,Engines Ltd,engines.example\n", {}),
    "consents": ("customer id,purpose,channel,status,when\n00042,newsletter,email,granted,2026-01-05 10:00:00\n", {}),
    "relationships": ("from,to,type,since\n00042,00043,works at,2024-05-01\n", {}),
    "touchpoints": ("customer id,type,date,subject\n00042,Call,2024-03-12 09:14:00,Asked\n00042,,2024-03-13 09:14:00,\n", {}),
    "products": ("code,name,price\n007,Mug,2.50\n", {"currency": "EUR"}),
    "retail-lines": (
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n0536365,007,6,2010-12-01 08:26:00,2.55,00042\n",
        {"currency": "GBP"},
    ),
    "purchases": (
        "customer id,date,units,amount\n00042,1997-01-12,1,12.00\n00042,1997-01-12,1,12.00\n00042,1997-01-13,,0.00\n",
        {"currency": "USD"},
    ),
    "orders": ("order id,order date,customer id,total,currency\n0A1,2024-03-12 09:14:00,00042,120.50,EUR\n", {}),
    "baskets": (
        "Member_number,Date,itemDescription\n00042,2015-07-21,tropical fruit\n00042,2015-07-21,whole milk\n", {"currency": "EUR"},
    ),
    "tasks": ("task id,subject,due date,customer id,status\n01,Call back,2026-03-09,00042,open\n", {}),
    "greetings": ("greeting code,words\nen,Good day\n", {}),
}  # fmt: skip


def made(ada: Any, alice: Any, name: str) -> None:
    if name in custom_objects():
        make_every_kind(ada, object_name=name)
    for number, text in enumerate(TEXTS):
        MAKERS[name](text, number, alice)


def fields_of_file(ada: Any, name: str) -> list[Field]:
    """The fields of every column there is, in the order of the file."""
    asked = read_query(exported_lists()[name], "", user=ada)
    return [column.field for column in columns_of(asked, [*exported_lists()[name].of(ada).fields_for(ada)])]


def test_every_list_that_can_be_had_as_a_file_and_every_importer_is_tested_here() -> None:
    assert set(exported_lists()) == set(MAKERS)
    assert set(importers()) == set(FILES)


PATTERNS = {
    FieldKind.NUMBER: r"-?\d+(\.\d+)?",
    FieldKind.MONEY: r"-?\d+(\.\d+)?",
    FieldKind.DATE: r"\d{4}-\d\d-\d\d",
    FieldKind.INSTANT: r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?",
    FieldKind.BOOLEAN: "true|false",
}
CELL_TYPES = {
    FieldKind.NUMBER: "n", FieldKind.MONEY: "n", FieldKind.DATE: "d", FieldKind.INSTANT: "d", FieldKind.BOOLEAN: "b",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_every_cell_of_a_csv_is_what_its_column_holds_and_nothing_computes_it(
    ada: Any, alice: Any, as_user: Any, name: str
) -> None:
    made(ada, alice, name)
    fields, client = fields_of_file(ada, name), as_user(ada)

    head, *rows = rows_of(content_of(client, export(client, name, column=[field.name for field in fields])))

    assert (len(head), len(rows)) == (len(fields) + 1, len(TEXTS))
    for field, cells in zip([None, *fields], zip(*rows, strict=True), strict=True):
        pattern = PATTERNS.get(field.kind) if field is not None else "[0-9a-f-]{36}"
        for cell in filter(None, cells):
            if pattern is not None:
                assert re.fullmatch(pattern, cell), (field, cell)
            else:
                assert not cell.startswith(DANGEROUS), (field, cell)
    own = head.index(TEXT_COLUMN.get(name, "My text"))
    assert {plain(row[own]) for row in rows} == {text.strip() for text in TEXTS}


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_every_cell_of_a_workbook_has_the_type_of_its_column_and_none_is_a_formula(
    ada: Any, alice: Any, as_user: Any, name: str
) -> None:
    made(ada, alice, name)
    fields, client = fields_of_file(ada, name), as_user(ada)

    content = content_of(client, export(client, name, column=[field.name for field in fields], format="xlsx"))

    head, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()
    assert len(rows) == len(TEXTS)
    for field, cells in zip(fields, list(zip(*rows, strict=True))[1:], strict=True):
        kinds = {cell.data_type for cell in cells if cell.value is not None}
        expected = CELL_TYPES.get(field.kind, "s")
        old_day = field.kind is FieldKind.DATE and field.name == "born_on"  # a workbook has no days before March 1900
        assert kinds <= {"s" if old_day else expected}, field
    titles = [cell.value for cell in head]
    texts = [row[titles.index(TEXT_COLUMN.get(name, "My text"))].value for row in rows]
    assert {plain(openpyxl.utils.escape.unescape(text)) for text in texts} == {text.strip() for text in TEXTS}
    if name in custom_objects():
        money = rows[0][next(place for place, title in enumerate(titles) if title.startswith("My money"))].value
        assert Decimal(str(money)) == Decimal(OWN_MONEY_MICROS) / 10**6


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("name", TAKEN_AGAIN)
def test_every_list_comes_in_again_as_it_was_exported_and_changes_nothing(
    ada: Any, alice: Any, as_user: Any, name: str, file_format: str
) -> None:
    made(ada, alice, name)
    fields, client = fields_of_file(ada, name), as_user(ada)
    content = content_of(client, export(client, name, column=[field.name for field in fields], format=file_format))
    before = row_hashes()

    job = import_text(content, source=None)

    assert (job.answers["format"], job.problem_count) == (f"rapport-{name}s", 0)
    assert row_hashes() == before


def test_a_file_of_tasks_is_of_those_one_sees_and_is_refused_when_it_comes_in_again(
    alice: Any, charlie: Any, as_user: Any
) -> None:
    hers, held = make_customer("Ana", owner=alice), make_customer("Held", owner=alice)
    for customer in (hers, held):
        make_task(f"Call {customer.name}", by=alice, on=customer)
    make_task("Write", by=charlie, on=make_customer("His", owner=charlie))
    restrict_processing(held, ground="disputed", by=SYSTEM, now=NOW)

    content = content_of(as_user(may_export(alice)), export(as_user(alice), "task", column=["title", "state"]))

    head, *rows = rows_of(content)
    assert (head, [row[1:] for row in rows]) == (["Rapport task id", "Task", "State"], [["Call Ana", "open"]])
    assert "/exports/new/task/" in as_user(alice).get("/tasks/all/").content.decode()
    with pytest.raises(FileRefused, match="They are there already"):
        import_text(content, source=None)


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_comes_in_again_and_changes_nothing_as_text_or_as_a_workbook(name: str) -> None:
    text, answers = FILES[name]
    import_text("id,name\n00042,Grace Hopper\n00043,Navy\n", preset="people")
    first = import_text(text, preset=name, dates="ymd", decimal=".", time_zone="UTC", **answers)
    assert first.problem_count == 0
    before = row_hashes()

    import_text(text, preset=name, dates="ymd", decimal=".", time_zone="UTC", **answers)
    assert row_hashes() == before
    rows = [[typed(cell) for cell in row] for row in csv.reader(io.StringIO(text))]
    again = import_text(workbook({"Sheet": rows}), preset=name, time_zone="UTC", **answers)

    assert again.problem_count == 0
    assert without_hashes(row_hashes(), name) == without_hashes(before, name)


def typed(cell: str) -> Any:
    """As a spreadsheet keeps it: days and amounts typed, codes with leading zeros as text."""
    for pattern, read in (
        (r"\d{4}-\d\d-\d\d", date.fromisoformat), (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", datetime.fromisoformat),
        (r"\d+\.\d+|[1-9]\d*", float),
    ):  # fmt: skip
        if re.fullmatch(pattern, cell):
            return read(cell)
    return cell or None


def without_hashes(hashes: dict[str, str], name: str) -> dict[str, str]:
    """How a file was read is part of what a profile remembers of its row."""
    return {
        table: value
        for table, value in hashes.items()
        if table != "customers_profile" or name not in ("people", "organizations")
    }


def plain(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from computing, and that comes off again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*DANGEROUS, "'")) else cell
