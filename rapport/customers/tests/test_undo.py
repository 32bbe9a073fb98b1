"""What is done to a customer on a screen is undone by its toast, by the key `u`, or from the page of recent changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.actions import assign_owner, edit_customer
from rapport.customers.contact_points.actions import add_contact_point
from rapport.customers.contact_points.reading import points_of, ways_of
from rapport.customers.models import ContactPoint, Customer, Interaction, Profile, Relationship, Touchpoint
from rapport.customers.queries import profiles_of
from rapport.customers.relationships.actions import add_relationship
from rapport.customers.tests.world import add_profile, make_customer
from rapport.identity.actions import merge_customers
from rapport.records.command_log.noting import undoables
from rapport.records.models import Command
from tests.world import NOW

LAST = "/changes/undo/"


@pytest.fixture
def ana(alice: Any) -> Customer:
    return make_customer("Ana Souza", owner=alice, city="Lisboa", email="ana@shop.example")


def edit(client: Any, customer: Customer, **values: Any) -> Any:
    customer.refresh_from_db()
    url = reverse("customer_edit", args=[customer.public_id])
    shown = {name: getattr(customer, name) or "" for name in ("name", "city", "email", "job_title", "born_on")}
    return client.post(url, {"version": customer.version, **shown, **values})


def undo_last(client: Any) -> str:
    return str(client.post(LAST, follow=True).content.decode())


def test_an_edit_is_undone_and_other_sources_speak_again(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    said = edit(client, ana, name="Ana S.", city="Porto")
    command = Command.objects.get()
    offered = client.get(said["Location"]).content.decode()
    ana.refresh_from_db()
    changed = (ana.name, ana.city)
    page = undo_last(client)

    assert reverse("change_undo", args=[command.public_id]) in offered
    assert changed == ("Ana S.", "Porto")
    ana.refresh_from_db()
    assert (ana.name, ana.city) == ("Ana Souza", "Lisboa")
    assert "Undone: Customer changed" in page
    staff = Profile.objects.get(customer=ana, source__name="staff")
    assert (staff.name, staff.city) == (None, None)
    assert AuditEvent.objects.filter(table_name="customers_customer", reason="customers.customer_edited").exists()


def test_what_staff_had_said_before_is_said_again(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto", born_on="1980-02-03")

    edit(client, ana, name="Ana Souza", city="Faro", born_on="")
    undo_last(client)

    ana.refresh_from_db()
    assert (ana.city, ana.born_on) == ("Porto", date(1980, 2, 3))


def test_acts_are_undone_from_the_newest_on(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    edit(client, ana, name="Ana Souza", city="Faro")

    undo_last(client)
    ana.refresh_from_db()
    first = ana.city
    undo_last(client)
    ana.refresh_from_db()
    nothing = undo_last(client)

    assert (first, ana.city) == ("Porto", "Lisboa")
    assert "There is nothing of yours to undo." in nothing


def test_an_edit_in_place_says_what_was_done_and_is_undone(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    url = reverse("customer_field", args=[ana.public_id, "job_title"])

    answer = client.post(
        url, {"version": ana.version, "initial-job_title": "", "job_title": "Baker"}, headers={"HX-Request": "true"}
    )
    client.post(reverse("change_undo", args=[Command.objects.get().public_id]))

    assert "Job title changed." in answer.content.decode()
    ana.refresh_from_db()
    assert ana.job_title is None


def test_what_somebody_changed_since_is_not_undone(ana: Customer, alice: Any, bob: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    edit(as_user(bob), ana, name="Ana Souza", city="Faro")

    page = undo_last(client)

    assert "It was changed again since" in page
    ana.refresh_from_db()
    assert ana.city == "Faro"
    assert not Command.objects.exclude(undone_at=None).exists()


def test_what_others_change_in_another_field_stands_in_no_undos_way(
    ana: Customer, alice: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    edit(as_user(bob), ana, name="Ana Souza", city="Porto", job_title="Baker")

    undo_last(client)

    ana.refresh_from_db()
    assert (ana.city, ana.job_title) == ("Lisboa", "Baker")


def test_an_undo_happens_once(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    url = reverse("change_undo", args=[Command.objects.get().public_id])

    client.post(url)
    again = client.post(url, follow=True).content.decode()

    assert "This is undone already." in again


def test_nobody_else_sees_or_undoes_what_one_did(ana: Customer, alice: Any, bob: Any, ada: Any, as_user: Any) -> None:
    edit(as_user(alice), ana, name="Ana Souza", city="Porto")
    url = reverse("change_undo", args=[Command.objects.get().public_id])

    assert as_user(bob).post(url).status_code == 404
    assert as_user(ada).post(url).status_code == 404
    assert "Customer changed" not in as_user(bob).get(reverse("changes")).content.decode()


def test_what_one_may_not_see_any_more_is_not_undone(
    ana: Customer, alice: Any, charlie: Any, ada: Any, as_user: Any
) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    assign_owner(ana, charlie, by=ada, now=NOW)

    page, listed = undo_last(client), client.get(reverse("changes")).content.decode()

    assert "not there any more, or you may not see it" in page
    assert "Ana Souza" not in listed
    ana.refresh_from_db()
    assert ana.city == "Porto"


def test_who_may_not_change_customers_any_more_undoes_nothing(
    ana: Customer, alice: Any, rita: Any, as_user: Any
) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    with acting(SYSTEM):
        type(alice).objects.filter(pk=alice.pk).update(role=rita.role)
    client = as_user(type(alice).objects.get(pk=alice.pk))

    assert "You may not do this any more." in undo_last(client)
    ana.refresh_from_db()
    assert ana.city == "Porto"


def test_what_is_too_old_is_not_offered(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    command = Command.objects.get()
    Command.objects.update(expires_at=utc_now() - timedelta(seconds=1))

    assert "There is nothing of yours to undo." in undo_last(client)
    url = reverse("change_undo", args=[command.public_id])
    assert "is not kept any more" in client.post(url, follow=True).content.decode()


def test_a_contact_that_was_logged_by_mistake_goes_with_its_line(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("customer_log", args=[ana.public_id]), {"kind": "call", "text": "Wants a quote"})
    assert Touchpoint.objects.filter(customer=ana, kind="call").count() == 1

    page = undo_last(client)

    assert "Undone: Contact logged" in page
    assert not Interaction.objects.exists()
    assert not Touchpoint.objects.filter(customer=ana, kind="call").exists()


def test_a_customer_that_was_added_goes_into_the_trash(alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("customer_new"), {"kind": "person", "name": "Grace Okafor"})

    undo_last(client)

    grace = Customer.objects.get(name="Grace Okafor")
    assert grace.trashed_at is not None
    assert "Grace Okafor" in client.get(reverse("trash")).content.decode()


def test_an_owner_is_given_back(ana: Customer, alice: Any, bob: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("customer_owner", args=[ana.public_id]), {"owner": bob.public_id})
    ana.refresh_from_db()
    assert ana.owner == bob

    undo_last(client)

    ana.refresh_from_db()
    assert ana.owner == alice


def test_an_owner_that_changed_again_stays(ana: Customer, alice: Any, bob: Any, ada: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("customer_owner", args=[ana.public_id]), {"owner": bob.public_id})
    assign_owner(ana, None, by=ada, now=NOW)
    assign_owner(ana, alice, by=ada, now=NOW)

    assert "It was changed again since" in undo_last(client)


def test_ways_to_reach_somebody_come_and_go_by_undo(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    url = reverse("customer_contact_add", args=[ana.public_id, "email"])
    client.post(url, {"value": "ana@home.example", "label": "home"})
    point = ContactPoint.objects.get()

    client.post(reverse("contact_point_remove", args=[point.public_id]))
    gone = not ContactPoint.objects.exists()
    undo_last(client)
    back = ContactPoint.objects.get()
    undo_last(client)

    assert gone
    assert (back.public_id, back.value, back.label) == (point.public_id, "ana@home.example", "home")
    assert not ContactPoint.objects.exists()


def test_a_changed_way_says_again_what_it_said(ana: Customer, alice: Any, as_user: Any) -> None:
    point = add_contact_point(ana, "email", {"value": "ana@home.example", "label": "home"}, by=alice, now=NOW)
    client = as_user(alice)
    client.post(
        reverse("contact_point", args=[point.public_id]),
        {"value": "ana@work.example", "label": "work", "initial-value": "ana@home.example", "initial-label": "home"},
    )
    assert ContactPoint.objects.get().value == "ana@work.example"

    undo_last(client)

    assert (ContactPoint.objects.get().value, ContactPoint.objects.get().label) == ("ana@home.example", "home")


def test_making_a_way_the_first_is_undone(ana: Customer, alice: Any, as_user: Any) -> None:
    add_contact_point(ana, "email", {"value": "ana@home.example", "label": "home"}, by=alice, now=NOW)
    client = as_user(alice)
    way = next(each for each in ways_of(ana, profiles_of(ana), points_of(ana), files={}) if not each.is_first)
    client.post(reverse("customer_contact_first", args=[ana.public_id]), {"way": way.key})
    ana.refresh_from_db()
    assert ana.email == "ana@home.example"

    undo_last(client)

    ana.refresh_from_db()
    assert ana.email == "ana@shop.example"


def test_a_relationship_that_was_removed_is_back(ana: Customer, alice: Any, as_user: Any) -> None:
    kade = make_customer("Kade Ltd", owner=alice, kind="organization")
    tie = add_relationship(ana, kade, "works_at", role="Buyer", since=date(2024, 5, 1), by=alice, now=NOW)
    client = as_user(alice)

    client.post(reverse("relationship_remove", args=[tie.public_id]))
    gone = not Relationship.objects.exists()
    undo_last(client)

    back = Relationship.objects.get()
    assert gone
    assert (back.public_id, back.kind, back.role, back.since) == (tie.public_id, "works_at", "Buyer", date(2024, 5, 1))
    assert (back.from_customer_id, back.to_customer_id) == (ana.pk, kade.pk)


def test_a_relationship_that_ended_goes_on_after_an_undo(ana: Customer, alice: Any, as_user: Any) -> None:
    kade = make_customer("Kade Ltd", owner=alice, kind="organization")
    tie = add_relationship(ana, kade, "works_at", by=alice, now=NOW)
    client = as_user(alice)

    client.post(reverse("relationship_end", args=[tie.public_id]))
    undo_last(client)

    assert Relationship.objects.get().until is None


def test_an_undo_after_a_merge_finds_what_was_said(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    other = make_customer("Ana de Souza", owner=alice, external_id="2")
    merge_customers(other.pk, [ana.pk], by=alice, now=NOW, reason="the same")

    undo_last(client)

    staff = Profile.objects.get(source__name="staff")
    assert (staff.customer_id, staff.city) == (other.pk, None)


def test_a_consent_says_before_that_there_is_no_way_back_and_is_what_u_stops_at(
    ana: Customer, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    before = client.get(reverse("customer_consents", args=[ana.public_id])).content.decode()
    client.post(
        reverse("customer_consent_withdraw", args=[ana.public_id]), {"purpose": "newsletter", "channel": "email"}
    )

    after = undo_last(client)

    assert "None of this can be undone." in before
    assert "is kept as proof" in after
    ana.refresh_from_db()
    assert ana.city == "Porto"


def test_the_page_of_recent_changes_lists_what_one_did(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    edit(client, ana, name="Ana Souza", city="Porto")
    client.post(reverse("customer_log", args=[ana.public_id]), {"kind": "call", "text": "Wants a quote"})

    page = client.get(reverse("changes")).content.decode()

    assert page.index("Contact logged") < page.index("Customer changed")
    assert "Ana Souza" in page
    assert "What cannot be undone" in page


def test_the_page_of_recent_changes_asks_few_questions(
    ana: Customer, alice: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_user(alice)
    for number in range(12):
        edit(client, ana, name="Ana Souza", city=f"Town {number}")
    client.get(reverse("changes"))

    with django_assert_max_num_queries(14):
        client.get(reverse("changes"))


def test_earlier_changes_follow_on_the_next_page(ana: Customer, alice: Any, as_user: Any) -> None:
    command = dict(action="customers.said", arguments={}, actor=alice, done_at=NOW)  # noqa: C408
    Command.objects.bulk_create(Command(**command, expires_at=utc_now() + timedelta(days=1)) for _ in range(51))
    client = as_user(alice)

    first = client.get(reverse("changes")).content.decode()
    oldest = Command.objects.order_by("pk")[1].pk

    assert f"/changes/?before={oldest}" in first
    assert client.get(f"/changes/?before={oldest}").content.decode().count("<tr") == 2
    assert client.get("/changes/?before=x").status_code == 200


def test_every_undoable_says_what_it_is_called_and_why_not() -> None:
    for act in undoables().values():
        assert str(act.label)
        assert (act.undo is None) == bool(act.why_not)


def test_the_undo_leads_back_to_the_page_and_never_elsewhere(ana: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    for asked, led in (("/customers/?q=ana", "/customers/?q=ana"), ("https://evil.example/", "/changes/"),
                       ("//evil.example/", "/changes/"), ("", "/changes/")):  # fmt: skip
        edit(client, ana, name="Ana Souza", city="Porto")
        assert client.post(LAST, {"next": asked})["Location"] == led


def test_the_undo_of_a_trashed_customer_made_by_a_source_brings_all_back(
    ana: Customer, alice: Any, as_user: Any
) -> None:
    add_profile(ana, source="till", external_id="9", phone="+442079460958")
    client = as_user(alice)
    client.post(reverse("customer_trash", args=[ana.public_id]))
    assert client.get(reverse("customer", args=[ana.public_id])).status_code == 404

    undo_last(client)

    assert client.get(reverse("customer", args=[ana.public_id])).status_code == 200
    edit_customer(ana, {"city": "Porto"}, version=Customer.objects.get(pk=ana.pk).version, by=alice, now=NOW)
