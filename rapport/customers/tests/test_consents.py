"""The ledger: what counts, for whom, and that it only grows."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents import ledger as consents
from rapport.customers.consents.ledger import GRANTED, PENDING, WITHDRAWN, Said, UnableToRecord, deciding, is_yes
from rapport.customers.models import Consent, ConsentRequest, Customer, Profile, Purpose
from rapport.customers.tests.world import add_profile, make_customer
from tests.world import NOW

DAY = timedelta(days=1)
UNUSED_PROFILE = 1


def say(customer: Customer, status: str, *, days_ago: float = 0, **values: Any) -> list[Consent]:
    values = {"purpose": "newsletter", "channel": "email", "origin": "a call", **values}
    return consents.record_consent(
        customer, values.pop("purpose"), values.pop("channel"), status, by=SYSTEM, now=NOW,
        occurred_at=NOW - days_ago * DAY, **values,
    )  # fmt: skip


def enter(profile: Profile, status: str, *, days_ago: float = 0, **values: Any) -> Consent:
    """An entry on one profile alone, as an import would leave it."""
    values = {"purpose": "newsletter", "channel": "email", "origin": "import", **values}
    return Consent.objects.create(
        profile=profile, customer_id=profile.customer_id, status=status, occurred_at=NOW - days_ago * DAY, **values
    )


def may(customer: Customer, *, purpose: str = "newsletter", channel: str = "email", now: datetime = NOW) -> bool:
    """The answer, which must be the same by all three ways of asking."""
    asked = consents.may_contact(customer.pk, purpose, channel, now=now)
    with connection.cursor() as cursor:
        cursor.execute(consents.agreeing(purpose, channel, now=now))
        assert ((customer.pk,) in cursor.fetchall()) is asked
    states = [s for s in consents.state_of(customer.pk, now=now) if (s.purpose, s.channel) == (purpose, channel)]
    assert any(state.is_given for state in states) is asked
    return asked


def commit_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def _remove(entry: Consent) -> None:
    with transaction.atomic():
        Consent.objects.filter(pk=entry.pk).delete()
        commit_now()


def test_no_record_means_no(business: Any) -> None:
    assert not may(make_customer())


def test_a_grant_allows_its_purpose_and_channel_and_nothing_else(business: Any) -> None:
    customer = make_customer()

    say(customer, GRANTED)

    assert may(customer)
    assert not may(customer, channel="sms")
    assert not may(customer, purpose="offers")


def test_the_newest_entry_counts_whatever_was_written_first(business: Any) -> None:
    customer = make_customer()
    say(customer, WITHDRAWN, days_ago=1)

    say(customer, GRANTED, days_ago=2)

    assert not may(customer)
    say(customer, GRANTED)
    assert may(customer)


def test_of_two_at_the_same_instant_the_withdrawal_counts(business: Any) -> None:
    customer = make_customer()
    say(customer, WITHDRAWN)

    say(customer, GRANTED)

    assert not may(customer)


def test_what_is_only_asked_or_ended_is_a_no(business: Any) -> None:
    asked, ended = make_customer("Asked"), make_customer("Ended")

    say(asked, PENDING)
    say(ended, GRANTED, days_ago=3, expires_at=NOW - DAY)

    assert not may(asked)
    assert not may(ended)
    assert may(ended, now=NOW - 2 * DAY)
    assert [s.is_expired for s in consents.state_of(ended.pk, now=NOW)] == [True]


def test_the_strictest_of_several_profiles_counts(business: Any) -> None:
    customer = make_customer(source="shop")
    till = add_profile(customer, source="till", external_id="7")
    shop = Profile.objects.get(customer=customer, source__name="shop")
    enter(shop, GRANTED)

    enter(till, WITHDRAWN, days_ago=30)

    assert not may(customer)


def test_a_new_word_is_written_onto_every_profile_that_has_one(business: Any) -> None:
    customer = make_customer(source="shop")
    till = add_profile(customer, source="till", external_id="7")
    add_profile(customer, source="mail", external_id="8")
    enter(Profile.objects.get(customer=customer, source__name="shop"), GRANTED, days_ago=9)
    enter(till, WITHDRAWN, days_ago=30)

    entries = say(customer, GRANTED)

    assert {entry.profile.source.name for entry in entries} == {"shop", "till"}
    assert may(customer)


def test_the_first_word_is_written_onto_the_profile_of_the_staff(business: Any) -> None:
    (entry,) = say(make_customer(), GRANTED)

    assert entry.profile.source.name == "staff"


def test_a_purpose_with_a_term_ends_its_grants(business: Any) -> None:
    with acting(SYSTEM):
        Purpose.objects.filter(name="newsletter").update(valid_days=30)
    customer = make_customer()

    say(customer, GRANTED)

    assert may(customer, now=NOW + 29 * DAY)
    assert not may(customer, now=NOW + 30 * DAY)


@pytest.mark.parametrize(
    "off",
    [
        {"purpose": "nonsense"},
        {"channel": "pigeon"},
        {"days_ago": -1},
        {"origin": " "},
        {"expires_at": NOW - 99 * DAY},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(business: Any, off: dict[str, Any]) -> None:
    customer = make_customer()

    with pytest.raises(UnableToRecord):
        say(customer, GRANTED, **off)

    assert not Consent.objects.exists()


def test_a_retired_purpose_can_still_be_withdrawn_but_not_granted(business: Any) -> None:
    customer = make_customer()
    say(customer, GRANTED)
    with acting(SYSTEM):
        Purpose.objects.filter(name="newsletter").update(retired_at=NOW)

    with pytest.raises(UnableToRecord):
        say(customer, GRANTED)
    say(customer, WITHDRAWN)

    assert not may(customer)


def test_the_database_refuses_to_change_an_entry(business: Any) -> None:
    (entry,) = say(make_customer(), WITHDRAWN)

    for change in ({"status": GRANTED}, {"occurred_at": NOW - DAY}, {"proof": {}}, {"origin": "x"}):
        if change == {"proof": {}}:
            change = {"proof": {"a": 1}}
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            Consent.objects.filter(pk=entry.pk).update(**change)


def test_the_database_refuses_to_remove_an_entry(business: Any) -> None:
    (entry,) = say(make_customer(), WITHDRAWN)

    with pytest.raises(DatabaseError, match="cannot be removed"):
        _remove(entry)

    assert Consent.objects.filter(pk=entry.pk).exists()


def test_an_entry_goes_with_its_profile_and_moves_with_a_merge(business: Any) -> None:
    customer, other = make_customer("One"), make_customer("Two")
    profile = Profile.objects.get(customer=customer)
    entry = enter(profile, GRANTED)

    Consent.objects.filter(pk=entry.pk).update(customer=other)
    assert may(other)
    Consent.objects.filter(pk=entry.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("delete from customers_identifier where profile_id = %s", [profile.pk])
    Profile.objects.filter(pk=profile.pk).delete()
    commit_now()

    assert not Consent.objects.exists()


def test_a_withdrawal_closes_the_links_that_still_ask(business: Any) -> None:
    customer = make_customer()
    profile = Profile.objects.get(customer=customer)
    with acting(SYSTEM):
        asked = ConsentRequest.objects.create(
            profile=profile, customer=customer, purpose="newsletter", channel="email", token_hash="x", asked_at=NOW,
            asked_by="a", expires_at=NOW + DAY,
        )  # fmt: skip

    say(customer, WITHDRAWN)

    asked.refresh_from_db()
    assert asked.answered_at == NOW


entries = st.lists(
    st.builds(
        Said,
        profile_id=st.integers(1, 3),
        status=st.sampled_from([GRANTED, PENDING, WITHDRAWN]),
        occurred_at=st.integers(-3, 1).map(lambda days: NOW + days * DAY),
        expires_at=st.none() | st.integers(-4, 3).map(lambda days: NOW + days * DAY),
    ),
    max_size=6,
)


def given_by(found: list[Said]) -> bool:
    decided = deciding(found, now=NOW)
    return decided is not None and is_yes(decided, now=NOW)


@given(entries, st.randoms())
def test_the_order_of_entries_never_matters(found: list[Said], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    assert deciding(shuffled, now=NOW) == deciding(found, now=NOW)


@given(entries)
def test_a_withdrawal_wins_every_tie_and_everything_before_it(found: list[Said]) -> None:
    newest = max((each.occurred_at for each in found if each.occurred_at <= NOW), default=NOW)

    for profile in {each.profile_id for each in found} or {UNUSED_PROFILE}:
        assert not given_by([*found, Said(profile, WITHDRAWN, newest)])


@given(entries, entries)
def test_a_merge_never_turns_a_no_that_was_said_into_a_yes(one: list[Said], two: list[Said]) -> None:
    apart = [Said(each.profile_id + 10, each.status, each.occurred_at, each.expires_at) for each in two]
    spoken = [each for each in (one, apart) if deciding(each, now=NOW) is not None]

    merged = given_by([*one, *apart])

    assert merged == (bool(spoken) and all(given_by(each) for each in spoken))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=entries)
def test_the_database_answers_as_the_rule_does(business: Any, found: list[Said]) -> None:
    with transaction.atomic():
        customer = make_customer()
        profiles = [add_profile(customer, source="till", external_id=str(n)) for n in range(3)]
        for each in found:
            Consent.objects.create(
                profile=profiles[each.profile_id - 1], customer=customer, purpose="offers", channel="sms", origin="t",
                status=each.status, occurred_at=each.occurred_at, expires_at=each.expires_at,
            )  # fmt: skip

        answer = may(customer, purpose="offers", channel="sms")

        transaction.set_rollback(True)
    assert answer == given_by(found)


def test_all_orders_of_a_small_history_give_the_same_state() -> None:
    history = [
        Said(1, GRANTED, NOW - 2 * DAY),
        Said(1, WITHDRAWN, NOW - DAY),
        Said(2, GRANTED, NOW - DAY),
        Said(2, PENDING, datetime(2020, 1, 1, tzinfo=UTC)),
    ]

    decided = {deciding(list(order), now=NOW) for order in itertools.permutations(history)}

    assert decided == {Said(1, WITHDRAWN, NOW - DAY)}
