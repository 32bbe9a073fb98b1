"""Acting on many customers of the list: selecting, assigning, exporting, undoing; who may, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from rapport.accounts.models import Role
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import assign_owner
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.bulk import selecting as bulk_selecting
from rapport.records.bulk.models import BulkItem, BulkRun, BulkState, Selection
from rapport.records.custom_fields.actions import save_layout
from rapport.records.models import Export
from tests.world import NOW, make_user

URL = reverse("bulk_choose", args=["customer"])


def select(client: Any, *customers: Customer, act: str = "assign", **more: Any) -> Any:
    return client.post(URL, {"act": act, "row": [str(c.public_id) for c in customers], "query": "", **more})


def assign(client: Any, *customers: Customer, to: Any, **more: Any) -> BulkRun:
    """Select, answer and begin; the act as it then is."""
    page = select(client, *customers, **more)
    client.post(f"{page['Location']}begin/", {"owner": str(to.public_id) if to is not None else "nobody"})
    return BulkRun.objects.latest("pk")


def owners(*customers: Customer) -> list[Any]:
    return [Customer.objects.get(pk=customer.pk).owner for customer in customers]


def test_the_list_has_boxes_and_what_can_be_done(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)

    page = as_user(alice).get("/customers/").content.decode()

    assert f'name="row" value="{customer.public_id}" form="selection"' in page
    assert "Assign owner" in page
    assert "All 1 that fit" in page


def test_a_reader_has_no_boxes(alice: Any, rita: Any, as_user: Any) -> None:
    make_customer("Ana Souza", owner=alice)

    page = as_user(rita).get("/customers/").content.decode()

    assert 'name="row"' not in page
    assert 'id="selection"' not in page


def test_two_customers_get_an_owner_and_get_it_back(alice: Any, bob: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana, rui, left = (make_customer(name, owner=alice) for name in ("Ana", "Rui", "Left"))

    page = client.get(select(client, ana, rui)["Location"]).content.decode()
    run = assign(client, ana, rui, to=bob)

    assert "With 2 rows" in page
    assert (run.state, run.total, run.done, run.refused) == (BulkState.DONE, 2, 2, 0)
    assert owners(ana, rui, left) == [bob, bob, alice]
    client.post(reverse("bulk_undo", args=[run.public_id]))
    assert owners(ana, rui, left) == [alice, alice, alice]
    run.refresh_from_db()
    assert (run.state, run.undone) == (BulkState.UNDONE, 2)
    shown = client.get(reverse("bulk_run", args=[run.public_id])).content.decode()
    assert "Undone" in shown
    assert '<dt translate="no">Owner</dt><dd translate="no">Bob</dd>' in shown


def test_each_change_is_audited_under_who_acts(alice: Any, bob: Any, as_user: Any) -> None:
    ana = make_customer("Ana", owner=alice)

    run = assign(as_user(alice), ana, to=bob)

    with connection.cursor() as cursor:
        cursor.execute(
            "select actor_label, reason from audit_event where table_name = 'customers_customer' and row_id = %s"
            " order by id desc limit 1",
            [str(ana.pk)],
        )
        changed = cursor.fetchone()
        cursor.execute("select actor_label from audit_event where operation = 'customer.assign'")
        batch = cursor.fetchall()
    assert changed == ("Alice", "customers.owners_assigned")
    assert batch == [("Alice",)]
    assert run.done == 1


def test_a_change_since_is_not_undone(alice: Any, bob: Any, ada: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana, rui = make_customer("Ana", owner=alice), make_customer("Rui", owner=alice)
    run = assign(client, ana, rui, to=bob)
    assign_owner(ana, ada, by=ada, now=NOW)

    client.post(reverse("bulk_undo", args=[run.public_id]))

    assert owners(ana, rui) == [ada, alice]
    page = client.get(reverse("bulk_run", args=[run.public_id])).content.decode()
    assert "Somebody has changed the owner since" in page


def test_everything_that_fits_is_selected_across_pages(ada: Any, bob: Any, as_user: Any) -> None:
    for number in range(60):
        make_customer(f"Person {number}", external_id=f"p{number}", city="Leeds")
    other = make_customer("Elsewhere", city="York")

    run = assign(as_user(ada), to=bob, everything="1", query="filter=city.is:Leeds")

    assert (run.state, run.total) == (BulkState.WAITING, 60)
    assert owners(other) == [None]
    with connection.cursor() as cursor:
        cursor.execute("select args ->> 'run_id' from procrastinate_jobs where task_name = 'records.bulk'")
        assert cursor.fetchall() == [(str(run.pk),)]


def test_what_another_team_owns_is_left_out_without_a_word(alice: Any, charlie: Any, as_user: Any) -> None:
    mine, theirs = make_customer("Mine", owner=alice), make_customer("Theirs", owner=charlie)

    run = assign(as_user(alice), mine, theirs, to=alice)

    assert run.total == 1
    assert owners(theirs) == [charlie]


def test_foreign_ids_alone_are_nothing(alice: Any, charlie: Any, as_user: Any) -> None:
    client = as_user(alice)
    theirs = make_customer("Theirs", owner=charlie)

    answer = client.post(f"{select(client, theirs)['Location']}begin/", {"owner": str(alice.public_id)})

    assert answer["Location"] == "/customers/"
    assert BulkRun.objects.get().state == BulkState.DRAFT
    assert not BulkItem.objects.exists()


@pytest.mark.parametrize("row", ["x", "1", "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_id_selects_nothing(row: str, alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    answer = client.post(URL, {"act": "assign", "row": [row]})
    page = client.get(answer["Location"])

    assert page.status_code == 200
    assert "With 0 rows" in page.content.decode()


@pytest.mark.parametrize("row", ["", "'", "%s", "\x00", "\x01", "🙂", "a" * 5000, "1 or 1=1"])
def test_what_can_be_no_id_is_not_even_kept(row: str, alice: Any, as_user: Any) -> None:
    answer = as_user(alice).post(URL, {"act": "assign", "row": [row]})

    assert answer["Location"] == "/customers/"
    assert not Selection.objects.exists()


@pytest.mark.parametrize("query", ["\x00", "q=%00", "filter=" + "x" * 30_000])
@pytest.mark.parametrize("everything", [{}, {"everything": "1"}])
def test_a_query_that_no_list_takes_does_nothing(query: str, everything: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    customer = make_customer("Ana", owner=alice)

    answer = client.post(URL, {"act": "assign", "row": [str(customer.public_id)], "query": query, **everything})

    last = client.get(answer["Location"]) if answer.status_code == 302 else answer
    assert (last.status_code == 400) is (bool(everything) or query != "q=%00")


def test_a_list_address_cannot_lead_elsewhere(alice: Any, as_user: Any) -> None:
    answer = as_user(alice).post(URL, {"act": "assign", "query": "//evil.example\r\nSet-Cookie: a=b"})

    assert answer["Location"].startswith("/customers/?")
    assert "Set-Cookie" not in answer.headers


def test_nobody_outside_ones_reach_becomes_the_owner(alice: Any, charlie: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana = make_customer("Ana", owner=alice)

    answer = client.post(f"{select(client, ana)['Location']}begin/", {"owner": str(charlie.public_id)})

    assert answer.status_code == 422
    assert owners(ana) == [alice]


def test_an_act_is_ones_own(alice: Any, bob: Any, as_user: Any) -> None:
    place = select(as_user(alice), make_customer("Ana", owner=alice))["Location"]

    client = as_user(bob)

    assert client.get(place).status_code == 404
    assert client.post(f"{place}begin/", {"owner": str(bob.public_id)}).status_code == 404


def test_a_hidden_field_cannot_be_selected_by(ada: Any, alice: Any, as_user: Any) -> None:
    nothing_else = {"ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": ()}
    save_layout(alice.role, "customer", hidden=["city"], by=ada, **nothing_else)
    make_customer("Ana", owner=alice, city="Leeds")
    client = as_user(alice)

    place = client.post(URL, {"act": "assign", "everything": "1", "query": "filter=city.is:Leeds"})["Location"]

    assert client.get(place).status_code == 400
    assert client.post(f"{place}begin/", {"owner": str(alice.public_id)}).status_code == 400


@pytest.mark.parametrize("act", ["", "no", "same", "export"])
def test_an_act_that_is_not_there_or_not_allowed_does_not_exist(act: str, alice: Any, as_user: Any) -> None:
    assert select(as_user(alice), make_customer("Ana", owner=alice), act=act).status_code == 404
    assert not Selection.objects.exists()


def test_a_right_that_is_gone_stops_the_act(alice: Any, bob: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana = make_customer("Ana", owner=alice)
    place = select(client, ana)["Location"]
    with acting(SYSTEM):
        role = Role.objects.get(pk=alice.role_id)
        role.rights = [each for each in role.rights if each != "customers.edit"]
        role.save()

    assert client.post(f"{place}begin/", {"owner": str(bob.public_id)}).status_code == 404
    assert owners(ana) == [alice]


def test_nothing_selected_is_said(alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    answer = select(client)

    assert answer["Location"] == "/customers/"
    assert "Select at least one row" in client.get("/customers/").content.decode()


def test_an_act_begun_twice_is_done_once(alice: Any, bob: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana = make_customer("Ana", owner=alice)
    run = assign(client, ana, to=bob)
    assign_owner(ana, alice, by=alice, now=NOW)

    client.post(reverse("bulk_begin", args=[run.public_id]), {"owner": str(bob.public_id)})

    assert owners(ana) == [alice]
    assert BulkItem.objects.count() == 1


def test_selected_rows_go_into_a_file_alone(ada: Any, as_user: Any, home: Any) -> None:
    client = as_user(ada)
    ana, _rui = make_customer("Ana"), make_customer("Rui")

    page = select(client, ana, act="export")["Location"]
    shown = client.get(page).content.decode()
    query = page.partition("?")[2]
    body = {"query": query, "column": ["name"], "format": "csv"}
    export = client.post(reverse("export_new", args=["customer"]), body)["Location"]
    file = b"".join(client.get(f"{export}file/").streaming_content).decode()

    assert "1 rows" in shown or "1 row" in shown
    assert "Ana" in file
    assert "Rui" not in file
    assert Export.objects.get().rows_done == 1


def test_somebody_elses_selection_is_not_exported(ada: Any, as_user: Any) -> None:
    page = select(as_user(ada), make_customer("Ana"), act="export")["Location"]

    assert as_user(make_user("Adam", role="Administrator")).get(page).status_code == 400


def test_everything_exported_is_the_list_as_it_was(ada: Any, as_user: Any) -> None:
    make_customer("Ana", city="Leeds")

    answer = select(as_user(ada), act="export", everything="1", query="filter=city.is:Leeds")

    assert answer["Location"] == "/exports/new/customer/?filter=city.is:Leeds"


def test_too_many_are_refused_in_words(ada: Any, as_user: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk_selecting, "MOST_ROWS", 1)
    make_customer("Ana"), make_customer("Rui")
    client = as_user(ada)

    place = select(client, everything="1")["Location"]
    page = client.get(place).content.decode()

    assert "At most 1 rows are treated at once" in page
    assert 'type="submit">Assign owner' not in page
