"""A list as a board: columns of any field with few values, bounded counts and sums, and cards that are moved like any edit."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rapport.commerce.models import Order, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import undo_command
from rapport.records.custom_fields.actions import add_field, choices_from, save_layout
from rapport.records.lists.page import list_page_of
from tests.world import NOW

STAGES = ("Lead", "Talking", "Won")


@pytest.fixture
def stage(ada: Any) -> Any:
    return add_field("customer", label="Stage", kind="choice", by=ada, choices=choices_from(STAGES, []), is_column=True)


def make(name: str, owner: Any, **custom: Any) -> Customer:
    from rapport.customers.survivorship.deriving import derive_customers

    made = make_customer(name, owner=owner, external_id=name)
    if custom:
        with acting(SYSTEM), connection.cursor() as cursor:
            cursor.execute(
                "update customers_profile set custom = %s where customer_id = %s", [json.dumps(custom), made.pk]
            )
            derive_customers([made.pk])
    return made


def look(user: Any, query: str, of: Any = CUSTOMERS, path: str = "/customers/") -> Any:
    return list_page_of(QueryDict(query), path, of, user=user)


def columns(page: Any) -> dict[str, list[str]]:
    return {str(each.group.label): [card.name for card in each.cards] for each in page.looked.columns}


def counts(page: Any) -> dict[str, int]:
    return {str(each.group.label): each.group.count for each in page.looked.columns}


def move(client: Any, customer: Customer, field: str, to: str, was: str, **more: Any) -> Any:
    address = reverse("cell", args=["customer", customer.public_id, field])
    query = f"as=board&by={field}"
    return client.post(address, {"to": to, "was": was, "query": query}, headers={"HX-Request": "true"}, **more)


def test_a_board_has_a_column_for_each_choice_in_its_order_with_the_first_cards_of_each(
    stage: Any, alice: Any, charlie: Any
) -> None:
    for number in range(23):
        make(f"Lead {number:02}", alice, c_stage="lead")
    make("Ann", alice, c_stage="won")
    make("Zoe", alice)
    make("Of the south", charlie, c_stage="won")

    page = look(alice, "as=board&by=c_stage")
    found = columns(page)

    assert list(found) == ["Lead", "Talking", "Won", "Without a value"]
    assert found["Lead"] == [f"Lead {number:02}" for number in range(20)]
    assert (found["Talking"], found["Won"], found["Without a value"]) == ([], ["Ann"], ["Zoe"])
    assert counts(page) == {"Lead": 23, "Talking": 0, "Won": 1, "Without a value": 1}
    first = page.looked.columns[0]
    rest = look(alice, f"as=board&by=c_stage&column=lead&after={first.next_cursor}")
    assert columns(rest) == {"Lead": ["Lead 20", "Lead 21", "Lead 22"]}
    assert rest.looked.columns[0].next_cursor == ""
    assert list(columns(look(alice, "as=board&by=c_stage&q=ann&filter=kind.is:person"))) == list(found)
    assert columns(look(alice, "as=board&by=c_stage&q=ann"))["Won"] == ["Ann"]
    assert columns(look(alice, "as=board&by=c_stage&sort=-name"))["Lead"][0] == "Lead 22"


def test_a_board_costs_as_many_statements_with_many_columns_as_with_few(stage: Any, alice: Any, bob: Any) -> None:
    make("Ann", alice, c_stage="won")
    with CaptureQueriesContext(connection) as few:
        look(alice, "as=board&by=c_stage")
    for number, choice in enumerate(("lead", "talking", "won", None)):
        make(f"Another {number}", bob, **({"c_stage": choice} if choice else {}))

    with CaptureQueriesContext(connection) as many:
        page = look(alice, "as=board&by=c_stage")

    assert sum(counts(page).values()) == 5
    assert len(many) == len(few)
    assert {card.name: card.holder for card in page.looked.columns[2].cards} == {"Ann": "Alice", "Another 2": "Bob"}
    assert {card.holder for each in look(alice, "as=board&by=owner").looked.columns for card in each.cards} == {""}
    assert sum("of_group" in each["sql"] for each in many) == 1


def test_owners_and_amounts_make_a_board_whose_sums_keep_currencies_apart(ada: Any, alice: Any, as_user: Any) -> None:
    ann = make("Ann", alice)
    with acting(SYSTEM):
        for number, (kind, currency, amount) in enumerate(
            [("sale", "GBP", 5), ("sale", "GBP", 7), ("sale", "USD", 3), ("return", "GBP", -2)]
        ):
            Order.objects.create(
                source_id=1, external_id=f"O{number}", kind=kind, customer=ann, channel="store", currency=currency,
                total_micros=amount * 10**6, line_count=1, placed_at=NOW - timedelta(days=number),
            )  # fmt: skip

    orders = as_user(ada).get("/orders/?as=board&by=kind")
    owners = as_user(ada).get("/customers/?as=board&by=owner")

    assert re.search(r"£12 · (US)?\$3<", orders.content.decode())
    together = as_user(ada).get("/orders/?by=kind").content.decode().partition("<b>Together</b>")[2]
    assert re.search(r">4</span>.*£10 · (US)?\$3<", together)
    assert list(re.findall(r'data-column="[^"]*" data-said="([^"]*)"', owners.content.decode()))[:2] == ["Ada", "Alice"]
    assert "data-takes aria" not in orders.content.decode()
    assert owners.content.decode().count("data-takes aria") >= 2


def test_a_card_is_moved_by_the_fields_own_edit_which_is_undone_and_refused_where_it_was_changed_meanwhile(
    stage: Any, alice: Any, bob: Any, rita: Any, charlie: Any, as_user: Any
) -> None:
    ann = make("Ann", alice, c_stage="lead")

    answer = move(as_user(alice), ann, "c_stage", "won", "lead")

    assert answer.status_code == 200
    assert f'data-moved="won" data-id="card-{ann.public_id}"' in answer.content.decode()
    assert "Ann: Stage is Won." in answer.content.decode()
    assert Customer.objects.get(pk=ann.pk).custom == {"c_stage": "won"}
    late = move(as_user(bob), ann, "c_stage", "talking", "lead")
    assert late.status_code == 409
    assert "Stage is Won. Nothing of yours was saved." in late.content.decode()
    assert 'data-moved="won"' in late.content.decode()
    assert move(as_user(rita), ann, "c_stage", "talking", "won").status_code == 403
    assert move(as_user(charlie), ann, "c_stage", "talking", "won").status_code == 404
    assert move(as_user(bob), ann, "c_stage", "nonsense", "won").status_code == 422
    assert move(as_user(bob), ann, "c_nothing", "talking", "won").status_code == 404
    assert move(as_user(bob), ann, "kind", "organization", "person").status_code == 403
    assert Customer.objects.get(pk=ann.pk).custom == {"c_stage": "won"}
    undo_command(Command.objects.get(), by=alice, now=NOW)
    assert Customer.objects.get(pk=ann.pk).custom == {"c_stage": "lead"}


def test_moving_to_another_owner_goes_by_the_act_that_assigns(
    ada: Any, alice: Any, bob: Any, charlie: Any, as_user: Any
) -> None:
    ann = make("Ann", alice)
    client = as_user(alice)

    assert move(client, ann, "owner", str(bob.public_id), str(alice.public_id)).status_code == 200
    assert Customer.objects.get(pk=ann.pk).owner_id == bob.pk
    assert move(client, ann, "owner", str(charlie.public_id), str(bob.public_id)).status_code == 422
    assert move(client, ann, "owner", "", str(bob.public_id)).status_code == 422
    assert Customer.objects.get(pk=ann.pk).owner_id == bob.pk
    assert move(as_user(ada), ann, "owner", "", str(bob.public_id)).status_code == 200
    undo_command(Command.objects.get(actor=ada), by=ada, now=NOW)
    assert Customer.objects.get(pk=ann.pk).owner_id == bob.pk


def test_the_form_without_javascript_asks_and_leads_back(stage: Any, alice: Any, as_user: Any) -> None:
    ann = make("Ann", alice, c_stage="lead")
    client = as_user(alice)
    address = reverse("cell", args=["customer", ann.public_id, "c_stage"])

    shown = client.get(f"{address}?query=as%3Dboard%26by%3Dc_stage")
    moved = client.post(address, {"to": "won", "was": "lead", "query": "as=board&by=c_stage"})

    assert '<option value="lead" selected>Lead</option>' in shown.content.decode()
    assert (moved.status_code, moved["Location"]) == (302, "/customers/?as=board&by=c_stage")
    wrong = client.post(address, {"to": "nonsense", "was": "won", "query": "as=board&by=c_stage"})
    assert wrong.status_code == 422


def test_ways_and_fields_that_are_hidden_unknown_or_of_another_kind_are_refused(
    stage: Any, alice: Any, ada: Any, as_user: Any
) -> None:
    make("Ann", alice, c_stage="lead")
    client = as_user(alice)
    for query in (
        "as=gantt", "as=board&by=name", "as=board&by=nothing", "as=calendar&by=kind", "by=created", "as=board&sum=name",
        "as=board&by=c_stage&column=other", "as=calendar&day=2026-02-30", "as=calendar&span=year", "by=kind&group=x",
    ):  # fmt: skip
        assert client.get(f"/customers/?{query}").status_code == 400, query

    save_layout(
        alice.role,
        "customer",
        hidden=["c_stage"],
        ordering=[],
        columns=None,
        hidden_panels=[],
        panel_ordering=[],
        by=ada,
    )
    assert client.get("/customers/?as=board&by=c_stage").status_code == 400
    assert "c_stage" not in client.get("/customers/?as=board&by=kind").content.decode()


def test_a_view_keeps_the_way_and_a_reader_who_does_not_see_the_field_is_told(
    stage: Any, alice: Any, ada: Any, as_user: Any
) -> None:
    make("Ann", alice, c_stage="lead")
    client = as_user(ada)
    client.post("/lists/customer/views/new/", {"name": "Stages", "query": "as=board&by=c_stage", "is_shared": "on"})
    address = client.get("/customers/").wsgi_request.path

    from rapport.records.models import SavedView

    view = SavedView.objects.get()
    shown = client.get(f"{address}?view={view.public_id}").content.decode()

    assert view.asked == {"sort": ["name"], "as": ["board"], "by": ["c_stage"]}
    assert 'data-board data-query="' in shown
    assert "Talking" in shown
    save_layout(
        alice.role,
        "customer",
        hidden=["c_stage"],
        ordering=[],
        columns=None,
        hidden_panels=[],
        panel_ordering=[],
        by=ada,
    )
    others = as_user(alice).get(f"{address}?view={view.public_id}").content.decode()
    assert "Talking" not in others
    assert "left out" in others


def test_an_open_board_says_that_it_has_changed(stage: Any, alice: Any, as_user: Any) -> None:
    ann = make("Ann", alice, c_stage="lead")
    client = as_user(alice)
    asks = look(alice, "as=board&by=c_stage").changes_url

    assert "has changed" not in client.get(asks, headers={"HX-Request": "true"}).content.decode()
    move(client, ann, "c_stage", "won", "lead")
    assert "This has changed" in client.get(asks, headers={"HX-Request": "true"}).content.decode()


def test_a_table_in_groups_counts_and_adds_up_each_and_opens_them_page_by_page(alice: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        for number in range(25):
            Product.objects.create(
                source_id=1, code=f"T{number:02}", name=f"Tea {number:02}", category="Tea", price_micros=2_000_000,
                currency="GBP",
            )  # fmt: skip
        Product.objects.create(source_id=1, code="C", name="Cup", category="cup", price_micros=None, currency="GBP")
    client = as_user(alice)

    closed = client.get("/products/?by=category").content.decode()
    opened = client.get("/products/?by=category&open=tea").content.decode()

    assert "£50<" in closed
    assert "Tea 00" not in closed
    assert re.findall(r"Tea \d\d(?=</a>)", opened) == [f"Tea {number:02}" for number in range(20)]
    following = re.search(r'hx-get="([^"]*group=tea[^"]*)"', opened)
    assert following is not None
    rest = client.get(following[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r"Tea \d\d(?=</a>)", rest) == [f"Tea {number:02}" for number in range(20, 25)]
    assert "filter=category.is:Tea" in opened


def test_counts_that_stop_early_say_so(alice: Any, monkeypatch: Any) -> None:
    from rapport.records.lists import grouping

    monkeypatch.setattr(grouping, "LOOKS_AT", 3)
    for number in range(5):
        make(f"Customer {number}", alice)

    page = look(alice, "as=board&by=kind")

    assert page.looked.groups.is_capped
    assert page.looked.groups.count_in_words(page.looked.columns[0].group).startswith("at least ")
    assert len(columns(page)["Person"]) == 5
