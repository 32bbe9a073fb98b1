"""A customer in the trash is nowhere else, comes back whole, and goes for good by the rule or by right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions_trash import restore_customer, trash_customer
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.models import Customer, Identifier, Profile
from rapport.customers.relationships.actions import add_relationship
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers
from rapport.privacy.keeping import apply_rules
from rapport.records.models import Command
from rapport.records.trash.declaring import TrashRefused
from tests.world import NOW


@pytest.fixture
def ana(alice: Any) -> Customer:
    return make_customer("Ana Souza", owner=alice, city="Lisboa", email="ana@shop.example")


@pytest.fixture
def trashed(ana: Customer, alice: Any) -> Customer:
    trash_customer(ana, by=alice, now=NOW)
    ana.refresh_from_db()
    return ana


def test_the_form_of_a_customer_puts_her_into_the_trash(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    url = reverse("customer_trash", args=[ana.public_id])
    assert url in client.get(reverse("customer_edit", args=[ana.public_id])).content.decode()

    page = client.post(url, follow=True).content.decode()

    assert "Ana Souza is in the trash." in page
    assert client.get(reverse("customer", args=[ana.public_id])).status_code == 404
    assert AuditEvent.objects.filter(reason="customers.customer_trashed", table_name="customers_customer").count() == 1


def test_who_may_not_see_or_change_her_does_not_trash_her(ana: Customer, charlie: Any, rita: Any, as_user: Any) -> None:
    url = reverse("customer_trash", args=[ana.public_id])

    assert as_user(charlie).post(url).status_code == 404
    assert as_user(rita).post(url).status_code == 403
    ana.refresh_from_db()
    assert ana.trashed_at is None


def test_she_is_in_no_list_search_or_export(trashed: Customer, alice: Any, ada: Any, as_user: Any) -> None:
    for user in (alice, ada):
        client = as_user(user)
        for path in ("/customers/", "/customers/?q=ana", "/customers/?q=ana%40shop.example", "/palette/?q=ana"):
            assert b"Ana Souza" not in client.get(path).content


def test_she_is_no_candidate_of_a_merge(trashed: Customer, alice: Any) -> None:
    other = make_customer("Ana S.", owner=alice, external_id="2")

    with pytest.raises(Exception, match=r"."):
        merge_customers(other.pk, [trashed.pk], by=alice, now=NOW, reason="the same")
    assert Profile.objects.get(external_id="Ana Souza").customer_id == trashed.pk


def test_ties_to_her_are_hidden_and_come_back(ana: Customer, alice: Any, as_user: Any) -> None:
    kade = make_customer("Kade Ltd", owner=alice, kind="organization")
    add_relationship(ana, kade, "works_at", by=alice, now=NOW)
    client, page = as_user(alice), reverse("customer", args=[kade.public_id])

    trash_customer(ana, by=alice, now=NOW)
    hidden = client.get(page).content.decode()
    restore_customer(ana, by=alice, now=NOW)

    assert "Ana Souza" not in hidden
    assert "Ana Souza" in client.get(page).content.decode()


def test_the_trash_shows_her_to_who_may_see_her(
    trashed: Customer, alice: Any, bob: Any, charlie: Any, as_user: Any
) -> None:
    assert "Ana Souza" in as_user(alice).get("/trash/").content.decode()
    assert "Ana Souza" in as_user(bob).get("/trash/").content.decode()
    assert "Ana Souza" not in as_user(charlie).get("/trash/").content.decode()


def test_she_comes_back_from_the_trash_with_all_she_had(trashed: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    page = client.post(reverse("trash_restore", args=["customer", trashed.public_id]), follow=True).content.decode()

    assert "Ana Souza is back." in page
    trashed.refresh_from_db()
    assert (trashed.trashed_at, trashed.city) == (None, "Lisboa")
    assert client.get(reverse("customer", args=[trashed.public_id])).status_code == 200


def test_bringing_her_back_from_the_page_settles_the_undo(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("customer_trash", args=[ana.public_id]))

    client.post(reverse("trash_restore", args=["customer", ana.public_id]))

    assert Command.objects.get().undone_at is not None


def test_others_do_not_bring_her_back(trashed: Customer, charlie: Any, rita: Any, as_user: Any) -> None:
    url = reverse("trash_restore", args=["customer", trashed.public_id])

    assert as_user(charlie).post(url).status_code == 404
    assert as_user(rita).post(url).status_code == 403
    trashed.refresh_from_db()
    assert trashed.trashed_at is not None


def test_whoever_is_restricted_is_kept_as_she_is(ana: Customer, alice: Any, as_user: Any) -> None:
    restrict_processing(ana, ground="disputed", by=alice, now=NOW)

    with pytest.raises(TrashRefused, match="restricted"):
        trash_customer(ana, by=alice, now=NOW)
    page = as_user(alice).post(reverse("customer_trash", args=[ana.public_id]), follow=True).content.decode()

    assert "restricted" in page
    ana.refresh_from_db()
    assert ana.trashed_at is None


def test_whoever_was_merged_into_her_goes_and_comes_with_her(ana: Customer, alice: Any, as_user: Any) -> None:
    other = make_customer("Ana de Souza", owner=alice, external_id="2")
    merge_customers(ana.pk, [other.pk], by=alice, now=NOW, reason="the same")
    client, old = as_user(alice), reverse("customer", args=[other.public_id])

    trash_customer(ana, by=alice, now=NOW)
    hidden, listed = client.get(old).status_code, client.get("/trash/").content.decode()
    restore_customer(ana, by=alice, now=NOW)

    assert hidden == 404
    assert str(other.public_id) not in listed
    assert client.get(old, follow=True).status_code == 200


def test_who_may_erase_ends_her_before_the_time_and_is_warned(
    trashed: Customer, ada: Any, alice: Any, as_user: Any
) -> None:
    url = reverse("trash_purge", args=["customer", trashed.public_id])

    asked = as_user(ada).get(url).content.decode()
    assert as_user(alice).get(url).status_code == 403
    assert as_user(alice).post(url).status_code == 403
    assert Customer.objects.filter(pk=trashed.pk).exists()
    as_user(ada).post(url)

    assert "This cannot be undone" in asked
    assert not Customer.objects.filter(pk=trashed.pk).exists()
    assert not Identifier.objects.exists()


def test_nothing_is_kept_for_undoing_of_whom_is_gone(ana: Customer, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    client.post(
        reverse("customer_edit", args=[ana.public_id]),
        {"name": "Ana S.", "version": ana.version, "city": "Lisboa", "email": "ana@shop.example"},
    )
    client.post(reverse("customer_trash", args=[ana.public_id]))
    assert Command.objects.count() == 2

    client.post(reverse("trash_purge", args=["customer", ana.public_id]))

    assert not Command.objects.exists()


def test_the_nightly_rule_takes_her_after_thirty_days(trashed: Customer, business: Any) -> None:
    apply_rules(now=NOW + timedelta(days=29))
    still_there = Customer.objects.filter(pk=trashed.pk).exists()
    apply_rules(now=NOW + timedelta(days=31))

    assert still_there
    assert not Customer.objects.filter(pk=trashed.pk).exists()


def test_trashing_twice_is_trashing_once(trashed: Customer, alice: Any) -> None:
    assert not trash_customer(trashed, by=alice, now=NOW)
    assert restore_customer(trashed, by=alice, now=NOW)
    assert not restore_customer(trashed, by=alice, now=NOW)


def test_a_trash_there_is_not_is_not_found(alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    assert client.post("/trash/nothing/00000000-0000-4000-8000-000000000000/restore/").status_code == 404
    assert "The trash is empty" in client.get("/trash/").content.decode()


def test_the_trash_is_found_by_its_index(alice: Any) -> None:
    found = Customer.objects.filter(merged_into=None).exclude(trashed_at=None).order_by("-trashed_at", "-pk")[:100]
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        plan = found.explain()

    assert "customers_trashed" in plan
