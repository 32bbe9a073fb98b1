"""Merging and splitting by hand: all goes over, all comes back, and every chain comes apart rightly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Q

from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import add_touchpoint, edit_customer, log_interaction
from rapport.customers.models import Consent, Customer, Interaction, Profile, Touchpoint
from rapport.customers.tests.world import add_profile, touch
from rapport.identity.actions import (
    UnableToMerge,
    UnableToSplit,
    keep_apart,
    merge_customers,
    split_customer,
    undo_merge,
)
from rapport.identity.choosing import HandOver
from rapport.identity.models import Doubt, Link, NeverPair
from rapport.identity.tests.people import current, look, one, person, rows
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")

OWN = (
    "customers_profile",
    "customers_touchpoint",
    "customers_identifier",
    "customers_interaction",
    "customers_consent",
)
DERIVED_EACH_TIME = ("version", "updated_at")


def everything() -> dict[str, list[object]]:
    found = {table: rows(table) for table in OWN}
    return found | {"customers_customer": rows("customers_customer", without=DERIVED_EACH_TIME)}


def test_a_merge_brings_everything_over_and_a_split_gives_it_back_to_the_row(ada) -> None:
    ana, other = person("Ana Souza", email="ana@souza.br"), person("A. Silva", source="till", phone="+442079460958")
    for days in range(5):
        touch(ana, days_ago=days)
        touch(other, days_ago=days)
    log_interaction(other, kind="note", text="Prefers mornings", by=ada, now=NOW)
    before, retired = everything(), rows("customers_customer", where=f"id = {other.pk}")

    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    assert one(ana, other)
    assert Touchpoint.objects.filter(customer=ana).count() == 11
    assert not Profile.objects.filter(customer=other).exists()

    split_customer(ana.pk, [other.pk], by=ada, now=NOW)

    assert not one(ana, other)
    assert everything() == before
    assert rows("customers_customer", where=f"id = {other.pk}") == retired


def test_what_comes_later_goes_where_it_was_written(ada) -> None:
    ana, other = person("Ana Souza"), person("A. Silva", source="till")
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)
    ana.refresh_from_db()

    edit_customer(ana, {"city": "Leeds"}, version=ana.version, by=ada, now=NOW)
    logged = log_interaction(ana, kind="call", text="Hello", by=ada, now=NOW)
    split_customer(ana.pk, [other.pk], by=ada, now=NOW)

    ana.refresh_from_db()
    other.refresh_from_db()
    assert (ana.city, other.city) == ("Leeds", None)
    assert Interaction.objects.get(pk=logged.pk).customer_id == ana.pk


def to(customer: Customer, *logged: Interaction) -> HandOver:
    """The contacts to the side of the customer that is her home."""
    profile = Profile.objects.filter(Q(home=customer) | Q(customer=customer, home=None)).order_by("pk")[0]
    return HandOver("customers_interaction.profile_id", profile.pk, tuple(str(each.public_id) for each in logged))


def test_a_contact_logged_meanwhile_can_go_to_the_other_side(ada) -> None:
    ana, other = person("Ana Souza"), person("A. Silva", source="till")
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)
    logged = log_interaction(ana, kind="call", text="About the till", by=ada, now=NOW + timedelta(hours=1))

    split_customer(ana.pk, [other.pk], by=ada, now=NOW, given=[to(other, logged)])

    assert Interaction.objects.get(pk=logged.pk).customer_id == other.pk
    assert [t.customer_id for t in Touchpoint.objects.filter(record_id=logged.pk)] == [other.pk]


def test_a_chain_comes_apart_at_the_link_that_is_taken_back(ada) -> None:
    ana, second, third = person("Ana"), person("Bea", source="till"), person("Cia", source="news")
    merge_customers(ana.pk, [second.pk], by=ada, now=NOW)
    merge_customers(ana.pk, [third.pk], by=ada, now=NOW)

    undo_merge(Link.objects.order_by("pk")[0], by=ada, now=NOW)

    assert one(ana, third)
    assert current(second) == second.pk


def test_a_merge_of_the_merged_is_one_hop(ada) -> None:
    ana, second, third = person("Ana"), person("Bea", source="till"), person("Cia", source="news")
    merge_customers(second.pk, [ana.pk], by=ada, now=NOW)

    merge_customers(third.pk, [ana.pk], by=ada, now=NOW)

    assert {current(each) for each in (ana, second, third)} == {third.pk}
    undo_merge(Link.objects.order_by("-pk")[0], by=ada, now=NOW)
    assert {current(each) for each in (ana, second)} == {second.pk}


def test_a_link_taken_back_leaves_together_what_evidence_joins(ada) -> None:
    ana, other = person(email="ana@souza.br"), person(source="till", email="ana@souza.br")
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    undo_merge(Link.objects.get(), by=ada, now=NOW)

    assert one(ana, other)


def test_what_was_split_stays_apart_whatever_it_shares_until_somebody_merges_it(ada) -> None:
    ana, other = person(email="ana@souza.br"), person(source="till", email="ana@souza.br")
    look()
    split_customer(ana.pk, [other.pk], by=ada, now=NOW)

    look()
    assert not one(ana, other)
    assert not Doubt.objects.exists()

    merge_customers(other.pk, [ana.pk], by=ada, now=NOW)
    assert current(ana) == other.pk
    assert not NeverPair.objects.filter(undone_at=None).exists()


def test_a_pair_kept_apart_is_in_doubt_no_more(ada) -> None:
    ana, other = person("Ana Souza", phone="+442079460958"), person("Rui Lima", source="till", phone="+442079460958")
    look()
    assert Doubt.objects.count() == 1

    keep_apart(ana.pk, other.pk, by=ada, now=NOW)

    assert not Doubt.objects.exists()


def test_merging_the_same_twice_changes_nothing_more(ada) -> None:
    ana, other = person("Ana"), person("Bea", source="till")
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)
    merge_customers(other.pk, [ana.pk], by=ada, now=NOW)

    assert Link.objects.count() == 1
    assert current(other) == ana.pk


def test_a_person_and_an_organization_are_not_merged(ada) -> None:
    ana, firm = person("Ana"), person("Souza Ltd", source="till", kind="organization")

    with pytest.raises(UnableToMerge):
        merge_customers(ana.pk, [firm.pk], by=ada, now=NOW)

    assert not Link.objects.exists()


def test_a_split_leaves_something_on_both_sides(ada) -> None:
    ana, other = person("Ana"), person("Bea", source="till")
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    for homes in ([], [ana.pk, other.pk], [0]):
        with pytest.raises(UnableToSplit):
            split_customer(ana.pk, homes, by=ada, now=NOW)

    assert one(ana, other)


def test_a_merge_says_who_did_it(ada) -> None:
    ana, other = person("Ana"), person("Bea", source="till")

    merge_customers(ana.pk, [other.pk], by=ada, now=NOW, reason="Same address")

    link = Link.objects.get()
    assert (link.made_by, link.made_at, link.reason, link.keep_id) == ("Ada", NOW, "Same address", ana.pk)
    assert AuditEvent.objects.filter(actor_label="Ada", operation="customers merged").exists()


def test_a_withdrawal_of_one_side_holds_for_both_and_goes_back_with_it(ada) -> None:
    ana, other = person("Ana"), person("Bea", source="till")
    with acting(SYSTEM):
        for customer, status in ((ana, "granted"), (other, "withdrawn")):
            profile = Profile.objects.get(customer=customer)
            Consent.objects.create(
                profile=profile, customer=customer, purpose="news", channel="email", status=status, occurred_at=NOW,
                origin="test",
            )  # fmt: skip

    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    assert set(Consent.objects.filter(customer=ana).values_list("status", flat=True)) == {"granted", "withdrawn"}
    split_customer(ana.pk, [other.pk], by=ada, now=NOW)
    assert Consent.objects.get(customer=ana).status == "granted"


def test_profiles_of_one_home_stay_together(ada) -> None:
    ana, other = person("Ana"), person("Bea", source="till")
    add_profile(other, source="crm", external_id="7", phone="+442079460958")

    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    assert set(Profile.objects.filter(home=other).values_list("source__name", flat=True)) == {"till", "crm"}
    assert Customer.objects.get(pk=ana.pk).phone == "+442079460958"


def test_a_merge_that_is_taken_back_brings_back_what_it_took_back(ada) -> None:
    ana, other = person(email="ana@souza.br"), person(source="till", email="ana@souza.br")
    look()
    split_customer(ana.pk, [other.pk], by=ada, now=NOW)
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    undo_merge(Link.objects.get(), by=ada, now=NOW)

    assert not one(ana, other)


def test_fifty_later_contacts_land_on_the_side_they_were_written_to(ada) -> None:
    ana, other = person("Ana Souza", email="ana@souza.br"), person("A. Silva", source="till", phone="+442079460958")
    for days in range(10):
        touch(ana, days_ago=days)
        touch(other, days_ago=days)
    sides = {Profile.objects.get(customer=each).pk: each.pk for each in (ana, other)}
    retired = rows("customers_customer", where=f"id = {other.pk}")
    untouched, last = everything(), Touchpoint.objects.order_by("-pk").values_list("pk", flat=True)[0]
    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)
    ana.refresh_from_db()

    for number in range(25):
        for profile in sides:
            add_touchpoint(
                customer_id=ana.pk, profile_id=profile, kind="page_view", channel="web",
                occurred_at=NOW + timedelta(minutes=number),
            )  # fmt: skip
        ana = edit_customer(ana, {"city": f"Town {number}"}, version=ana.version, by=ada, now=NOW)
    split_customer(ana.pk, [other.pk], by=ada, now=NOW)

    later = Touchpoint.objects.filter(pk__gt=last)
    assert len(later) == 50
    assert all(touchpoint.customer_id == sides[touchpoint.profile_id] for touchpoint in later)
    assert rows("customers_touchpoint", where=f"id <= {last}") == untouched["customers_touchpoint"]
    assert rows("customers_customer", where=f"id = {other.pk}") == retired
    ana.refresh_from_db()
    assert (ana.city, ana.phone, ana.email) == ("Town 24", None, "ana@souza.br")
