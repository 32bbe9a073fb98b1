"""Deciding about many pairs in doubt at once, merging from the list; what is kept apart stays apart, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from rapport.customers.models import Customer
from rapport.identity.actions import keep_apart, merge_customers
from rapport.identity.models import Doubt, Link, NeverPair
from rapport.identity.queries import doubtful_ids
from rapport.identity.tests.people import look, one, person
from rapport.records.bulk.models import BulkRun, BulkState
from tests.row_hashes import row_hashes
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")

DOUBTS, CUSTOMERS = reverse("bulk_choose", args=["doubt"]), reverse("bulk_choose", args=["customer"])


def make_pair(number: int, *, owner: Any) -> tuple[Customer, Customer]:
    """Two customers that share a number and bear different names."""
    phone = f"+4420794601{number:02}"
    names = (("Ana Souza", "shop"), ("Rui Lima", "till"))
    ana, rui = (
        person(name, source=source, owner=owner, phone=phone, external_id=f"{source}{number}") for name, source in names
    )
    return ana, rui


@pytest.fixture
def pairs(alice: Any) -> list[tuple[Customer, Customer]]:
    made = [make_pair(number, owner=alice) for number in range(3)]
    look()
    return made


def values(*pairs: tuple[Customer, Customer]) -> list[str]:
    return [f"{one.public_id}:{other.public_id}" for one, other in pairs]


def decide(client: Any, act: str, *pairs: tuple[Customer, Customer], **more: Any) -> BulkRun:
    place = client.post(DOUBTS, {"act": act, "row": values(*pairs), **more})["Location"]
    client.post(f"{place}begin/")
    return BulkRun.objects.latest("pk")


def undo(client: Any, run: BulkRun) -> BulkRun:
    client.post(reverse("bulk_undo", args=[run.public_id]))
    run.refresh_from_db()
    return run


def test_the_page_of_doubts_has_boxes_and_what_can_be_done(alice, as_user, pairs) -> None:
    page = as_user(alice).get(reverse("doubts")).content.decode()

    assert page.count('name="row"') == 3
    assert values(pairs[0])[0] in page
    assert "All 3 that fit" in page
    assert 'value="export"' not in page


def test_many_pairs_are_accepted_and_taken_back_to_the_row(alice, as_user, pairs) -> None:
    client = as_user(alice)
    before = row_hashes()

    run = decide(client, "same", *pairs[:2])

    assert (run.state, run.done, run.refused) == (BulkState.DONE, 2, 0)
    assert [one(*pair) for pair in pairs] == [True, True, False]
    assert [link.made_by for link in Link.objects.all()] == ["Alice", "Alice"]
    assert undo(client, run).undone == 2
    assert [one(*pair) for pair in pairs] == [False, False, False]
    assert Doubt.objects.count() == 3
    changed = {table for table, hashes in row_hashes().items() if hashes != before[table]}
    assert not changed & {"customers_profile", "customers_identifier", "identity_neverpair"}


def test_every_pair_is_kept_apart_and_doubted_again(alice, as_user, pairs) -> None:
    client = as_user(alice)

    run = decide(client, "different", everything="1")

    assert (run.total, run.done) == (3, 3)
    assert NeverPair.objects.filter(undone_at=None).count() == 3
    assert doubtful_ids(alice, at_most=10) == []
    assert undo(client, run).undone == 3
    assert not NeverPair.objects.filter(undone_at=None).exists()
    assert len(doubtful_ids(alice, at_most=10)) == 3


def test_what_somebody_kept_apart_since_is_never_merged(alice, bob, as_user, pairs) -> None:
    client = as_user(alice)
    place = client.post(DOUBTS, {"act": "same", "row": values(*pairs)})["Location"]
    chained = person("Eva Reis", owner=alice)
    merge_customers(pairs[0][0].pk, [chained.pk], by=bob, now=NOW)
    keep_apart(chained.merged_into_id or pairs[0][0].pk, pairs[0][1].pk, by=bob, now=NOW)

    client.post(f"{place}begin/")

    run = BulkRun.objects.get()
    assert [one(*pair) for pair in pairs] == [False, True, True]
    assert run.done == 2
    assert NeverPair.objects.filter(undone_at=None).exists()


def test_pairs_of_a_chain_become_one_and_come_apart_again(alice, as_user) -> None:
    ana = person("Ana Souza", owner=alice, phone="+442079460111", email="ana@example.com")
    rui = person("Rui Lima", source="till", owner=alice, phone="+442079460111", card="card-9")
    eva = person("Eva Reis", source="news", owner=alice, card="card-9")
    look()
    client = as_user(alice)
    in_doubt = doubtful_ids(alice, at_most=10)

    run = decide(client, "same", everything="1")

    assert len(in_doubt) == run.done >= 1
    together = one(ana, rui, eva)
    undo(client, run)
    assert not together or not one(ana, rui)
    assert doubtful_ids(alice, at_most=10) == in_doubt


def test_a_merge_taken_back_meanwhile_is_said(alice, as_user, pairs) -> None:
    client = as_user(alice)
    run = decide(client, "same", *pairs)
    link = Link.objects.earliest("pk")
    client.post(reverse("merge_undo", args=[link.public_id]))

    undo(client, run)

    assert run.undone == 2
    page = client.get(reverse("bulk_run", args=[run.public_id])).content.decode()
    assert "This was taken back already." in page


def test_pairs_of_another_team_are_not_decided(alice, charlie, as_user) -> None:
    pair = make_pair(7, owner=charlie)
    look()
    client = as_user(alice)

    place = client.post(DOUBTS, {"act": "same", "row": values(pair)})["Location"]
    client.post(f"{place}begin/")

    assert not one(*pair)
    assert BulkRun.objects.get().state == BulkState.DRAFT


def test_a_pair_of_which_one_side_is_not_seen_is_not_decided(alice, charlie, as_user) -> None:
    mine = person("Ana Souza", owner=alice, phone="+442079460122")
    theirs = person("Rui Lima", source="till", owner=charlie, phone="+442079460122")
    look()

    run = as_user(alice).post(DOUBTS, {"act": "different", "row": values((mine, theirs))})["Location"]
    as_user(alice).post(f"{run}begin/")

    assert not NeverPair.objects.exists()


@pytest.mark.parametrize("row", [":", "x:y", "1:2", "00000000-0000-0000-0000-000000000000:"])
def test_what_is_no_pair_selects_nothing(row, alice, as_user) -> None:
    client = as_user(alice)

    page = client.get(client.post(DOUBTS, {"act": "same", "row": [row]})["Location"])

    assert "With 0 rows" in page.content.decode()


def test_a_pair_that_is_in_no_doubt_is_not_merged_from_there(alice, as_user) -> None:
    strangers = (person("Ana Souza", owner=alice), person("Rui Lima", source="till", owner=alice))

    run = as_user(alice).post(DOUBTS, {"act": "same", "row": values(strangers)})["Location"]
    as_user(alice).post(f"{run}begin/")

    assert not one(*strangers)


def test_selected_customers_lead_to_the_page_that_shows_what_will_be(alice, as_user) -> None:
    client = as_user(alice)
    people = [person(name, owner=alice) for name in ("Ana", "Eva", "Rui")]

    page = client.post(CUSTOMERS, {"act": "merge", "row": [str(each.public_id) for each in people]})["Location"]

    shown = client.get(page).content.decode()
    assert page.startswith(reverse("merge"))
    assert "Make them one customer" in shown
    assert all(str(each.public_id) in page for each in people)


@pytest.mark.parametrize("count", [1, 11])
def test_so_many_customers_are_not_merged_from_the_list(count, alice, as_user) -> None:
    client = as_user(alice)
    people = [person(f"Ana {number}", owner=alice) for number in range(count)]

    answer = client.post(CUSTOMERS, {"act": "merge", "row": [str(each.public_id) for each in people]})

    assert answer["Location"] == "/customers/"
    assert "Select two to 10 customers" in client.get("/customers/").content.decode()


def test_customers_kept_apart_are_not_merged_from_the_list(alice, as_user) -> None:
    client = as_user(alice)
    ana, rui = person("Ana", owner=alice), person("Rui", owner=alice)
    keep_apart(ana.pk, rui.pk, by=alice, now=NOW)

    answer = client.post(CUSTOMERS, {"act": "merge", "row": [str(ana.public_id), str(rui.public_id)]})

    assert answer["Location"] == "/customers/"
    assert "Somebody has said that Ana and Rui are two" in client.get("/customers/").content.decode()


def test_customers_of_another_team_are_not_shown_for_a_merge(alice, charlie, as_user) -> None:
    client = as_user(alice)
    mine, theirs = person("Mine", owner=alice), person("Theirs", owner=charlie)

    answer = client.post(CUSTOMERS, {"act": "merge", "row": [str(mine.public_id), str(theirs.public_id)]})

    assert answer["Location"] == "/customers/"
