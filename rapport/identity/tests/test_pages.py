"""The pages: merge, split, what is in doubt, the rules, and the hint on a new customer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import log_interaction
from rapport.customers.models import Customer, Interaction
from rapport.identity.actions import merge_customers
from rapport.identity.models import BlockedValue, IdentifierRule, Link, NeverPair
from rapport.identity.tests.people import look, one, person
from rapport.records.command_log.models import Command
from rapport.records.custom_fields.actions import save_layout
from tests.row_hashes import row_hashes
from tests.security.samples import SAMPLES
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")

PHONE = "+442079460958"


@pytest.fixture
def pair(alice: Any) -> tuple[Customer, Customer]:
    """Two customers of Alice's that share a number and bear different names."""
    return (
        person("Ana Souza", owner=alice, phone=PHONE, city="Leeds"),
        person("Rui Lima", source="till", owner=alice, phone=PHONE, email="rui@lima.pt"),
    )


def ids(*customers: Customer) -> str:
    return "?" + "&".join(f"id={customer.public_id}" for customer in customers)


def test_the_merge_page_shows_what_will_be_and_changes_nothing(alice, as_user, pair) -> None:
    client = as_user(alice)
    before = row_hashes()

    page = client.get(reverse("merge") + ids(*pair)).content.decode()

    assert "Ana Souza" in page
    assert "rui@lima.pt" in page
    assert "Make them one customer" in page
    assert row_hashes() == before


def test_the_merge_page_names_the_source_of_a_value_of_either_side(alice, as_user, pair) -> None:
    page = as_user(alice).get(reverse("merge") + ids(*pair)).content.decode()

    row = page.split('<th scope="row">E-mail')[1].split("</tr>")[0]
    assert '<span class="source">Till</span>' in row


def test_what_is_taken_out_is_not_with_what_stays(alice, as_user, pair) -> None:
    merge_customers(pair[0].pk, [pair[1].pk], by=alice, now=NOW)

    page = as_user(alice).get(split_of(*pair)).content.decode()

    lines = page.split("What will be</h2>")[1].split("</section>")[0]
    assert [line.split("</span>")[0] for line in lines.split('<span class="number">')[1:]] == ["Shop", "Till"]


def test_merging_leads_to_the_page_that_goes_on_and_the_other_id_too(alice, as_user, pair) -> None:
    client = as_user(alice)
    body = {"id": [str(c.public_id) for c in pair], "keep": str(pair[1].public_id), "reason": "Married"}

    answer = client.post(reverse("merge"), body)

    there = reverse("customer", args=[pair[1].public_id])
    assert answer["Location"] == there
    assert client.get(reverse("customer", args=[pair[0].public_id]))["Location"] == there
    assert Link.objects.get().reason == "Married"
    page = client.get(there).content.decode()
    assert "Merged by Alice" in page
    assert "Take this merge back" in page


def test_customers_are_found_to_be_merged(alice, as_user, pair) -> None:
    page = as_user(alice).get(reverse("merge") + ids(pair[0]) + "&q=Rui").content.decode()

    assert str(pair[1].public_id) in page


def test_nobody_found_is_said(alice, as_user, pair) -> None:
    assert "Nobody found" in as_user(alice).get(reverse("merge") + ids(pair[0]) + "&q=Zzz").content.decode()


def test_one_alone_is_not_merged(alice, as_user, pair) -> None:
    answer = as_user(alice).post(reverse("merge"), {"id": [str(pair[0].public_id)]})

    assert answer.status_code == 422


def test_a_person_and_an_organization_are_refused_in_words(alice, as_user, pair) -> None:
    firm = person("Souza Ltd", source="crm", kind="organization", owner=alice)

    answer = as_user(alice).post(reverse("merge"), {"id": [str(pair[0].public_id), str(firm.public_id)]})

    assert answer.status_code == 422
    assert "never one customer" in answer.content.decode()


