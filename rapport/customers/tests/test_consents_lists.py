"""Whom lists say we may reach, and who is restricted, is what the ledger says of each of them, in whatever way it is asked."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.http import QueryDict
from psycopg import sql

from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.consents import ledger as consents
from rapport.customers.consents.ledger import STRICTEST_FIRST, WITHDRAWN
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Consent, Customer, Profile, Purpose, Restriction
from rapport.customers.tests.world import add_profile, make_customer
from rapport.records.lists import walking as list_walking
from rapport.records.lists.querying import keys_of_page, read_request
from rapport.records.lists.sql import ListQuery, run

CHANNELS = {"may_email": "email", "may_call": "call_center"}


@pytest.fixture
def people(business: Any) -> list[Customer]:
    """Histories by lot: of one or two profiles, said at the same instants, ended, of a purpose that is none of marketing."""
    chance, now = random.Random(11), utc_now()
    with acting(SYSTEM):
        made = [make_customer(f"Person {number}") for number in range(60)]
        for customer in made:
            profiles = [
                add_profile(customer, source=source, external_id=str(customer.pk)) for source in ("till", "shop")
            ]
            Consent.objects.bulk_create(_entry(chance, chance.choice(profiles)) for _ in range(chance.randrange(6)))
            if chance.random() < 0.2:
                since, until = now - timedelta(days=2), chance.choice((None, None, now - timedelta(days=1)))
                Restriction.objects.create(
                    profile=profiles[0], customer=customer, ground="claims", since=since, set_by="-", lifted_at=until
                )
    return made


def _entry(chance: random.Random, profile: Profile) -> Consent:
    said = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(days=chance.randrange(3))
    return Consent(
        profile=profile, customer_id=profile.customer_id, purpose=chance.choice(("newsletter", "offers", "service")),
        channel=chance.choice(list(CHANNELS.values())), status=chance.choice((*STRICTEST_FIRST, "granted", "granted")),
        occurred_at=said, expires_at=chance.choice((None, None, said + timedelta(hours=1), said + timedelta(days=30))), origin="t",
    )  # fmt: skip


def _expected(people: list[Customer], field: str) -> set[int]:
    """By asking the ledger about each of them."""
    if field == "restricted":
        return set(Restriction.objects.filter(lifted_at=None).values_list("customer_id", flat=True))
    marketing = Purpose.objects.filter(is_marketing=True).values_list("name", flat=True)
    now, channel = utc_now(), CHANNELS[field]
    return {
        each.pk for each in people if any(consents.may_contact(each.pk, name, channel, now=now) for name in marketing)
    }


def _listed(user: Any, *filters: str) -> set[int]:
    query = QueryDict(mutable=True)
    query.setlist("filter", filters)
    return {key for _value, key in keys_of_page(read_request(query, CUSTOMERS, user=user), 200)}


def test_lists_say_of_everybody_what_the_ledger_says(
    people: list[Customer], ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = {each.pk for each in people}
    for few, field in product((list_walking._FEW, 0), (*CHANNELS, "restricted")):
        monkeypatch.setattr(list_walking, "_FEW", few)  # found at once, or walked to
        yes = _expected(people, field)
        assert 0 < len(yes) < len(people)
        assert _listed(ada, f"{field}.is:yes") == yes
        assert _listed(ada, f"{field}.is:no") == everybody - yes
        assert _listed(ada, f"none({field}.is:yes;city.is:Nowhere)") == everybody - yes
        assert _listed(ada, f"any({field}.is:no;city.is:Nowhere)") == everybody - yes


def test_a_withdrawal_a_restriction_and_a_change_of_purpose_are_seen_at_once(people: list[Customer], ada: Any) -> None:
    gone, held, *_others = sorted(_listed(ada, "may_email.is:yes"))
    now = utc_now()
    with acting(SYSTEM):
        for purpose in ("newsletter", "offers"):
            consents.record_consent(
                Customer.objects.get(pk=gone), purpose, "email", WITHDRAWN, by=SYSTEM, now=now, origin="a call"
            )
        profile = Profile.objects.filter(customer_id=held).first()
        Restriction.objects.create(profile=profile, customer_id=held, ground="disputed", since=now, set_by="-")

    assert {gone, held}.isdisjoint(_listed(ada, "may_email.is:yes"))
    assert {gone, held} <= _listed(ada, "may_email.is:no")
    assert held in _listed(ada, "restricted.is:yes")

    with acting(SYSTEM):
        Purpose.objects.update(is_marketing=False)

    assert not _listed(ada, "may_email.is:yes")


def test_all_are_found_by_joining_the_ledger_and_few_are_walked_by_looking_it_up(
    people: list[Customer], ada: Any
) -> None:
    for field, answer in product(("may_call", "restricted"), ("yes", "no")):
        query = ListQuery(read_request(QueryDict(f"filter={field}.is:{answer}"), CUSTOMERS, user=ada))

        found = _plan(*query.found_first(after=None, limit=51))
        walked = _plan(*query.window(filled=True, after=None, rows=400, wanted=51))

        assert ("SubPlan" in found, "Join" in found or "Nested Loop" in found) == (False, True), found
        assert "hashed" not in walked or field == "restricted", walked  # of those there are few


def _plan(text: sql.Composable, arguments: list[Any]) -> str:
    return "\n".join(row[0] for row in run(sql.SQL("explain {}").format(text), arguments))
