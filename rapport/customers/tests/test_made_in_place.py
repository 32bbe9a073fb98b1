"""A record that is missing is made where it is needed, and chosen: from a task, a relationship, an employer."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from rapport.customers.models import Customer, Relationship
from rapport.customers.tests.world import make_customer
from rapport.work.models import Task

pytestmark = pytest.mark.django_db


def test_who_is_looked_up_is_found_or_made_and_what_was_made_can_be_undone(
    alice: Any, charlie: Any, as_user: Any
) -> None:
    mine = make_customer("Padaria Souza", owner=alice)
    make_customer("Padaria Mendes", owner=charlie)
    client = as_user(alice)

    asked = client.get("/on/find/", {"q": " padaria "}).json()
    made = client.post("/on/make/", {"kind": "customer", "as": "organization", "name": "Padaria  Nova"})

    assert [each["id"] for each in asked["found"]] == [str(mine.public_id)]
    assert [each["as"] for each in asked["make"]] == ["person", "organization"]
    assert client.get("/on/find/", {"q": "\x00"}).json() == {"found": [], "make": []}
    assert (made.status_code, made.json()["name"]) == (201, "Padaria Nova")
    new = Customer.objects.get(public_id=made.json()["id"])
    assert (new.kind, new.owner) == ("organization", alice)
    client.post("/tasks/add/", {"title": "Bake", "on": "customer", "on_id": made.json()["id"], "back": "tasks"})
    assert Task.objects.get().customer_id == new.pk
    client.post("/changes/undo/")
    client.post("/changes/undo/")
    new.refresh_from_db()
    assert new.trashed_at is not None


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "customer", "as": "ghost", "name": "X"}, {"kind": "order", "as": "person", "name": "X"},
        {"kind": "nothing", "as": "person", "name": "X"}, {"kind": "customer", "as": "person", "name": "  "}, {},
    ],
)  # fmt: skip
def test_only_what_can_be_made_is_made(alice: Any, as_user: Any, sent: dict[str, str]) -> None:
    assert as_user(alice).post("/on/make/", sent).status_code == 400
    assert not Customer.objects.exists()


def test_a_reader_makes_nothing(rita: Any, as_user: Any) -> None:
    assert as_user(rita).post("/on/make/", {"kind": "customer", "as": "person", "name": "X"}).status_code == 403
    assert as_user(rita).get("/on/find/", {"q": "x"}).status_code == 403
    assert not Customer.objects.exists()


def test_whoever_is_missing_in_a_relationship_is_added_and_chosen(alice: Any, as_user: Any) -> None:
    customer, client = make_customer("Ana Souza", owner=alice), as_user(alice)
    page = reverse("customer_relationship_add", args=[customer.public_id])
    asked = client.get(page, {"q": "Café Lume"}).text
    assert "Add “Café Lume” as an organization" in asked

    back = client.post(f"{page}?q=Café Lume", {"make": "organization"})
    shown = client.get(back["Location"]).text
    made = Customer.objects.get(name="Café Lume")

    assert f'value="{made.public_id}" id="id_other_0" required' in shown.replace(" checked", "").replace("  ", " ")
    assert "autofocus" in shown
    assert client.post(f"{page}?q=", {"make": "organization"}).status_code == 400
    assert client.post(f"{page}?q=X", {"make": "ghost"}).status_code == 400
    client.post(back["Location"], {"kind": "works_at", "other": made.public_id, "role": "Owner"})
    assert Relationship.objects.get().role == "Owner"


def test_a_new_customer_works_where_it_was_looked_up(alice: Any, charlie: Any, as_user: Any) -> None:
    bakery, strange = (
        make_customer("De Molen", owner=alice, kind="organization"),
        make_customer("Strange", owner=charlie),
    )
    client, said = as_user(alice), {"kind": "person", "name": "Mirjam Vogel", "job_title": "Buyer"}

    for employer in (strange.public_id, "no id"):
        assert client.post("/customers/new/", said | {"employer": employer}).status_code == 404
    refused = client.post("/customers/new/", said | {"employer": bakery.public_id, "email": "nonsense"})
    client.post("/customers/new/", said | {"employer": bakery.public_id})

    assert 'value="De Molen"' in refused.text
    tie = Relationship.objects.get()
    assert (tie.kind, tie.from_customer.name, tie.to_customer, tie.role) == (
        "works_at",
        "Mirjam Vogel",
        bakery,
        "Buyer",
    )
    assert tie.from_customer.organization == "De Molen"