def test_a_hidden_partner_looks_like_one_that_does_not_exist(alice, charlie, as_user, pair) -> None:
    theirs = person("Cia", source="crm", owner=charlie)
    client = as_user(alice)
    before = row_hashes()

    for method in (client.get, client.post):
        hidden = method(reverse("merge"), {"id": [str(pair[0].public_id), str(theirs.public_id)]})
        missing = method(reverse("merge"), {"id": [str(pair[0].public_id), str(pair[0].public_id)[:-4] + "0000"]})
        assert (hidden.status_code, missing.status_code) == (404, 404)
    body = {"one": str(pair[0].public_id), "other": str(theirs.public_id), "decision": "same"}
    assert client.post(reverse("doubt_decide"), body).status_code == 404
    assert row_hashes() == before


def test_a_merge_with_a_hidden_side_cannot_be_taken_back(ada, alice, charlie, as_user, pair) -> None:
    theirs = person("Cia", source="crm", owner=charlie)
    merge_customers(theirs.pk, [pair[0].pk], by=ada, now=NOW)

    answer = as_user(alice).post(reverse("merge_undo", args=[Link.objects.get().public_id]))

    assert answer.status_code == 404
    assert one(pair[0], theirs)


def test_taking_a_merge_back(alice, as_user, pair) -> None:
    merge_customers(pair[0].pk, [pair[1].pk], by=alice, now=NOW)
    client = as_user(alice)

    answer = client.post(reverse("merge_undo", args=[Link.objects.get().public_id]), follow=True)

    assert "The merge was taken back" in answer.content.decode()
    assert not one(*pair)
    again = client.post(reverse("merge_undo", args=[Link.objects.get().public_id]), follow=True)
    assert "taken back already" in again.content.decode()


def test_the_split_page_shows_what_will_be_and_splits(alice, as_user, pair) -> None:
    merge_customers(pair[0].pk, [pair[1].pk], by=alice, now=NOW)
    logged = log_interaction(pair[0], kind="call", text="About the till", by=alice, now=NOW)
    client, path = as_user(alice), reverse("customer_split", args=[pair[0].public_id])
    before = row_hashes()

    page = client.get(path, {"out": pair[1].public_id}).content.decode()

    assert "About the till" in page
    assert row_hashes() == before
    chosen = {f"row-customers_interaction.profile_id-{logged.public_id}": pair[1].public_id, "row-x": "1"}
    answer = client.post(path, {"out": pair[1].public_id} | chosen)
    assert answer["Location"] == reverse("customer", args=[pair[0].public_id])
    assert not one(*pair)
    logged.refresh_from_db()
    assert logged.customer_id == pair[1].pk


def test_a_split_of_everything_is_refused(alice, as_user, pair) -> None:
    merge_customers(pair[0].pk, [pair[1].pk], by=alice, now=NOW)
    path = reverse("customer_split", args=[pair[0].public_id])

    assert as_user(alice).post(path, {"out": [pair[0].public_id, pair[1].public_id]}).status_code == 422
    assert as_user(alice).get(path).status_code == 200


def test_who_was_never_joined_has_nothing_to_take_apart(alice, as_user, pair) -> None:
    page = as_user(alice).get(reverse("customer_split", args=[pair[0].public_id])).content.decode()

    assert "Nothing to take apart" in page


def test_the_page_of_doubts_asks_at_once_what_all_pairs_share_and_why_they_are_in_doubt(
    alice, as_user, pair, django_assert_max_num_queries
) -> None:
    for number in range(4):
        phone = f"+44207946060{number}"
        made = [person(name + "abcd"[number], owner=alice, phone=phone) for name in ("Ana Souza", "Rui Lima")]
        look(*made)
    look(*pair)

    with django_assert_max_num_queries(28):
        page = as_user(alice).get(reverse("doubts")).content.decode()

    assert PHONE in page
    assert all(f"+44207946060{number}" in page for number in range(4))


