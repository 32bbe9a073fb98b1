"""Fields of the business's own on customers: imported, derived, shown, searched, and taken back by undo."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import add_profile, make_customer
from rapport.records.custom_fields import actions
from rapport.records.custom_fields.jobs import search_field
from rapport.records.lists.querying import fetch_page
from rapport.records.models import ImportProblem
from rapport.records.tests.own_fields import EVERY_VALUE, make_every_kind, make_field
from rapport.records.tests.test_exporting import content_of, export, rows_of
from rapport.records.tests.test_layouts import hide
from rapport.records.tests.test_lists import ask
from tests.import_files import draft, import_text, undo
from tests.world import NOW

HEADER = "id,name,My text,My number,My money,My date,My choice,My choices,My boolean,My link\n"
FILE = (
    HEADER
    + '1,Ana,Blue suede,12.50,1250.00,2026-03-14,GOLD,"bronze, Gold",yes,https://example.com/a?b=1\n2,Ben,,,,,,,,\n'
)

pytestmark = pytest.mark.usefixtures("home")


def names(asked: Any) -> list[str]:
    return [row["name"] for row in fetch_page(asked, columns=[asked.fields["name"]]).rows]


def test_columns_are_recognized_by_their_labels_and_values_are_kept_by_kind(ada: Any) -> None:
    make_every_kind(ada)

    job = import_text(FILE, preset="people", decimal=".")

    ana, ben = Customer.objects.order_by("pk")
    assert job.problem_count == 0
    assert (ana.custom, ben.custom) == (EVERY_VALUE, {})
    assert Profile.objects.get(customer=ana).custom == EVERY_VALUE


def test_the_same_file_again_changes_nothing_and_undo_is_exact(ada: Any) -> None:
    make_every_kind(ada)
    import_text(FILE, preset="people", decimal=".")
    before = dict(Customer.objects.values_list("name", "custom"))

    again = import_text(FILE, preset="people", decimal=".")
    other = import_text(FILE.replace("Blue", "Red").replace("12.50", ""), preset="people", decimal=".")
    changed = Customer.objects.get(name="Ana").custom
    undo(other)

    assert again.counts["phases"]["people"]["same"] == 2
    assert other.counts["phases"]["people"]["changed"] == 1
    assert changed == {name: value for name, value in EVERY_VALUE.items() if name != "c_my_number"} | {
        "c_my_text": "Red suede"
    }
    assert dict(Customer.objects.values_list("name", "custom")) == before
    undo(again)


def test_a_column_the_file_does_not_have_leaves_values_as_they_are(ada: Any) -> None:
    make_every_kind(ada)
    import_text(FILE, preset="people", decimal=".")

    import_text("id,name,My text\n1,Ana,Green\n", preset="people")

    assert Customer.objects.get(name="Ana").custom == EVERY_VALUE | {"c_my_text": "Green"}


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("My number", "many", "number"),
        ("My money", "1.2345678", "too_precise"),
        ("My date", "2026-02-30", "date_range"),
        ("My choice", "Platinum", "choice"),
        ("My choices", "Gold;Platinum", "choice"),
        ("My boolean", "perhaps", "boolean"),
        ("My link", "javascript:alert(1)", "link"),
        ("My text", "x" * 2001, "too_long"),
    ],
)
def test_a_cell_that_is_not_of_the_kind_is_refused_by_line_and_column(
    ada: Any, column: str, cell: str, code: str
) -> None:
    make_every_kind(ada)

    import_text(f"id,name,{column}\n1,Ana,\n2,Ben,{cell}\n", preset="people", decimal=".", dates="ymd")

    problem = ImportProblem.objects.get()
    assert (problem.line, problem.column, problem.code) == (3, column, code)
    assert list(Customer.objects.values_list("name", flat=True)) == ["Ana"]


def test_what_staff_type_wins_over_a_file_and_says_so(ada: Any) -> None:
    make_field(ada, "Grade")
    customer = make_customer("Ana", custom={"c_grade": "from the shop"})

    add_profile(customer, source="staff", external_id="x", custom={"c_grade": "typed"})

    assert customer.custom == {"c_grade": "typed"}


def test_searched_values_are_found_whichever_way_they_came(ada: Any) -> None:
    make_field(ada, "Nickname", is_searched=True)
    import_text("id,name,Nickname\n1,Ana,Zebra\n", preset="people")
    make_customer("Ben", custom={"c_nickname": "zebrafish"})
    make_customer("Cleo", custom={"c_other": "zebra"})

    assert names(ask(CUSTOMERS, ada, q="zebra")) == ["Ana", "Ben"]


def test_a_field_that_comes_into_the_search_later_is_found_after_its_job_and_one_that_leaves_is_not(ada: Any) -> None:
    field = make_field(ada, "Nickname")
    make_customer("Ana", custom={"c_nickname": "Zebra"})
    before = names(ask(CUSTOMERS, ada, q="zebra"))

    actions.change_field(field, by=ada, label="Nickname", is_searched=True)
    search_field(field.pk)
    found = names(ask(CUSTOMERS, ada, q="zebra"))
    actions.archive_field(field, by=ada, now=NOW)
    search_field(field.pk)

    assert (before, found, names(ask(CUSTOMERS, ada, q="zebra"))) == ([], ["Ana"], [])


def test_a_filter_on_a_choice_is_answered_by_the_index(ada: Any) -> None:
    make_field(ada, "Grade", "choice", choices=["Gold", "Silver"])
    asked = ask(CUSTOMERS, ada, filter="c_grade.is:gold")
    condition = asked.filters[0]
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        statement = "explain select id from customers_customer r where " + condition.condition().as_string(
            connection.connection
        )
        cursor.execute(statement, condition.arguments)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "customers_custom_values" in plan


def test_own_values_are_shown_with_their_origin_and_typed_on_the_form(ada: Any, as_user: Any) -> None:
    make_every_kind(ada)
    customer = make_customer("Ana", custom={"c_my_text": "from the shop"})
    client, path = as_user(ada), f"/customers/{customer.public_id}/"
    typed = {
        "version": customer.version, "name": "Ana", "c_my_text": "Blue suede", "c_my_number": "12.50", "c_my_money": "1250",
        "c_my_date": "2026-03-14", "c_my_choice": "gold", "c_my_choices": ["bronze", "gold"], "c_my_boolean": "yes",
        "c_my_link": "example.com/a?b=1",
    }  # fmt: skip

    before = client.get(path).content.decode()
    form = client.get(path + "edit/").content.decode()
    answer = client.post(path + "edit/", typed)
    after = client.get(path).content.decode()
    customer.refresh_from_db()

    assert "from the shop" in before
    assert 'name="initial-c_my_text" value="from the shop"' in form
    assert answer.status_code == 302
    assert customer.custom == EVERY_VALUE
    for text in ("Blue suede", "12.5", "£1,250.00", "14 Mar 2026", "Gold, Bronze", "from the shop"):
        assert text in after
    assert '<a href="https://example.com/a?b=1" rel="noopener noreferrer nofollow">' in after


def test_two_who_change_one_own_field_see_both_values(ada: Any, as_user: Any) -> None:
    make_every_kind(ada)
    customer = make_customer("Ana", custom={"c_my_choice": "gold"})
    client, path = as_user(ada), f"/customers/{customer.public_id}/edit/"
    opened = {"version": customer.version, "name": "Ana", "initial-name": "Ana", "initial-c_my_choice": "gold"}
    client.post(path, opened | {"c_my_choice": "silver"})

    answer = client.post(path, opened | {"c_my_choice": "bronze"})

    customer.refresh_from_db()
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<td>Silver</td><td>Bronze</td>" in page
    assert 'value="bronze" selected' in page
    assert customer.custom == {"c_my_choice": "silver"}


def test_own_fields_are_typed_for_a_new_customer_and_asked_where_they_are_required(ada: Any, as_user: Any) -> None:
    make_field(ada, "Grade", "choice", choices=["Gold"], is_required=True)
    client = as_user(ada)

    refused = client.post("/customers/new/", {"kind": "person", "name": "Ana"})
    made = client.post("/customers/new/", {"kind": "person", "name": "Ana", "c_grade": "gold"})

    assert (refused.status_code, made.status_code) == (422, 302)
    assert Customer.objects.get().custom == {"c_grade": "gold"}


def test_an_export_has_own_fields_by_label_and_brings_them_back_unchanged(ada: Any, as_user: Any) -> None:
    make_every_kind(ada, is_column=True)
    import_text(FILE, preset="people", decimal=".")
    client, columns = as_user(ada), ["name", "number", *EVERY_VALUE]

    listed = client.get("/customers/").content.decode()
    rows = rows_of(content_of(client, export(client, column=columns)))
    text = "\n".join(",".join(f'"{cell}"' for cell in row[1:]) for row in rows)
    again = import_text(text.replace('"Number"', '"id"', 1), preset="people", decimal=".", dates="ymd")

    assert "Gold, Bronze" in listed
    assert rows[0][3:] == [
        "My text",
        "My number",
        "My money (GBP)",
        "My date",
        "My choice",
        "My choices",
        "My boolean",
        "My link",
    ]
    assert rows[1][3:] == [
        "Blue suede", "12.5", "1250", "2026-03-14", "Gold", "Gold, Bronze", "true", "https://example.com/a?b=1",
    ]  # fmt: skip
    assert set(EVERY_VALUE) <= set(again.answers["mapping"])
    assert again.counts["phases"]["people"]["new"] == 0
    assert Customer.objects.get(name="Ana").custom == EVERY_VALUE


def test_a_hidden_field_is_no_column_of_an_export(ada: Any, as_user: Any) -> None:
    make_field(ada, "Standing")
    hide("c_standing", role=ada.role, by=ada)
    client = as_user(ada)

    page = client.get("/exports/new/customer/").content.decode()
    answer = client.post("/exports/new/customer/", {"query": "", "column": ["name", "c_standing"], "format": "csv"})

    assert "Standing" not in page
    assert answer.status_code in (400, 422)
    assert client.get("/exports/new/customer/?filter=c_standing.is:x").status_code == 400


def test_unmapped_columns_stay_out_as_before(ada: Any) -> None:
    make_field(ada, "Grade")

    draft_job = draft("id,name,Level\n1,Ana,best\n", preset="people")

    assert "c_grade" not in draft_job.answers["mapping"]
