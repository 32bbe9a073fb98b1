"""A block of cells pasted into the list of customers: what it would change, what is refused and why, one act, one way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from rapport.customers.actions import assign_owner, edit_customer
from rapport.customers.actions_tags import tag_customers
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.bulk.models import BulkRun
from rapport.records.custom_fields.actions import add_field, choices_from
from rapport.records.models import CustomField, Import
from rapport.records.tags.actions import ensure_tags
from rapport.records.tags.tagging import Tagging
from tests.world import NOW, without_tokens

URL = reverse("list_paste", args=["customer"])
COLUMNS = "name,city,born_on"


def paste(client: Any, text: str, *customers: Customer, columns: str = COLUMNS, **more: Any) -> Any:
    rows = ",".join(str(each.public_id) for each in customers)
    return client.post(URL, {"text": text, "rows": rows, "columns": columns, **more})


def begin(client: Any) -> BulkRun:
    run = BulkRun.objects.latest("pk")
    client.post(reverse("bulk_begin", args=[run.public_id]))
    run.refresh_from_db()
    return run


def said(*customers: Customer) -> list[tuple[Any, ...]]:
    found = [Customer.objects.get(pk=each.pk) for each in customers]
    return [(each.name, each.city, each.born_on and each.born_on.isoformat()) for each in found]


@pytest.fixture
def three(alice: Any) -> list[Customer]:
    return [make_customer(name, owner=alice, city="Lisboa") for name in ("Ana", "Rui", "Zoe")]


def test_a_block_is_looked_at_written_as_one_act_and_undone(alice: Any, as_user: Any, three: list[Customer]) -> None:
    client, before = as_user(alice), said(*three)

    page = paste(client, 'Ana\tPorto\t1980-05-01\r\n"Rui ""R"""\tFaro\t31.12.1979\r\n', *three).content.decode()
    untouched = said(*three)
    run = begin(client)
    after = said(*three)
    client.post("/changes/undo/")

    assert untouched == before
    assert "This is not a date in the order that was chosen." in page
    assert "31.12.1979" in page
    assert "Write 4 cells" in page
    assert (run.done, run.refused) == (2, 0)
    assert after == [("Ana", "Porto", "1980-05-01"), ('Rui "R"', "Faro", None), ("Zoe", "Lisboa", None)]
    assert said(*three) == before


def test_what_somebody_changes_between_looking_and_writing_stays(
    alice: Any, as_user: Any, three: list[Customer]
) -> None:
    client = as_user(alice)
    paste(client, "Porto\nFaro", *three, columns="city")
    edit_customer(three[0], {"city": "Braga"}, version=three[0].version, by=alice, now=NOW)

    run = begin(client)

    assert (run.done, run.refused) == (1, 1)
    assert [each[1] for each in said(*three)] == ["Braga", "Faro", "Lisboa"]
    page = client.get(reverse("bulk_run", args=[run.public_id])).content.decode()
    assert "Somebody has changed it since." in page


def test_own_fields_take_labels_numbers_and_days_as_people_write_them(
    alice: Any, ada: Any, as_user: Any, three: list[Customer]
) -> None:
    made = [
        add_field("customer", label=label, kind=kind, by=ada, **more)
        for label, kind, more in (
            ("Roast", "choice", {"choices": choices_from(["Dark", "Light"], [])}),
            ("Brews", "choices", {"choices": choices_from(["Filter", "Mokka"], [])}),
            ("Weight", "number", {}), ("Since", "date", {}), ("Fair", "boolean", {}),
        )
    ]  # fmt: skip
    names = [each.name for each in made]

    paste(
        as_user(alice), "dark\tmokka; FILTER\t1.234,5\t31.12.2025\tja\nburnt\t\tmany\t2025-02-30\tperhaps",
        *three, columns=",".join(names), dates="dmy", decimal=",",
    )  # fmt: skip
    run = begin(as_user(alice))

    values = [CustomField.objects.get(pk=each.pk) for each in made[:2]]
    dark, brews = values[0].choices[0]["value"], [each["value"] for each in values[1].choices]
    expected = dict(zip(names, [dark, brews, "1234.5", "2025-12-31", True], strict=True))
    assert Customer.objects.get(pk=three[0].pk).custom == expected
    assert (run.total, run.refused) == (1, 0)


def test_one_cell_fills_the_range_and_what_lies_beyond_is_said(alice: Any, as_user: Any, three: list[Customer]) -> None:
    client = as_user(alice)

    paste(client, "Porto", *three[:2], columns="city", fills="on")
    begin(client)
    page = paste(client, "a\tb\tc\td\n" * 4, *three[:1]).content.decode()

    assert [each[1] for each in said(*three)] == ["Porto", "Porto", "Lisboa"]
    assert "13 cells lie beyond the last row or column" in page


