"""Profiles that share an identifier become one customer, unless something stands against it."""

from __future__ import annotations

from datetime import date

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import create_customer, edit_customer
from rapport.customers.models import Customer, Identifier, Profile
from rapport.identity.models import BlockedValue, Doubt, IdentifierRule, Membership, SharedValue
from rapport.identity.tests.people import current, look, one, person
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")


def test_the_same_address_in_two_sources_is_one_customer() -> None:
    shop = person("Ana Souza", email="ana@souza.br")
    till = person("A. Souza", source="till", email="ANA@souza.br", phone="+442079460958")

    look(till)

    assert one(shop, till)
    assert current(till) == shop.pk
    shop.refresh_from_db()
    assert (shop.name, shop.phone) == ("A. Souza", "+442079460958")
    assert set(Identifier.objects.values_list("customer_id", flat=True)) == {shop.pk}
    assert Membership.objects.get().kinds == [1]


def test_three_are_one_through_the_one_in_the_middle() -> None:
    shop = person("Ana Souza", email="ana@souza.br")
    till = person("Ana Souza", source="till", email="ana@souza.br", phone="+442079460958")
    news = person("Ana Souza", source="news", phone="+442079460958")

    look(news)

    assert one(shop, till, news)
    assert set(Customer.objects.exclude(pk=shop.pk).values_list("merged_into_id", flat=True)) == {shop.pk}


def test_the_one_somebody_owns_goes_on(alice) -> None:
    shop = person(email="ana@souza.br")
    mine = person(source="crm", email="ana@souza.br", owner=alice)

    look(shop)

    assert current(shop) == mine.pk


def test_two_ids_of_one_source_are_two_customers_unless_name_and_address_agree() -> None:
    first = person("Ana Souza", external_id="1", email="family@souza.br")
    second = person("Rui Souza", external_id="2", email="family@souza.br")
    third = person("ANA SOUZA", external_id="3", email="family@souza.br")

    look()

    assert one(first, third)
    assert not one(first, second)
    assert set(Doubt.objects.values_list("reason", flat=True)) == {"same_source"}


def test_a_mailbox_of_several_people_joins_only_those_of_one_name() -> None:
    ana = person("Ana Souza", external_id="1", email="family@souza.br")
    rui = person("Rui Souza", external_id="2", email="family@souza.br")
    till_rui = person("Rui Souza", source="till", email="family@souza.br")
    nameless = person("", source="news", email="family@souza.br")

    look()

    assert one(rui, till_rui)
    assert len({current(each) for each in (ana, rui, nameless)}) == 3
    assert Doubt.objects.filter(reason="ambiguous").exists()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"born_on": date(1990, 1, 2), "email": "ana@souza.br"}, "born"),
        ({"phone": "+442079460958", "name": "Rui Pereira"}, "name"),
        ({"kind": "organization", "email": "ana@souza.br"}, "kind"),
    ],
)
def test_what_contradicts_is_left_in_doubt(values, reason) -> None:
    name = values.pop("name", "Ana Souza")
    shop = person("Ana Souza", email="ana@souza.br", phone="+442079460958", born_on=date(1980, 1, 2))
    till = person(name, source="till", **values)

    look(till)

    assert not one(shop, till)
    assert [(d.one_customer_id, d.other_customer_id, d.reason) for d in Doubt.objects.all()] == [
        (shop.pk, till.pk, reason)
    ]


@pytest.mark.parametrize("email", ["info@souza.br", "no-reply@souza.br", "test@souza.br", "null@souza.br"])
def test_a_mailbox_of_a_role_points_at_nobody(email) -> None:
    shop, till = person(email=email), person(source="till", email=email)

    look(till)

    assert not one(shop, till)
    assert not Doubt.objects.exists()


@pytest.mark.parametrize("card", ["0000", "null", "-1", "anonymous"])
def test_a_card_that_says_nothing_points_at_nobody(card) -> None:
    shop, till = person(card=card), person(source="till", card=card)

    look(till)

    assert not one(shop, till)


def test_an_address_of_a_blocked_domain_points_at_nobody() -> None:
    with acting(SYSTEM):
        BlockedValue.objects.create(value="@souza.br")
    shop, till = person(email="ana@souza.br"), person(source="till", email="ana@souza.br")

    look(till)

    assert not one(shop, till)


def test_a_value_that_too_many_state_joins_nobody_any_more() -> None:
    with acting(SYSTEM):
        IdentifierRule.objects.filter(kind=1).update(most_customers=3)
    people = [person(source=f"source {n}", email="desk@souza.br") for n in range(3)]
    look()
    assert one(*people)

    fourth = person(source="source 4", email="desk@souza.br")
    look(fourth)

    assert len({current(each) for each in (*people, fourth)}) == 4
    assert set(SharedValue.objects.values_list("value_norm", "total")) == {("desk@souza.br", 4)}
    assert not Doubt.objects.exists()


