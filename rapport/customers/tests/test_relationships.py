"""Who belongs together: shown from both sides, to those who may see both; added, changed, ended, removed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Relationship
from rapport.customers.relationships.actions import RelationshipExists, UnableToRelate, add_relationship
from rapport.customers.tests.world import make_customer
from tests.world import NOW


@pytest.fixture
def ann(alice: Any) -> Customer:
    return make_customer("Ann Kade", owner=alice)


@pytest.fixture
def kade(alice: Any) -> Customer:
    return make_customer("Kade Ltd", owner=alice, kind="organization")


def page(name: str, record: Any) -> str:
    return reverse(name, args=[record.public_id])


def fold(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_tie_reads_from_both_sides(ann: Customer, kade: Customer, alice: Any, as_user: Any) -> None:
    add_relationship(ann, kade, "works_at", role="Buyer", since=date(2024, 5, 1), by=alice, now=NOW)
    client = as_user(alice)

    hers, theirs = fold(client.get(page("customer", ann))), fold(client.get(page("customer", kade)))
    all_of_hers = fold(client.get(page("customer_relationships", ann)))

    assert "works at · Buyer" in hers
    assert "Kade Ltd" in hers
    assert "employs · Buyer" in theirs
    assert "Ann Kade" in theirs
    assert "since 1 May 2024" in all_of_hers


def test_somebody_is_looked_up_and_added(ann: Customer, kade: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    url = page("customer_relationship_add", kade)

    found = fold(client.get(url, {"q": "ann"}))
    nobody = fold(client.get(url, {"q": "zzzz"}))
    saved = client.post(
        f"{url}?q=ann", {"kind": "works_at.back", "other": ann.public_id, "role": "Buyer", "since": "2024-05-01"}
    )

    assert str(ann.public_id) in found
    assert f'value="{kade.public_id}"' not in found
    assert "Nobody found" in nobody
    assert saved.status_code == 302
    tie = Relationship.objects.get()
    assert (tie.from_customer_id, tie.to_customer_id, tie.kind, tie.role) == (ann.pk, kade.pk, "works_at", "Buyer")
    assert AuditEvent.objects.filter(
        table_name="customers_relationship", operation="insert", actor_label="Alice"
    ).exists()


def test_only_who_sees_both_sides_sees_the_tie(ann: Customer, alice: Any, charlie: Any, ada: Any, as_user: Any) -> None:
    hidden = make_customer("Hidden Harry", owner=charlie)
    tie = add_relationship(ann, hidden, "household", by=ada, now=NOW)

    for person in (alice, charlie):
        own = ann if person is alice else hidden
        text = fold(as_user(person).get(page("customer", own)))
        assert "lives with" not in text
        assert ("Hidden Harry" in text) is (person is charlie)
        assert "Nobody yet" in fold(as_user(person).get(page("customer_relationships", own)))
        assert as_user(person).get(page("relationship", tie)).status_code == 404
        assert as_user(person).post(page("relationship_remove", tie)).status_code == 404
    assert "Hidden Harry" in fold(as_user(ada).get(page("customer", ann)))
    assert Relationship.objects.count() == 1


def test_a_hidden_customer_is_neither_found_nor_tied(ann: Customer, alice: Any, charlie: Any, as_user: Any) -> None:
    hidden = make_customer("Hidden Harry", owner=charlie)
    url = page("customer_relationship_add", ann)

    found = fold(as_user(alice).get(url, {"q": "hidden"}))
    refused = as_user(alice).post(f"{url}?q=hidden", {"kind": "household", "other": hidden.public_id})

    assert "Hidden Harry" not in found
    assert refused.status_code == 422
    assert not Relationship.objects.exists()


def test_a_merged_or_trashed_customer_is_not_shown(ann: Customer, kade: Customer, alice: Any, as_user: Any) -> None:
    add_relationship(ann, kade, "owns", by=alice, now=NOW)
    with acting(SYSTEM):
        Customer.objects.filter(pk=kade.pk).update(trashed_at=NOW)

    assert "Kade Ltd" not in fold(as_user(alice).get(page("customer", ann)))


def test_a_tie_is_changed_ended_and_removed(ann: Customer, kade: Customer, alice: Any, as_user: Any) -> None:
    tie = add_relationship(ann, kade, "works_at", role="Buyer", by=alice, now=NOW)
    client = as_user(alice)

    wrong = client.post(page("relationship", tie), {"role": "Buyer", "since": "2025-01-01", "until": "2024-01-01"})
    saved = client.post(
        page("relationship", tie), {"role": "Head", "since": "2024-01-01", "until": "", "initial-role": "Buyer"}
    )

    assert wrong.status_code == 422
    assert saved.status_code == 302
    tie.refresh_from_db()
    assert (tie.role, tie.since, tie.until) == ("Head", date(2024, 1, 1), None)

    client.post(page("relationship_end", tie))
    tie.refresh_from_db()
    assert tie.until is not None

    client.post(page("relationship_remove", tie))
    assert not Relationship.objects.exists()


def test_a_late_change_shows_what_is_saved_and_keeps_it(
    ann: Customer, kade: Customer, alice: Any, bob: Any, as_user: Any
) -> None:
    tie = add_relationship(ann, kade, "works_at", role="Buyer", by=alice, now=NOW)
    opened = {"initial-role": "Buyer", "initial-since": "", "initial-until": ""}
    as_user(bob).post(page("relationship", tie), {"role": "Head", **opened})

    late = as_user(alice).post(page("relationship", tie), {"role": "Chief", **opened})

    assert late.status_code == 409
    assert "Head" in late.content.decode()
    tie.refresh_from_db()
    assert tie.role == "Head"
    again = as_user(alice).post(page("relationship", tie), {"role": "Chief", **opened, "initial-role": "Head"})
    assert again.status_code == 302


def test_the_same_tie_twice_and_a_tie_to_oneself_are_refused(ann: Customer, kade: Customer, alice: Any) -> None:
    add_relationship(ann, kade, "household", by=alice, now=NOW)

    with pytest.raises(RelationshipExists):
        add_relationship(kade, ann, "household", by=alice, now=NOW)
    with pytest.raises(UnableToRelate):
        add_relationship(ann, ann, "owns", by=alice, now=NOW)
    assert Relationship.objects.count() == 1


def test_what_has_ended_can_begin_anew(ann: Customer, kade: Customer, alice: Any) -> None:
    add_relationship(ann, kade, "works_at", until=date(2024, 1, 1), by=alice, now=NOW)

    again = add_relationship(ann, kade, "works_at", role="Head", by=alice, now=NOW)

    assert (again.until, again.role) == (None, "Head")


def test_strangers_and_readers_change_nothing(
    ann: Customer, kade: Customer, alice: Any, charlie: Any, rita: Any, as_user: Any
) -> None:
    tie = add_relationship(ann, kade, "works_at", by=alice, now=NOW)

    assert as_user(charlie).get(page("customer_relationships", ann)).status_code == 404
    assert as_user(charlie).get(page("customer_relationship_add", ann)).status_code == 404
    assert as_user(rita).get(page("customer_relationship_add", ann)).status_code == 403
    assert as_user(rita).post(page("relationship_end", tie)).status_code == 403
    assert "Kade Ltd" in fold(as_user(rita).get(page("customer_relationships", ann)))
