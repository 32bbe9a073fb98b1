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
from rapport.customers.actions import UnableToClear, edit_customer, log_interaction
from rapport.customers.consents.ledger import record_consent, state_of
from rapport.customers.models import Consent, Customer, Identifier, Interaction, Profile, Touchpoint
from rapport.customers.tests.world import touch
from rapport.customers.whole_person import whole_person
from rapport.identity.actions import UnableToMerge, UnableToSplit, merge_customers, split_customer, undo_merge
from rapport.identity.choosing import HandOver, by_hand
from rapport.identity.models import Doubt, Link
from rapport.identity.queries import every_profile_to_resolve, profiles_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles
from rapport.identity.staff_words import said_since
from rapport.identity.tests.people import current, person, rows
from rapport.privacy.actions import erase
from rapport.privacy.models import Erasure
from rapport.records.imports.undoing import UnableToUndo
from tests.import_files import import_text, undo
from tests.world import NOW, make_user

STORIES = int(os.environ.get("IDENTITY_STORIES", "6"))
STEPS = int(os.environ.get("IDENTITY_STEPS", "14"))

EMAILS = ("ana@souza.br", "bea@lima.pt", "")
PHONES = ("+442079460958", "+442079460959", "")
NAMES = ("Ana Souza", "Bea Lima", "")
SOURCES = ("shop", "till", "news")
LINE = st.tuples(
    st.sampled_from(["F1", "F2", "F3"]), st.sampled_from(NAMES), st.sampled_from(EMAILS), st.sampled_from(PHONES)
)
some = st.integers(0, 30)


def there_is_somebody(story: Any) -> bool:
    return Customer.objects.filter(merged_into=None).exists()