def test_nothing_is_pasted_into_what_is_not_typed_hidden_or_anothers(
    alice: Any, charlie: Any, rita: Any, as_user: Any, three: list[Customer]
) -> None:
    stranger = make_customer("Stranger", owner=charlie, city="York")

    page = paste(as_user(alice), "Porto\t2\nPorto\t2", three[0], stranger, columns="city,last_contact")
    begin(as_user(alice))
    unknown = paste(as_user(alice), "x", three[0], columns="password")

    assert "This column is not typed in" in page.content.decode()
    assert "Stranger" not in without_tokens(page)
    assert [each[1] for each in said(three[0], stranger)] == ["Porto", "York"]
    assert unknown.status_code == 400
    assert as_user(rita).get(URL).status_code == 404


def test_owners_and_tags_are_pasted_by_name_and_the_unknown_is_told(
    ada: Any, alice: Any, bob: Any, charlie: Any, as_user: Any, three: list[Customer]
) -> None:
    ensure_tags("customer", ["Wholesale", "Fair 2026"], by=ada)
    tag_customers(Tagging({three[1].pk: ["wholesale"]}, {}, ada, NOW))
    held = [(alice.pk, None, "Lisboa"), (alice.pk, ["wholesale"], "Lisboa"), (alice.pk, None, "Lisboa")]
    client, columns = as_user(alice), "owner_name,tags,city"

    wrong = paste(
        client, f"{charlie.email}\tVip\nNobody Known\t\n\tfair 2026", *three, columns=columns
    ).content.decode()
    page = paste(
        client, f"BOB\tfair 2026, Wholesale\tPorto\n{bob.email}\t\tLisboa\nAlice", *three, columns=columns
    ).content.decode()
    before = owned(*three)
    run = begin(client)
    after = owned(*three)
    client.post("/changes/undo/")

    assert wrong.count("Nobody on the staff whom you can make the owner") == 2
    assert "There is no tag “Vip”." in wrong
    assert "This field may not be empty." in wrong
    assert "Fair 2026; Wholesale" in page
    assert before == held
    assert (run.done, run.refused) == (2, 0)
    assert after == [
        (bob.pk, ["fair-2026", "wholesale"], "Porto"),
        (bob.pk, None, "Lisboa"),
        (alice.pk, None, "Lisboa"),
    ]
    assert owned(*three) == held


def test_a_row_whose_owner_or_tags_were_changed_meanwhile_is_left_as_a_whole(
    ada: Any, alice: Any, bob: Any, as_user: Any, three: list[Customer]
) -> None:
    ensure_tags("customer", ["Wholesale"], by=ada)
    client = as_user(ada)

    paste(client, "Bob\tPorto\tWholesale\n\tPorto\tWholesale", *three, columns="owner_name,city,tags")
    assign_owner(three[0], ada, by=ada, now=NOW)
    run = begin(client)
    assign_owner(three[1], bob, by=ada, now=NOW)
    client.post("/changes/undo/")

    assert (run.done, run.refused) == (1, 1)
    assert owned(*three)[:2] == [(ada.pk, None, "Lisboa"), (bob.pk, ["wholesale"], "Porto")]
    asked = client.get("/customers/", {"q": "Ana"}).content.decode()
    assert asked.count("data-typed") >= 3


def owned(*customers: Customer) -> list[tuple[Any, ...]]:
    found = [Customer.objects.get(pk=each.pk) for each in customers]
    return [(each.owner_id, each.tags, each.city) for each in found]


def test_the_page_works_without_scripts(alice: Any, as_user: Any, three: list[Customer]) -> None:
    client = as_user(alice)

    page = client.get(f"{URL}?filter=city.is:Lisboa").content.decode()
    paste(client, "Porto", *three, columns=COLUMNS, first_row=str(three[1].public_id), first_column="city")
    begin(client)
    empty = paste(client, "\n", *three)

    assert "Into the row of" in page
    assert str(three[2].public_id) in page
    assert [each[1] for each in said(*three)] == ["Lisboa", "Porto", "Lisboa"]
    assert (empty.status_code, "There is nothing to paste." in empty.content.decode()) == (422, True)
    assert "Paste from a spreadsheet" in client.get("/customers/").content.decode()


def test_pasted_rows_become_new_records_by_the_importer(ada: Any, as_user: Any) -> None:
    text = "Name\tE-mail\tCity\nAna\tana@shop.example\tPorto\n"

    page = paste(as_user(ada), text, make_customer("Somebody"), as_new="1")

    job = Import.objects.get()
    assert page["Location"] == reverse("import", args=[job.public_id])
    assert "pasted.tsv" in as_user(ada).get(page["Location"]).content.decode()
