"""The search box: what can be begun, where one was lately, and who is found by what."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from rapport.core.acting import acting
from rapport.customers.actions_trash import trash_customer
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers
from tests.world import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def asked(client: Any, **query: Any) -> str:
    text: str = client.get("/palette/", query, headers=HTMX).text
    return text


def page_of(customer: Any) -> str:
    return reverse("customer", args=[customer.public_id])


def test_an_empty_box_names_where_one_was_lately_as_far_as_one_may_see_it(
    alice: Any, charlie: Any, ada: Any, as_user: Any
) -> None:
    mine, theirs = make_customer("Ana Souza", owner=alice), make_customer("Carla Mendes", owner=charlie)
    twin = make_customer("Ana B. Souza", owner=alice, external_id="twin")
    merge_customers(mine.pk, [twin.pk], by=ada, now=NOW)
    places = [page_of(theirs), page_of(twin), page_of(mine), "/customers/", f"/customers/{uuid4()}/", "//evil.example/"]

    shown = asked(as_user(alice), recent=places)

    assert "Recently visited" in shown
    assert shown.count(f'href="{page_of(mine)}"') == 1
    assert "Carla Mendes" not in shown
    assert str(theirs.public_id) not in shown
    assert "evil" not in shown
    assert "Recently visited" not in asked(as_user(alice), q="ana", recent=places)


def test_whom_one_visited_lately_stands_first_among_those_who_are_found(alice: Any, as_user: Any) -> None:
    found = [make_customer(f"Souza {letter}", owner=alice) for letter in "ABC"]

    shown = asked(as_user(alice), q="souza", recent=[page_of(found[2])])

    assert shown.index("Souza C") < shown.index("Souza A") < shown.index("Souza B")


def test_what_can_be_begun_depends_on_the_role(alice: Any, rita: Any, as_user: Any) -> None:
    assert "New customer" in asked(as_user(alice), q="new cu")
    assert "New customer" not in asked(as_user(rita), q="new cu")
    whole = as_user(alice).get("/customers/").text
    assert "data-takes-paste" in whole
    assert f'href="{reverse("quick_log")}" data-key="l"' in whole
    assert "data-takes-paste" not in as_user(rita).get("/customers/").text


@pytest.mark.parametrize(
    "text", ["5550142", "0142", "+55 51 5550-142", "(51) 5550142", "김서연", "서연", "김", "李明华", "明华"]
)
def test_somebody_is_found_by_part_of_a_number_and_by_hangul_and_han(alice: Any, as_user: Any, text: str) -> None:
    name = {"김": "김서연", "서": "김서연", "李": "李明华", "明": "李明华"}.get(text[0], "Ana Souza")
    make_customer(name, owner=alice, phone="+55515550142" if name == "Ana Souza" else None)
    make_customer("Somebody Else", owner=alice, phone="+55515550999")

    shown = asked(as_user(alice), q=text)

    assert name in shown
    assert "Somebody Else" not in shown


def test_where_one_was_says_nothing_of_what_lies_in_the_trash(alice: Any, as_user: Any) -> None:

    customer = make_customer("Ana Souza", owner=alice)
    with acting(alice):
        trash_customer(customer, by=alice, now=NOW)

    assert "Ana Souza" not in asked(as_user(alice), recent=[page_of(customer)])