def test_pairs_in_doubt_are_shown_to_those_who_see_both(alice, charlie, as_user, pair) -> None:
    look()

    assert "Rui Lima" in as_user(alice).get(reverse("doubts")).content.decode()
    assert "Nothing is in doubt" in as_user(charlie).get(reverse("doubts")).content.decode()


@pytest.mark.parametrize("decision", ["same", "different"])
def test_a_pair_is_decided(alice, as_user, pair, decision) -> None:
    look()
    body = {"one": str(pair[0].public_id), "other": str(pair[1].public_id), "decision": decision}

    page = as_user(alice).post(reverse("doubt_decide"), body, follow=True).content.decode()

    assert "Nothing is in doubt" in page
    assert one(*pair) == (decision == "same")
    look()
    assert one(*pair) == (decision == "same")


@pytest.mark.parametrize("decision", ["same", "different"])
def test_the_key_of_undo_takes_the_decision_back_and_nothing_older(alice, as_user, pair, decision) -> None:
    client, one_id, other_id = as_user(alice), *(str(each.public_id) for each in pair)
    client.post(reverse("customer_log", args=[one_id]), {"kind": "note", "text": "Older"})
    told = client.post(
        reverse("doubt_decide"), {"one": one_id, "other": other_id, "decision": decision}, follow=True
    ).content.decode()
    decided = Command.objects.latest("pk")
    assert Command.objects.count() == 2
    assert reverse("change_undo", args=[decided.public_id]) in told

    undone = client.post(reverse("change_undo_last"), follow=True).content.decode()

    assert "Undone: Customers merged" in undone or "Undone: Said to be two customers" in undone
    assert not one(*pair)
    assert not NeverPair.objects.filter(undone_at=None).exists()
    assert Interaction.objects.count() == 1
    listed = client.get(reverse("changes")).content.decode()
    assert "Customer taken apart" in listed


def test_after_a_split_the_key_of_undo_says_how_and_touches_nothing(alice, as_user, pair) -> None:
    merge_customers(pair[0].pk, [pair[1].pk], by=alice, now=NOW)
    client, joined = as_user(alice), Customer.objects.get(pk=pair[0].pk)
    client.post(reverse("customer_log", args=[joined.public_id]), {"kind": "note", "text": "Older"})
    client.post(reverse("customer_split", args=[joined.public_id]), {"out": [str(pair[1].public_id)]})
    assert not one(*pair)

    said = client.post(reverse("change_undo_last"), follow=True).content.decode()

    assert "Merge them again" in said
    assert Interaction.objects.count() == 1


def test_an_unknown_decision_changes_nothing(alice, as_user, pair) -> None:
    body = {"one": str(pair[0].public_id), "other": str(pair[1].public_id), "decision": "perhaps"}

    assert as_user(alice).post(reverse("doubt_decide"), body).status_code == 404


def test_the_hint_names_whom_one_may_see(alice, charlie, as_user, pair) -> None:
    body = {"email": "RUI@lima.pt", "name": "", "phone": "020 7946 0958", "country": "GB"}

    mine = as_user(alice).post(reverse("duplicates"), body, headers={"HX-Request": "true"}).content.decode()

    assert "Rui Lima" in mine
    assert "same e-mail, same phone" in mine
    assert "Rui Lima" not in as_user(charlie).post(reverse("duplicates"), body).content.decode()


def test_a_known_address_is_asked_about_before_somebody_is_added(alice, as_user, pair) -> None:
    client, body = as_user(alice), {"kind": "person", "name": "R. Lima", "email": "rui@lima.pt"}

    answer = client.post(reverse("customer_new"), body)

    assert answer.status_code == 409
    assert "Add anyway" in answer.content.decode()
    assert not Customer.objects.filter(name="R. Lima").exists()
    client.post(reverse("customer_new"), body | {"anyway": "1"})
    added = Customer.objects.get(name="R. Lima")
    assert NeverPair.objects.count() == 1
    look(added)
    assert not one(added, pair[1])


