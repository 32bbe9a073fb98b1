"""Which value is shown where profiles disagree: each rule by itself, and all of them against a slow definition."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import ensure_source
from rapport.customers.golden import EVERY_FIELD, GOLDEN_FIELDS, UNITS, said_by
from rapport.customers.models import Customer, FieldPriority, FieldRule, Profile, Source
from rapport.customers.survivorship.deriving import derive_customers
from rapport.customers.survivorship.rules import FREQUENT, LONGEST, PRIORITY, RECENT
from rapport.customers.tests.world import add_profile, make_customer
from tests.world import NOW


def set_rule(field: str, rule: str, **priorities: int) -> None:
    with acting(SYSTEM):
        FieldRule.objects.update_or_create(field=field, defaults={"rule": rule})
        for source, priority in priorities.items():
            FieldPriority.objects.create(field=field, source=ensure_source(source), priority=priority)


def derived(customer: Customer) -> Customer:
    with acting(SYSTEM):
        derive_customers([customer.pk])
    customer.refresh_from_db()
    return customer


def origin(customer: Customer, field: str) -> int:
    return int(customer.provenance.get(field, customer.provenance.get(EVERY_FIELD)))


def test_the_source_that_comes_first_wins_without_a_rule(db: None) -> None:
    customer = make_customer("Ana", email="ana@shop.example")
    add_profile(
        customer, source="till", external_id="7", priority=10, seen_at=NOW - timedelta(days=9), email="ana@till.example"
    )

    assert customer.email == "ana@till.example"


def test_a_field_can_have_an_order_of_sources_of_its_own(db: None) -> None:
    customer = make_customer("Ana", email="ana@shop.example", city="Porto")
    add_profile(customer, source="till", external_id="7", priority=10, email="ana@till.example", city="Faro")
    set_rule("email", PRIORITY, shop=1)

    derived(customer)

    assert (customer.email, customer.city) == ("ana@shop.example", "Faro")


def test_what_was_said_last_can_win(db: None) -> None:
    customer = make_customer("Ana", email="ana@shop.example", seen_at=NOW)
    add_profile(
        customer, source="till", external_id="7", priority=10, seen_at=NOW - timedelta(days=9), email="ana@till.example"
    )
    set_rule("email", RECENT)

    assert derived(customer).email == "ana@shop.example"


def test_what_most_sources_say_can_win_however_it_is_capitalized(db: None) -> None:
    customer = make_customer("Ana", job_title="baker")
    add_profile(customer, source="till", external_id="7", priority=10, job_title="Barista")
    add_profile(customer, source="till", external_id="8", priority=10, job_title="Barista")
    newest = add_profile(customer, source="mail", external_id="9", job_title="Baker")
    set_rule("job_title", FREQUENT)

    derived(customer)

    assert customer.job_title == "Baker"
    assert origin(customer, "job_title") == newest.pk


def test_the_longest_can_win_but_for_what_staff_enter(db: None) -> None:
    customer = make_customer("Ana", job_title="Head of baking")
    add_profile(customer, source="till", external_id="7", priority=10, job_title="Baker")
    set_rule("job_title", LONGEST)
    assert derived(customer).job_title == "Head of baking"

    add_profile(customer, source="staff", external_id="s", priority=0, job_title="Cook")

    assert customer.job_title == "Cook"


def test_an_address_is_never_mixed_from_two_sources(db: None) -> None:
    customer = make_customer("Ana", street="Rua das Oliveiras 210", city="Porto", country="PT")
    add_profile(customer, source="till", external_id="7", priority=10, city="Faro")

    assert (customer.street, customer.city, customer.country) == (None, "Faro", None)


def test_a_country_alone_gives_way_to_a_whole_address(db: None) -> None:
    customer = make_customer("Ana", street="Rua das Oliveiras 210", city="Porto")
    add_profile(customer, source="till", external_id="7", priority=10, country="ES")

    assert (customer.street, customer.city, customer.country) == ("Rua das Oliveiras 210", "Porto", None)


def test_the_parts_of_a_name_come_from_one_source(db: None) -> None:
    customer = make_customer("Ana Souza", given_name="Ana", family_name="Souza")
    add_profile(customer, source="till", external_id="7", priority=10, name="A. B. Souza", family_name="Souza")

    assert (customer.name, customer.given_name, customer.family_name) == ("A. B. Souza", None, "Souza")


def test_custom_values_follow_the_same_rules_and_say_where_they_come_from(db: None) -> None:
    customer = make_customer("Ana", custom={"shoe": "38", "tags": ["vip"], "old": ""})
    till = add_profile(customer, source="till", external_id="7", priority=10, custom={"shoe": "39 wide", "tags": []})
    assert customer.custom == {"shoe": "39 wide", "tags": ["vip"]}
    assert origin(customer, "custom.shoe") == till.pk

    set_rule("custom.shoe", PRIORITY, shop=1)

    assert derived(customer).custom == {"shoe": "38", "tags": ["vip"]}


SOURCES = ("staff", "shop", "till", "mail")
TEXTS = st.sampled_from(["a", "A", "b", "bb", "Bb", "ccc"])
SAID = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            ("name", "given_name", "family_name", "street", "city", "country", "email", "job_title"), TEXTS
        ),
        "born_on": st.sampled_from([date(1984, 3, 9), date(1990, 1, 1)]),
        "custom": st.dictionaries(
            st.sampled_from(["shoe", "size"]), st.sampled_from(["a", "A", "bb", "", None]), max_size=2
        ),
    },
)
PROFILES = st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(0, 2), SAID), min_size=2, max_size=5)
RULED = ("name", "address", "email", "job_title", "born_on", "custom.shoe", "custom.size")
RULES = st.dictionaries(st.sampled_from(RULED), st.sampled_from([PRIORITY, RECENT, FREQUENT, LONGEST]))
OWN = st.dictionaries(st.tuples(st.sampled_from(RULED), st.sampled_from(SOURCES)), st.integers(0, 3), max_size=4)
PRIORITIES = st.fixed_dictionaries({"shop": st.integers(0, 2), "till": st.integers(0, 2), "mail": st.integers(0, 2)})

Spoken = list[Profile]


def slow_winner(
    fields: tuple[str, ...], lead: tuple[str, ...], unit: str, spoken: Spoken, world: Any
) -> Profile | None:
    """The definition: sort the profiles that state the unit; the first wins."""
    rules, own, priorities = world

    def says(profile: Profile) -> tuple[str, ...]:
        return tuple(str(said_by(profile, f) or "").lower() for f in fields)

    stating = [p for p in spoken if any(said_by(p, f) is not None for f in fields)]
    rule = rules.get(unit, PRIORITY)

    def place(profile: Profile) -> tuple[Any, ...]:
        source = profile.source.name
        return (
            bool(lead) and all(said_by(profile, f) is None for f in lead),
            rule in (FREQUENT, LONGEST) and source != "staff",
            -profile.seen_at.timestamp() if rule == RECENT else 0,
            -len({p.source.name for p in stating if says(p) == says(profile)}) if rule == FREQUENT else 0,
            -sum(map(len, says(profile))) if rule == LONGEST else 0,
            own.get((unit, source), priorities.get(source, 0)),
            -profile.seen_at.timestamp(),
            -profile.pk,
        )

    return min(stating, key=place, default=None)


def expect_shown(customer: Customer, spoken: Spoken, world: Any) -> None:
    customer.refresh_from_db()
    names = {name for profile in spoken for name in profile.custom}
    units = [(u.fields, u.lead, u.name) for u in UNITS] + [((f"custom.{n}",), (), f"custom.{n}") for n in sorted(names)]
    for fields, lead, unit in units:
        winner = slow_winner(fields, lead, unit, spoken, world)
        for field in fields:
            shown = said_by(customer, field)
            assert shown == (said_by(winner, field) if winner is not None else None), (field, unit)
            if shown is not None:
                named = next(p for p in spoken if p.pk == origin(customer, field))
                assert said_by(named, field) == shown
                assert named is winner


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=PROFILES, rules=RULES, own=OWN, priorities=PRIORITIES)
def test_every_value_is_that_of_the_rules_winner_and_without_it_of_the_next(
    told: Any, rules: Any, own: Any, priorities: Any, business: Any
) -> None:
    world = (rules, own, {**priorities, "staff": 0})
    with transaction.atomic():
        with acting(SYSTEM):
            customer = prepare(told, rules, own, priorities)
            spoken = list(Profile.objects.filter(customer=customer).select_related("source"))
            derive_customers([customer.pk])
            expect_shown(customer, spoken, world)

            for leaving in spoken:
                with transaction.atomic():
                    remove(leaving)
                    expect_shown(customer, [profile for profile in spoken if profile is not leaving], world)
                    transaction.set_rollback(True)
        transaction.set_rollback(True)


def prepare(told: Any, rules: Any, own: Any, priorities: Any) -> Customer:
    for name, priority in priorities.items():
        Source.objects.create(name=name, label=name, priority=priority)
    sources = {source.name: source for source in Source.objects.all()}
    FieldRule.objects.bulk_create(FieldRule(field=field, rule=rule) for field, rule in rules.items())
    for (field, source), priority in own.items():
        FieldPriority.objects.create(field=field, source=sources[source], priority=priority)
    customer = Customer.objects.create()
    for number, (source, days, values) in enumerate(told):
        Profile.objects.create(
            customer=customer,
            source=sources[source],
            external_id=str(number),
            seen_at=NOW + timedelta(days=days),
            **values,
        )
    return customer


def remove(leaving: Profile) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from customers_profile where id = %s", [leaving.pk])
    derive_customers([leaving.customer_id])


@pytest.mark.parametrize("rule", [PRIORITY, RECENT, FREQUENT, LONGEST])
def test_the_order_in_which_profiles_arrive_does_not_matter(rule: str, db: None) -> None:
    told = [("shop", 1, "Porto"), ("till", 2, "Faro"), ("mail", 0, "porto")]
    set_rule("address", rule)
    shown = set()
    for order in permutations(told):
        customer = make_customer(f"Ana {order}", source="other", external_id=str(order))
        for source, days, city in order:
            add_profile(customer, source=source, external_id=str(order), seen_at=NOW + timedelta(days=days), city=city)
        shown.add(customer.city)

    assert len(shown) == 1


def test_every_attribute_belongs_to_one_unit() -> None:
    assert sorted(field for unit in UNITS for field in unit.fields) == sorted(GOLDEN_FIELDS)
