"""Lists as files: typed, formula-safe, only what their maker may see, and unchanged by coming in again."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.models import Role
from rapport.audit.models import AuditEvent
from rapport.commerce.models import Order, OrderKind, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import ensure_source
from rapport.customers.tests.world import make_customer
from rapport.records.exporting import actions as exporting_actions
from rapport.records.exporting.actions import remove_old_files, run_export
from rapport.records.exporting.xlsx_writing import write_workbook
from rapport.records.lists.words import asked_in_words
from rapport.records.models import Export, ExportState
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db", "home")
NAUGHTY = ("=HYPERLINK(1)", "＝1+1", "@SUM(1)", "-1+1", "'=1", "plain", '"quoted", with; signs', "two\nlines", "\t=1")


def may_export(user: Any) -> Any:
    with acting(SYSTEM):
        role = Role.objects.get(pk=user.role_id)
        role.rights = sorted({*role.rights, "records.export"})
        role.save(update_fields=["rights"])
    user.refresh_from_db()
    return user


def export(client: Any, name: str = "customer", **answers: Any) -> Export:
    answers = {"query": "", "column": ["name", "phone", "created"], "format": "csv", **answers}
    response = client.post(f"/exports/new/{name}/", answers)
    assert response.status_code == 302, response.content.decode()
    return Export.objects.get(public_id=response["Location"].rstrip("/").rsplit("/", 1)[-1])


def content_of(client: Any, made: Export) -> bytes:
    return b"".join(client.get(f"/exports/{made.public_id}/file/").streaming_content)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_has_an_id_and_the_columns_that_were_chosen_with_the_zone_in_the_header(ada: Any, as_user: Any) -> None:
    customer = make_customer("Grace", phone="+82-10-1234-5678")
    client = as_user(ada)

    rows = rows_of(content_of(client, export(client, mark="on")))

    customer.refresh_from_db()
    created = customer.created_at.astimezone(datetime.now(UTC).astimezone().tzinfo)
    assert rows[0] == ["Rapport customer id", "Name", "Phone", "Added (Europe/London)"]
    assert rows[1][:3] == [str(customer.public_id), "Grace", "'+82-10-1234-5678"]
    assert rows[1][3].startswith(f"{created:%Y-%m-%d}")


def test_no_cell_of_a_csv_begins_as_a_formula_does(ada: Any, as_user: Any) -> None:
    for name in NAUGHTY:
        make_customer(name)
    client = as_user(ada)

    rows = rows_of(content_of(client, export(client, column=["name"])))

    assert {row[1][1:] if row[1].startswith("'") else row[1] for row in rows[1:]} == {*NAUGHTY}
    assert not [row for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def test_every_text_of_a_workbook_is_a_text_and_numbers_and_days_are_typed(ada: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        source = ensure_source("shop", label="Shop", priority=100).pk
        for place, name in enumerate(NAUGHTY):
            Order.objects.create(
                source_id=source, external_id=name, kind=OrderKind.SALE, channel="web_shop", currency="EUR",
                total_micros=-12_500_000 - place, line_count=3, placed_at=NOW, promised_on=date(2026, 3, 5),
            )  # fmt: skip
    client = as_user(ada)
    columns = ["number", "placed", "promised", "lines", "total"]

    content = content_of(client, export(client, "order", column=columns, format="xlsx"))

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    head, *rows = sheet.iter_rows()
    assert [cell.value for cell in head] == [
        "Rapport order id", "Order", "Placed (Europe/London)", "Promised", "Lines", "Total", "Currency",
    ]  # fmt: skip
    assert {row[1].value for row in rows} == {name if name != "'=1" else "''=1" for name in NAUGHTY}
    assert {tuple(cell.data_type for cell in row) for row in rows} == {("s", "s", "d", "d", "n", "n", "s")}
    assert rows[0][2].value == datetime(2026, 3, 2, 12, 0)
    assert {Decimal(str(row[5].value)) for row in rows} == {
        Decimal(-12_500_000 - place) / 10**6 for place in range(len(NAUGHTY))
    }


def test_only_what_is_filtered_and_visible_is_in_the_file(alice: Any, charlie: Any, as_user: Any) -> None:
    make_customer("Mine", owner=alice, city="Leeds")
    make_customer("Mine too", owner=alice, city="York")
    make_customer("His", owner=charlie, city="Leeds")
    client = as_user(may_export(alice))

    made = export(client, column=["name"], query="filter=city.is:Leeds")

    assert [row[1] for row in rows_of(content_of(client, made))] == ["Name", "Mine"]


def test_an_export_is_in_the_trail_with_its_filter_and_its_rows(ada: Any, as_user: Any) -> None:
    make_customer("Grace", city="Leeds")

    made = export(as_user(ada), column=["name"], query="filter=city.is:Leeds")

    event = AuditEvent.objects.get(operation="list exported", row_id=str(made.public_id))
    assert (event.actor_label, {"filter", "rows"} <= set(event.fields)) == (ada.actor_label, True)
    assert (made.state, made.rows_done) == (ExportState.DONE, 1)
    page = as_user(ada).get("/settings/audit/?kind=exports").content.decode()
    assert all(f"<ins>{said}</ins>" in page for said in ("Customers", "City is Leeds", "Name", "CSV"))
    assert asked_in_words("customer", "filter=c_gone.is:x", user=ada).startswith("something that you do not see")


def test_without_the_right_there_is_neither_button_nor_page(rita: Any, as_user: Any) -> None:
    client = as_user(rita)

    assert "/exports/new/" not in client.get("/customers/").content.decode()
    assert client.get("/exports/new/customer/").status_code == 403


def test_a_column_that_one_may_not_name_is_refused(ada: Any, as_user: Any) -> None:
    answers = {"query": "", "column": ["owner__password"], "format": "csv"}

    assert as_user(ada).post("/exports/new/customer/", answers).status_code == 400
    assert not Export.objects.exists()


@pytest.mark.parametrize("answers", [{"column": []}, {"format": "pdf"}])
def test_a_file_without_columns_or_of_no_kind_is_refused_in_words(
    ada: Any, as_user: Any, answers: dict[str, Any]
) -> None:
    page = as_user(ada).post("/exports/new/customer/", {"query": "", "column": ["name"], "format": "csv", **answers})

    assert page.status_code == 422
    assert "cannot be exported like this" in page.content.decode()


def test_nobody_else_reaches_the_file(ada: Any, alice: Any, as_user: Any) -> None:
    made = export(as_user(ada), column=["name"])

    other = as_user(may_export(alice))

    assert other.get(f"/exports/{made.public_id}/").status_code == 404
    assert other.get(f"/exports/{made.public_id}/file/").status_code == 404


def test_a_long_list_is_made_by_a_worker_and_can_be_cancelled(
    ada: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_customer("Grace")
    monkeypatch.setattr(exporting_actions, "AT_ONCE_ROWS", 0)
    client = as_user(ada)

    first, second = export(client, column=["name"]), export(client, column=["name"])
    waiting = client.get(f"/exports/{first.public_id}/").content.decode()
    client.post(f"/exports/{second.public_id}/cancel/")
    run_export(first)
    run_export(second)

    assert 'data-poll="' in waiting
    assert ProcrastinateJob.objects.filter(task_name="records.export").count() == 2
    assert "Download" in client.get(f"/exports/{first.public_id}/").content.decode()
    assert "cancelled" in client.get(f"/exports/{second.public_id}/").content.decode()


def test_files_go_after_a_day(ada: Any, as_user: Any) -> None:
    make_customer("Grace")
    client = as_user(ada)
    made = export(client, column=["name"])

    assert remove_old_files(now=made.created_at + timedelta(hours=23)) == 0
    assert remove_old_files(now=made.created_at + timedelta(hours=25)) == 1
    assert client.get(f"/exports/{made.public_id}/file/").status_code == 404


def test_the_button_brings_the_filter_along(ada: Any, as_user: Any) -> None:
    make_customer("Grace", city="Leeds")
    client = as_user(ada)

    listed = client.get("/customers/?filter=city.is:Leeds&q=gra").content.decode()
    page = client.get("/exports/new/customer/?filter=city.is:Leeds&q=gra").content.decode()

    assert "/exports/new/customer/?q=gra&amp;filter=city.is:Leeds" in listed
    assert "City is Leeds" in page


def test_a_workbook_goes_on_in_a_second_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapport.records.exporting.xlsx_writing.MOST_ROWS", 3)
    target = io.BytesIO()

    write_workbook(target, title="A/B", head=["n"], rows=([number] for number in range(3)))

    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["A B", "A B 2"]
    assert [row[0].value for row in book["A B 2"].iter_rows()] == ["n", 2]


@pytest.mark.parametrize("title", ["a\x0bb", "a\x01[b]", "\ufffe", "a\ud800b"])
def test_a_workbook_opens_whatever_it_is_called(title: str) -> None:
    target = io.BytesIO()

    write_workbook(target, title=title, head=["=1+1"], rows=[["=2"]])

    sheet = openpyxl.load_workbook(target).worksheets[0]
    assert sheet.title.isprintable()
    assert [(cell.value, cell.data_type) for row in sheet.rows for cell in row] == [("=1+1", "s"), ("=2", "s")]


def test_control_characters_and_what_looks_like_an_escape_survive_a_workbook() -> None:
    target = io.BytesIO()

    write_workbook(target, title="x", head=["n"], rows=[["a\x0bb"], ["_x0041_"], ["<&>"], [" space "]])

    rows = openpyxl.load_workbook(target).active.iter_rows(min_row=2)
    assert [openpyxl.utils.escape.unescape(row[0].value) for row in rows] == ["a\x0bb", "_x0041_", "<&>", " space "]


def test_what_is_sold_is_had_as_a_file_with_its_currency(ada: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        source = ensure_source("shop", label="Shop", priority=100).pk
        Product.objects.create(source_id=source, code="P1", name="Mug", price_micros=4_250_000, currency="GBP")
    client = as_user(ada)

    rows = rows_of(content_of(client, export(client, "product", column=["code", "name", "price"])))

    assert rows[0] == ["Rapport product id", "Code", "Name", "Price", "Currency"]
    assert rows[1][1:] == ["P1", "Mug", "4.25", "GBP"]


def test_one_look_at_the_database_gives_all_rows(ada: Any, as_user: Any) -> None:
    for number in range(30):
        make_customer(f"Person {number:02}")
    client = as_user(ada)

    made = export(client, column=["name"])

    assert [row[1] for row in rows_of(content_of(client, made))[1:]] == [f"Person {number:02}" for number in range(30)]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_cursors where name = 'rapport_export'")
        assert cursor.fetchone()[0] == 0
