"""Whatever happens in whatever order: nothing is lost, one customer goes on for each group, and history does not matter.

IDENTITY_STORIES sets how many stories are told (the suite tells few; give it 500 for a night).
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rapport.accounts.models import Business
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import edit_customer, log_interaction
from rapport.customers.consents import state_of
from rapport.customers.models import Consent, Customer, Identifier, Profile, Touchpoint
from rapport.customers.tests.world import touch
from rapport.identity.actions import UnableToMerge, UnableToSplit, merge_customers, split_customer, undo_merge
from rapport.identity.models import Doubt, Link
from rapport.identity.queries import every_profile_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles
from rapport.identity.tests.people import current, person, rows
from tests.world import NOW, make_user

STORIES = int(os.environ.get("IDENTITY_STORIES", "6"))
STEPS = int(os.environ.get("IDENTITY_STEPS", "14"))

EMAILS = ("ana@souza.br", "bea@lima.pt", "")
PHONES = ("+442079460958", "+442079460959", "")
NAMES = ("Ana Souza", "Bea Lima", "")
SOURCES = ("shop", "till", "news")
some = st.integers(0, 30)


class Story(RuleBasedStateMachine):
    """Customers come, are edited, logged, merged, split, and agree or withdraw."""

    @initialize()
    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        with acting(SYSTEM):
            Business.objects.create(id=1, name="Tiny Ltd", time_zone="Europe/London", currency="GBP", set_up_at=NOW)
        self.ada = make_user("Ada", role="Administrator")
        self.made: list[Customer] = []
        self.touched: dict[int, int] = {}  # touchpoint → profile

    def teardown(self) -> None:
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def one_of(self, number: int) -> Customer:
        return Customer.objects.get(pk=current(self.made[number % len(self.made)]))

    @rule(
        email=st.sampled_from(EMAILS),
        phone=st.sampled_from(PHONES),
        name=st.sampled_from(NAMES),
        source=st.sampled_from(SOURCES),
    )
    def come(self, email: str, phone: str, name: str, source: str) -> None:
        number = len(self.made)
        made = person(name, source=source, external_id=str(number), email=email or None, phone=phone or None)
        self.made.append(made)
        self.touched[touch(made)] = Profile.objects.get(customer=made).pk
        look(made)

    @precondition(lambda self: self.made)
    @rule(number=some, city=st.sampled_from(["Leeds", "York"]))
    def edit(self, number: int, city: str) -> None:
        customer = self.one_of(number)
        edit_customer(customer, {"city": city}, version=customer.version, by=self.ada, now=NOW)
        look(customer)

    @precondition(lambda self: self.made)
    @rule(number=some)
    def log(self, number: int) -> None:
        logged = log_interaction(self.one_of(number), kind="call", text="Hello", by=self.ada, now=NOW)
        self.touched[Touchpoint.objects.get(record_id=logged.pk).pk] = logged.profile_id

    @precondition(lambda self: self.made)
    @rule(number=some, status=st.sampled_from(["granted", "withdrawn"]))
    def say(self, number: int, status: str) -> None:
        profile = Profile.objects.get(external_id=str(number % len(self.made)))
        Consent.objects.create(
            profile=profile, customer_id=profile.customer_id, purpose="news", channel="email", status=status,
            occurred_at=NOW, origin="test",
        )  # fmt: skip

    @precondition(lambda self: len(self.made) > 1)
    @rule(one=some, other=some)
    def merge(self, one: int, other: int) -> None:
        try:
            merge_customers(self.one_of(one).pk, [self.one_of(other).pk], by=self.ada, now=NOW)
        except UnableToMerge:
            return

    @precondition(lambda self: self.made)
    @rule(number=some, pick=some)
    def split(self, number: int, pick: int) -> None:
        customer = self.one_of(number)
        homes = sorted({p.home_id or p.customer_id for p in Profile.objects.filter(customer=customer)})
        try:
            split_customer(customer.pk, [homes[pick % len(homes)]], by=self.ada, now=NOW)
        except UnableToSplit:
            assert len(homes) == 1

    @precondition(lambda self: Link.objects.filter(undone_at=None).exists())
    @rule(number=some)
    def take_back(self, number: int) -> None:
        links = list(Link.objects.filter(undone_at=None).order_by("pk"))
        undo_merge(links[number % len(links)], by=self.ada, now=NOW)

    @precondition(lambda self: len(self.made) > 1)
    @rule(one=some, other=some)
    def merge_and_split_is_nothing(self, one: int, other: int) -> None:
        left, right = self.one_of(one), self.one_of(other)
        if left.pk == right.pk:
            return
        before = whole()
        link_count = Link.objects.count()
        merge_customers(left.pk, [right.pk], by=self.ada, now=NOW)
        if Link.objects.count() == link_count + 1 and not doubted(left, right):
            undo_merge(Link.objects.order_by("-pk")[0], by=self.ada, now=NOW)
            assert whole() == before

    @invariant()
    def nothing_is_lost_and_all_is_where_its_profile_is(self) -> None:
        if not hasattr(self, "made"):
            return
        at = dict(Profile.objects.values_list("pk", "customer_id"))
        found = {t.pk: (t.profile_id, t.customer_id) for t in Touchpoint.objects.all()}
        assert {pk: profile for pk, (profile, _customer) in found.items()} == self.touched
        for model in (Touchpoint, Identifier, Consent):
            assert all(
                at[profile] == customer for profile, customer in model.objects.values_list("profile_id", "customer_id")
            )

    @invariant()
    def one_goes_on_for_each_group_and_ids_lead_there_at_once(self) -> None:
        if not hasattr(self, "made"):
            return
        found = {c.pk: c for c in Customer.objects.all()}
        assert set(found) == {c.pk for c in self.made}
        for customer in found.values():
            assert customer.merged_into_id is None or found[customer.merged_into_id].merged_into_id is None
        for profile in Profile.objects.all():
            assert found[profile.home_id or profile.customer_id].merged_into_id in (None, profile.customer_id)
            assert profile.home_id is None or found[profile.home_id].merged_into_id == profile.customer_id

    @invariant()
    def provenance_names_profiles_of_the_customer_that_say_so(self) -> None:
        if not hasattr(self, "made"):
            return
        for customer in Customer.objects.filter(merged_into=None):
            profiles = {p.pk: p for p in Profile.objects.filter(customer=customer)}
            for field, profile in customer.provenance.items():
                assert profile in profiles
                if field != "*":
                    assert getattr(profiles[profile], field) == getattr(customer, field)

    @invariant()
    def a_withdrawal_wins(self) -> None:
        if not hasattr(self, "made"):
            return
        for customer in Customer.objects.filter(merged_into=None):
            newest = Consent.objects.filter(customer=customer).values_list("profile_id", "status")
            states = {state.is_given for state in state_of(customer.pk, now=NOW)}
            if any(status == "withdrawn" for _profile, status in newest):
                assert True not in states

    @invariant()
    def looking_at_everybody_from_scratch_changes_nothing(self) -> None:
        if not hasattr(self, "made"):
            return
        before = whole()
        resolve_profiles(every_profile_to_resolve(), by=IDENTITY, now=NOW)
        assert whole() == before


def look(*customers: Customer) -> None:
    ids = [current(customer) for customer in customers]
    profiles = Profile.objects.filter(customer__in=ids).values_list("pk", flat=True)
    resolve_profiles(list(profiles), by=IDENTITY, now=NOW)


def doubted(*customers: Customer) -> bool:
    """Whether others share something with them, so that a link may have changed more than these."""
    ids = [customer.pk for customer in customers]
    return Doubt.objects.filter(one_customer__in=ids).exists() or Doubt.objects.filter(other_customer__in=ids).exists()


def whole() -> dict[str, Any]:
    without = ("version", "updated_at")
    tables = (
        "customers_profile",
        "customers_touchpoint",
        "customers_identifier",
        "customers_consent",
        "customers_interaction",
    )
    found = {table: rows(table) for table in tables} | {
        "customers_customer": rows("customers_customer", without=without)
    }
    return found | {"identity_doubt": rows("identity_doubt", without=("id", "public_id"))}


@pytest.mark.django_db
def test_every_story_ends_well() -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=STORIES, stateful_step_count=STEPS, deadline=None, derandomize=STORIES < 50,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