def test_what_staff_type_in_joins_nobody_by_itself(alice) -> None:
    shop = person("Ana Souza", email="ana@souza.br")
    typed = create_customer({"name": "Ana Souza", "email": "ana@souza.br"}, by=alice, now=NOW)

    look(typed)

    assert not one(shop, typed)
    assert Doubt.objects.get().reason == "typed"


def test_a_rule_can_let_what_staff_type_in_join(alice) -> None:
    with acting(SYSTEM):
        IdentifierRule.objects.update(typed_joins=True)
    shop = person("Ana Souza", email="ana@souza.br")
    typed = create_customer({"name": "Ana Souza", "email": "ana@souza.br"}, by=alice, now=NOW)

    look(typed)

    assert one(shop, typed)


def test_a_bridge_between_two_who_contradict_is_left_in_doubt() -> None:
    first = person("Ana Souza", external_id="1", email="ana@souza.br", born_on=date(1980, 1, 1))
    bridge = person("Ana Souza", source="till", email="ana@souza.br", phone="+442079460958")
    other = person("Ana Souza", source="news", phone="+442079460958", born_on=date(1990, 1, 1))

    look()

    assert one(first, bridge)
    assert not one(first, other)
    assert Doubt.objects.get().reason == "together"


def test_customers_part_when_what_joined_them_changes() -> None:
    shop, till = person(email="ana@souza.br"), person(source="till", email="ana@souza.br")
    look()
    with acting(SYSTEM):
        Identifier.objects.filter(profile__source__name="till").update(value_norm="other@souza.br")

    look(shop)

    assert not one(shop, till)
    assert not Membership.objects.exists()
    assert set(Profile.objects.values_list("home_id", flat=True)) == {None}


def test_looking_again_writes_nothing() -> None:
    from tests.row_hashes import row_hashes

    person(email="ana@souza.br")
    person(source="till", email="ana@souza.br")
    person("Rui", source="till", external_id="9", email="ana@souza.br")
    look()
    before = row_hashes()

    look()

    assert row_hashes() == before


def test_customers_in_the_trash_are_left_as_they_are() -> None:
    shop = person(email="ana@souza.br")
    with acting(SYSTEM):
        Customer.objects.filter(pk=shop.pk).update(trashed_at=NOW)
    till = person(source="till", email="ana@souza.br")

    look()

    assert not one(shop, till)


def test_what_an_import_wrote_meanwhile_follows_its_profile() -> None:
    from rapport.customers.models import Touchpoint
    from rapport.customers.tests.world import touch
    from rapport.identity.resolving import IDENTITY, resolve_import

    shop, till = person(email="ana@souza.br"), person(source="till", email="ana@souza.br")
    stray = touch(till, import_id=7)
    look()
    Touchpoint.objects.filter(pk=stray).update(customer_id=till.pk)

    resolve_import(7, [], by=IDENTITY, now=NOW)

    assert Touchpoint.objects.get(pk=stray).customer_id == shop.pk


def test_a_value_that_too_many_state_leaves_no_pair_in_doubt() -> None:
    with acting(SYSTEM):
        IdentifierRule.objects.filter(kind=2).update(most_customers=2)
    people = [person(f"Ana {n}", external_id=str(n), phone="+442079460958") for n in range(2)]
    look()
    assert Doubt.objects.count() == 1

    third = person("Ana 3", external_id="3", phone="+442079460958")
    look(third)

    assert not Doubt.objects.exists()
    assert len({current(each) for each in (*people, third)}) == 3


def test_who_is_who_is_asked_again_only_where_something_changed_that_tells(alice) -> None:
    ana = person("Ana Souza", email="ana@souza.br")

    def asked_after(**values: str) -> int:
        ana.refresh_from_db()
        deliveries = ProcrastinateJob.objects.filter(args__subscription__endswith="identity.subscribers.resolve_edited")
        before = deliveries.count()
        edit_customer(ana, values, version=ana.version, by=alice, now=NOW)
        return deliveries.count() - before

    assert asked_after(job_title="Buyer") == 1  # the first word of staff is a profile that was not there
    assert asked_after(job_title="Head buyer", website="https://souza.br", life_stage="customer") == 0
    assert [
        asked_after(**{field: value})
        for field, value in {
            "name": "Ana Lopes", "family_name": "Lopes", "email": "lopes@souza.br", "phone": "+442079460958",
            "country": "BR", "city": "Recife", "born_on": "1990-02-03",
        }.items()
    ] == [1] * 7  # fmt: skip