class Story(RuleBasedStateMachine):
    """Customers come by hand and by file, are edited, logged, merged, split, agree or withdraw, are erased; files go again."""

    @initialize()
    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        with acting(SYSTEM):
            Business.objects.create(id=1, name="Tiny Ltd", time_zone="Europe/London", currency="GBP", set_up_at=NOW)
        self.ada = make_user("Ada", role="Administrator")
        self.count = 0
        self.jobs: list[Any] = []
        self.touched: dict[int, int] = {}  # touchpoint → profile
        self.logged: set[int] = set()  # those that a split may give to another profile

    def teardown(self) -> None:
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def one_of(self, number: int) -> Customer:
        there = Customer.objects.filter(merged_into=None).order_by("pk")
        return list(there)[number % len(there)]

    @rule(
        email=st.sampled_from(EMAILS),
        phone=st.sampled_from(PHONES),
        name=st.sampled_from(NAMES),
        source=st.sampled_from(SOURCES),
    )
    def come(self, email: str, phone: str, name: str, source: str) -> None:
        self.count += 1
        made = person(name, source=source, external_id=str(self.count), email=email or None, phone=phone or None)
        self.touched[touch(made)] = Profile.objects.get(customer=made).pk
        look(made)

    @rule(source=st.sampled_from(SOURCES), lines=st.lists(LINE, min_size=1, max_size=3, unique_by=lambda line: line[0]))
    def bring_a_file(self, source: str, lines: list[tuple[str, ...]]) -> None:
        text = "id,name,e-mail,phone\n" + "".join(",".join(line) + "\n" for line in lines)
        job = import_text(text, preset="people", source=source)
        self.jobs.append(job)
        resolve_profiles(profiles_to_resolve(job.pk), by=IDENTITY, now=NOW)

    @precondition(lambda self: self.jobs)
    @rule(number=some)
    def take_a_file_back(self, number: int) -> None:
        job = self.jobs[number % len(self.jobs)]
        before = profiles_by_import()
        try:
            undo(job)
        except UnableToUndo:
            return
        self.jobs.remove(job)
        gone = set(before) - set(profiles_by_import())
        assert all(before[profile] == job.pk for profile in gone)
        self.forget(gone)
        look_at_everybody()

    @precondition(there_is_somebody)
    @rule(number=some)
    def erase_somebody(self, number: int) -> None:
        person = whole_person(self.one_of(number).pk)
        before = set(profiles_by_import())
        with acting(SYSTEM):
            asked = Erasure.objects.create(customer_id=person.customers[0], actor_label="x", asked_at=NOW)
        erase(asked, by=SYSTEM, now=NOW)
        assert before - set(profiles_by_import()) == set(person.profiles) & before
        assert not Link.objects.filter(one_id__in=person.profiles).exists()
        self.forget(set(person.profiles))
        look_at_everybody()

    def forget(self, profiles: set[int]) -> None:
        self.touched = {key: profile for key, profile in self.touched.items() if profile not in profiles}
        there = set(Touchpoint.objects.values_list("pk", flat=True))
        self.logged = {key for key in self.logged if key in there}

    @precondition(there_is_somebody)
    @rule(
        number=some, values=st.sampled_from([{"city": "Leeds"}, {"city": "York"}, {"job_title": "Buyer"}, {"city": ""}])
    )
    def edit(self, number: int, values: dict[str, str]) -> None:
        customer = self.one_of(number)
        try:
            edit_customer(customer, values, version=customer.version, by=self.ada, now=NOW)
        except UnableToClear:
            return
        look(customer)

    @precondition(there_is_somebody)
    @rule(number=some)
    def log(self, number: int) -> None:
        logged = log_interaction(self.one_of(number), kind="call", text="Hello", by=self.ada, now=NOW)
        self.logged.add(Touchpoint.objects.get(record_id=logged.pk).pk)

    @precondition(there_is_somebody)
    @rule(number=some, status=st.sampled_from(["granted", "withdrawn"]))
    def say(self, number: int, status: str) -> None:
        profile = Profile.objects.filter(customer=self.one_of(number)).order_by("pk")[0]
        Consent.objects.create(
            profile=profile, customer_id=profile.customer_id, purpose="newsletter", channel="email", status=status,
            occurred_at=NOW, origin="test",
        )  # fmt: skip

    @precondition(there_is_somebody)
    @rule(number=some, status=st.sampled_from(["granted", "withdrawn"]))
    def say_to_staff(self, number: int, status: str) -> None:
        record_consent(self.one_of(number), "newsletter", "email", status, by=self.ada, now=NOW, origin="call")

    @precondition(there_is_somebody)
    @rule(one=some, other=some)
    def merge(self, one: int, other: int) -> None:
        try:
            merge_customers(self.one_of(one).pk, [self.one_of(other).pk], by=self.ada, now=NOW)
        except UnableToMerge:
            return

    @precondition(there_is_somebody)
    @rule(number=some, pick=some)
    def split(self, number: int, pick: int) -> None:
        customer = self.one_of(number)
        homes = sorted({p.home_id or p.customer_id for p in Profile.objects.filter(customer=customer)})
        try:
            split_customer(customer.pk, [homes[pick % len(homes)]], by=self.ada, now=NOW)
        except UnableToSplit:
            assert len(homes) == 1

    @precondition(there_is_somebody)
    @rule(number=some, pick=st.sets(some, min_size=1, max_size=3), to=some)
    def split_with_choices(self, number: int, pick: set[int], to: int) -> None:
        """Single profiles are taken out, and all that staff wrote goes to one of the profiles, whichever it is."""
        customer = self.one_of(number)
        profiles = list(Profile.objects.filter(customer=customer).select_related("source").order_by("pk"))
        out = {profiles[each % len(profiles)].pk for each in pick}
        target = profiles[to % len(profiles)].pk
        given = [HandOver(name, target, is_every=True) for name, _owned, _by_hand in by_hand()]
        words = tuple(row.key for group in said_since(profiles, user=self.ada) for row in group.rows)
        try:
            done = split_customer(
                customer.pk, [], profile_ids=sorted(out), by=self.ada, now=NOW,
                given=[*given, HandOver("said", target, words)],
            )  # fmt: skip
        except UnableToSplit:
            assert len(out) == len(profiles)
            return
        assert done.apart_ids
        at = dict(Profile.objects.values_list("pk", "customer_id"))
        left = {at[profile] for profile in out if profile in at}
        assert not left & {at[profile.pk] for profile in profiles if profile.pk not in out and profile.pk in at}

    @precondition(lambda self: Link.objects.filter(undone_at=None).exists())
    @rule(number=some)
    def take_back(self, number: int) -> None:
        links = list(Link.objects.filter(undone_at=None).order_by("pk"))
        undo_merge(links[number % len(links)], by=self.ada, now=NOW)

    @precondition(there_is_somebody)
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
        if not hasattr(self, "touched"):
            return
        at = dict(Profile.objects.values_list("pk", "customer_id"))
        found = {t.pk: (t.profile_id, t.customer_id) for t in Touchpoint.objects.all()}
        assert {pk: profile for pk, (profile, _customer) in found.items() if pk not in self.logged} == self.touched
        assert set(found) == set(self.touched) | self.logged
        for model in (Touchpoint, Identifier, Consent, Interaction):
            assert all(
                at[profile] == customer for profile, customer in model.objects.values_list("profile_id", "customer_id")
            )

    @invariant()
    def one_goes_on_for_each_group_and_ids_lead_there_at_once(self) -> None:
        if not hasattr(self, "touched"):
            return
        found = {c.pk: c for c in Customer.objects.all()}
        assert set(found) == {profile.home_id or profile.customer_id for profile in Profile.objects.all()}
        for customer in found.values():
            assert customer.merged_into_id is None or found[customer.merged_into_id].merged_into_id is None
        for profile in Profile.objects.all():
            assert found[profile.home_id or profile.customer_id].merged_into_id in (None, profile.customer_id)
            assert profile.home_id is None or found[profile.home_id].merged_into_id == profile.customer_id

    @invariant()
    def provenance_names_profiles_of_the_customer_that_say_so(self) -> None:
        if not hasattr(self, "touched"):
            return
        for customer in Customer.objects.filter(merged_into=None):
            profiles = {p.pk: p for p in Profile.objects.filter(customer=customer)}
            for field, profile in customer.provenance.items():
                assert profile in profiles
                if field != "*":
                    assert getattr(profiles[profile], field) == getattr(customer, field)

    @invariant()
    def a_withdrawal_wins(self) -> None:
        if not hasattr(self, "touched"):
            return
        for customer in Customer.objects.filter(merged_into=None):
            newest = Consent.objects.filter(customer=customer).values_list("profile_id", "status")
            states = {state.is_given for state in state_of(customer.pk, now=NOW)}
            if any(status == "withdrawn" for _profile, status in newest):
                assert True not in states

    @invariant()
    def looking_at_everybody_from_scratch_changes_nothing(self) -> None:
        if not hasattr(self, "touched"):
            return
        before = whole()
        resolve_profiles(every_profile_to_resolve(), by=IDENTITY, now=NOW)
        assert whole() == before


def profiles_by_import() -> dict[int, int | None]:
    """Every profile but those of staff, with the import that brought it."""
    return dict(Profile.objects.exclude(source__name="staff").values_list("pk", "import_id"))


def look_at_everybody() -> None:
    resolve_profiles(every_profile_to_resolve(), by=IDENTITY, now=NOW)


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


@pytest.mark.usefixtures("db", "home")
def test_every_story_ends_well() -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=STORIES, stateful_step_count=STEPS, deadline=None, derandomize=STORIES < 50,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