def test_rules_are_changed_by_those_who_may(ada, alice, as_user) -> None:
    client = as_user(ada)

    client.post(reverse("identity_rules"), {"rule": "1", "most_customers": "4", "joins": "on", "typed_joins": "on"})
    assert client.post(reverse("identity_rules"), {"rule": "1", "most_customers": "1"}).status_code == 422

    rule = IdentifierRule.objects.get(kind=1)
    assert (rule.most_customers, rule.joins, rule.typed_joins) == (4, True, True)
    assert as_user(alice).get(reverse("identity_rules")).status_code == 403


def test_a_value_is_blocked_and_unblocked(ada, as_user) -> None:
    client = as_user(ada)

    client.post(reverse("identity_rules"), {"value": " Front@ ", "note": "the desk"})
    blocked = BlockedValue.objects.get(value="front@")
    assert "the desk" in client.get(reverse("identity_rules")).content.decode()

    client.post(reverse("identity_unblock", args=[blocked.public_id]))
    assert not BlockedValue.objects.filter(value="front@").exists()


def test_a_value_that_too_many_share_is_listed(alice, as_user) -> None:
    with acting(SYSTEM):
        IdentifierRule.objects.filter(kind=1).update(most_customers=2)
    for number in range(3):
        person(f"Ana {number}", source=f"s{number}", email="desk@souza.br", owner=alice)
    look()

    page = as_user(alice).get(reverse("doubts")).content.decode()

    assert "desk@souza.br" in page
    assert "3 customers" in page


def test_the_page_says_who_joined_them_when_why_by_what_and_what_each_side_said(alice, as_user) -> None:
    one_, other = (
        person("Ana Souza", owner=alice, email="ana@souza.br", city="Leeds"),
        person("A. Souza", source="till", owner=alice, email="ana@souza.br", city="York"),
    )
    look()
    merge_customers(one_.pk, [person("Rui Lima", source="news", owner=alice).pk], by=alice, now=NOW, reason="Married")

    page = as_user(alice).get(reverse("customer", args=[one_.public_id])).content.decode()
    panel = page.split('id="why-one"')[1].split("</section>")[0]

    assert one(one_, other)
    for said in ("ana@souza.br", "York", "Leeds", "A. Souza", "Merged by Alice", "Married", "2 Mar 2026"):
        assert said in panel, said


def test_what_a_role_does_not_see_is_not_told_by_what_joined_them(alice, ada, as_user) -> None:
    people = [person("Ana Souza", source=s, owner=alice, email="ana@souza.br") for s in ("shop", "till")]
    look()
    save_layout(
        alice.role, "customer", hidden=["email"], ordering=[], columns=None, hidden_panels=[], panel_ordering=[], by=ada
    )
    client = as_user(alice)

    for path in (reverse("customer", args=[people[0].public_id]), split_of(*people)):
        page = client.get(path).content.decode()
        assert "ana@souza.br" not in page


def split_of(keep: Customer, other: Customer) -> str:
    return reverse("customer_split", args=[keep.public_id]) + f"?out={other.public_id}"


def test_every_page_under_an_old_id_leads_to_the_customer_that_goes_on(alice, as_user, pair) -> None:
    merge_customers(pair[0].pk, [pair[1].pk], by=alice, now=NOW)
    client, seen = as_user(alice), 0
    old, new = str(pair[1].public_id), str(pair[0].public_id)

    for name in ("customer", *(name for name in SAMPLES if name.startswith(("customer_", "person_")))):
        for kwargs in ({}, {"kind": "email"}, {"unit": "job_title"}):
            with suppress(NoReverseMatch):
                path = reverse(name, kwargs={"public_id": new} | kwargs)
                answers = [client.get(each) for each in (path, path.replace(new, old))]
                statuses = [answer.status_code for answer in answers]
                assert statuses[1] in (statuses[0], 301, 302), (name, statuses)
                if statuses[1] in (301, 302) and statuses[0] == 200:
                    assert new in answers[1]["Location"], name
                seen += 1
    assert seen > 15
