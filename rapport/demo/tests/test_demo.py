"""The demo company: the same for the same seed and day, whole, believable, and built once."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.db import connection

from rapport.accounts.models import Business, User
from rapport.audit.models import AuditEvent
from rapport.commerce.models import Order, OrderLine, Product
from rapport.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Identifier,
    Interaction,
    Profile,
    Relationship,
    Touchpoint,
)
from rapport.demo import building, company, queries
from rapport.demo.imagining import Imagined, imagine
from rapport.demo.models import DemoBuild
from rapport.identity.models import Doubt
from rapport.records.bulk.models import BulkRun
from rapport.records.models import Import, SavedView
from rapport.webhooks.models import Endpoint, Message

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SCRIPTS = {
    "Han": "\u4e00-\u9fff",
    "Hangul": "\uac00-\ud7a3",
    "Cyrillic": "\u0400-\u04ff",
    "Greek": "\u0370-\u03ff",
    "Arabic": "\u0600-\u06ff",
}


@pytest.fixture(scope="module")
def imagined() -> Imagined:
    return imagine(seed=7, customers=200, today=TODAY, now=NOW)


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def demo(db: None) -> list[building.Showcase]:
    return build()


def build(*, seed: int = 7, day: date = TODAY) -> list[building.Showcase]:
    return building.build_demo(seed=seed, customers=200, day=day, now=NOW, say=lambda sentence: None)


def hash_of(imagined: Imagined) -> str:
    return hashlib.sha256(repr(imagined).encode()).hexdigest()


def test_the_same_seed_and_day_give_the_same_rows(imagined: Imagined) -> None:
    again = imagine(seed=7, customers=200, today=TODAY, now=NOW)
    of_another_seed = imagine(seed=8, customers=200, today=TODAY, now=NOW)
    of_another_day = imagine(seed=7, customers=200, today=date(2026, 3, 1), now=NOW)

    assert hash_of(again) == hash_of(imagined)
    assert hash_of(of_another_seed) != hash_of(imagined)
    assert hash_of(of_another_day) != hash_of(imagined)


def test_later_in_the_day_nothing_is_different(imagined: Imagined) -> None:
    in_the_evening = imagine(seed=7, customers=200, today=TODAY, now=datetime(2026, 3, 2, 22, 0, tzinfo=UTC))

    assert hash_of(in_the_evening) == hash_of(imagined)


def test_before_breakfast_the_day_has_not_happened_yet() -> None:
    early = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

    found = imagine(seed=7, customers=200, today=TODAY, now=early)

    assert max(touchpoint.occurred_at for touchpoint in found.touchpoints) <= early
    assert max(order.placed_at for order in found.orders) <= early


def test_nothing_lies_in_the_future_but_what_was_promised(imagined: Imagined) -> None:
    instants = [touchpoint.occurred_at for touchpoint in imagined.touchpoints]
    instants += [interaction.occurred_at for interaction in imagined.interactions]
    instants += [profile.seen_at for profile in imagined.profiles]
    instants += [customer.created_at for customer in imagined.customers]
    instants += [at for o in imagined.orders for at in (o.placed_at, o.shipped_at, o.delivered_at) if at is not None]

    assert max(instants) <= NOW
    assert max(o.promised_on for o in imagined.orders if o.promised_on) > TODAY


def test_an_order_is_shipped_after_it_is_placed_and_delivered_after_that(imagined: Imagined) -> None:
    for order in imagined.orders:
        if order.shipped_at is not None:
            assert order.placed_at < order.shipped_at
        if order.delivered_at is not None:
            assert order.shipped_at is not None
            assert order.shipped_at < order.delivered_at


def test_business_goes_on_until_today(imagined: Imagined) -> None:
    last_week = [order for order in imagined.orders if (TODAY - order.placed_at.date()).days < 7]
    this_morning = [touchpoint for touchpoint in imagined.touchpoints if touchpoint.occurred_at.date() == TODAY]

    assert len(last_week) > 5
    assert this_morning


def test_names_are_written_in_many_scripts() -> None:
    found = imagine(seed=7, customers=1500, today=TODAY, now=NOW)
    names = " ".join(str(profile.values.get("name")) for profile in found.profiles)

    for script, letters in SCRIPTS.items():
        first, last = letters.split("-")
        assert any(first <= letter <= last for letter in names), script


def test_mail_addresses_are_reserved_and_belong_to_one_customer_each(imagined: Imagined) -> None:
    originals = [profile for profile in imagined.profiles if profile.source != company.CALLS]
    owners: dict[Any, set[int]] = {}
    for profile in originals:
        if profile.values.get("email"):
            owners.setdefault(profile.values["email"], set()).add(profile.customer)

    assert all(str(email).endswith(".example") for email in owners)
    assert all(len(customers) == 1 for customers in owners.values())


def test_reversals_point_at_an_earlier_sale_and_take_back_no_more_than_it(imagined: Imagined) -> None:
    reversals = [order for order in imagined.orders if order.reverses is not None]

    assert reversals
    for reversal in reversals:
        sale = imagined.orders[reversal.reverses - 1]
        assert sale.kind == "sale"
        assert sale.placed_at < reversal.placed_at
        assert 0 > reversal.total_micros >= -sale.total_micros


def test_the_whole_company_is_loaded(demo: list[building.Showcase]) -> None:
    wanted = imagine(seed=7, customers=200, today=TODAY, now=NOW)

    assert Business.objects.get().name == company.NAME
    assert User.objects.count() == len(company.STAFF)
    assert Customer.objects.count() == len(wanted.customers) >= 200
    assert Profile.objects.count() == len(wanted.profiles)
    assert Identifier.objects.count() == len(wanted.identifiers)
    assert Product.objects.count() == len(wanted.products)
    assert Order.objects.count() == len(wanted.orders)
    assert ContactPoint.objects.count() == len(wanted.points) > 10
    assert Relationship.objects.count() == len(wanted.ties) > 10
    assert Interaction.objects.count() == len(wanted.interactions)
    assert Touchpoint.objects.count() == len(wanted.touchpoints)


def test_every_order_is_the_sum_of_its_lines(demo: list[building.Showcase]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from commerce_order o left join (select order_id, sum(amount_micros) as total, count(*) as lines"
            " from commerce_orderline group by order_id) l on l.order_id = o.id"
            " where (o.total_micros, o.line_count) is distinct from (l.total, l.lines)"
        )
        assert cursor.fetchone()[0] == 0
        cursor.execute("select count(*) from commerce_orderline where amount_micros <> quantity * unit_price_micros")
        assert cursor.fetchone()[0] == 0
    assert OrderLine.objects.exists()


def test_customers_of_several_sources_say_where_each_value_comes_from(demo: list[building.Showcase]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.id, c.provenance, array_agg(p.id) from customers_customer c"
            " join customers_profile p on p.customer_id = c.id group by c.id having count(distinct p.source_id) > 1"
        )
        joined = cursor.fetchall()

    assert len(joined) > 60
    with_several_winners = 0
    for _id, provenance, profiles in joined:
        winners = set((json.loads(provenance) if isinstance(provenance, str) else provenance).values())
        assert winners <= set(profiles)
        with_several_winners += len(winners) > 1
    assert with_several_winners > 5


def test_touchpoints_point_at_the_records_behind_them(demo: list[building.Showcase]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), count(o.id) from customers_touchpoint t left join commerce_order o on o.id = t.record_id"
            " and o.customer_id = t.customer_id where t.kind in ('order', 'delivery')"
        )
        pointing, found = cursor.fetchone()
        assert pointing == found > 500
        cursor.execute(
            "select count(*), count(i.id) from customers_touchpoint t left join customers_interaction i"
            " on i.id = t.record_id and i.customer_id = t.customer_id and i.kind = t.kind"
            " where t.kind in ('call', 'note', 'visit')"
        )
        pointing, found = cursor.fetchone()
        assert pointing == found > 50
        cursor.execute("select count(*) from customers_touchpoint_other")
        assert cursor.fetchone()[0] == 0


def test_three_people_can_sign_in_and_no_password_is_stored(demo: list[building.Showcase]) -> None:
    people = {person.email: person for person in demo}

    assert {user.role.name for user in User.objects.filter(email__in=people)} == {"Administrator", "Sales", "Service"}
    for user in User.objects.all():
        assert user.has_usable_password() == (user.email in people)
        if user.email in people:
            assert user.check_password(people[user.email].password)
            assert people[user.email].password not in user.password


def test_organizations_have_an_owner_in_the_sales_team(demo: list[building.Showcase]) -> None:
    organizations = Customer.objects.filter(kind="organization")

    assert organizations.exists()
    assert all(
        customer.owner.team.name == company.SALES_TEAM for customer in organizations.select_related("owner__team")
    )
    assert Customer.objects.filter(owner=None).exists()


def test_customers_agreed_to_some_things_and_took_some_back(demo: list[building.Showcase]) -> None:
    said = set(Consent.objects.values_list("purpose", "channel", "status"))

    assert {
        ("newsletter", "email", "granted"),
        ("newsletter", "email", "withdrawn"),
        ("offers", "email", "granted"),
    } <= said
    assert not Consent.objects.filter(occurred_at__gt=NOW).exists()


def test_somebody_taken_in_twice_is_joined_or_stands_in_doubt(demo: list[building.Showcase]) -> None:
    assert Customer.objects.exclude(merged_into=None).exists() or Doubt.objects.exists()


def test_each_step_leaves_one_line_in_the_audit_trail(demo: list[building.Showcase]) -> None:
    loaded = AuditEvent.objects.filter(operation__startswith="demo: ")

    assert sorted(loaded.values_list("operation", flat=True)) == [
        "demo: consents loaded",
        "demo: customers loaded",
        "demo: interactions loaded",
        "demo: orders loaded",
        "demo: passwords given",
        "demo: products loaded",
        "demo: relationships loaded",
        "demo: staff loaded",
        "demo: tasks loaded",
        "demo: touchpoints loaded",
    ]
    assert set(loaded.values_list("actor_id", flat=True)) == {"system:demo"}
    assert not AuditEvent.objects.filter(table_name="customers_customer").exists()


def test_a_second_demo_company_is_refused_in_words(demo: list[building.Showcase]) -> None:
    building.finish_demo(now=NOW)

    with pytest.raises(building.AlreadySetUp, match="built here on 02 March 2026 already"):
        build(seed=8)

    assert DemoBuild.objects.get().seed == 7


def test_a_demo_company_is_offered_until_it_is_complete(db: None) -> None:
    assert queries.can_be_built()

    build()
    assert queries.can_be_built()

    building.finish_demo(now=NOW)
    assert not queries.can_be_built()


def test_a_real_business_is_left_alone(business: Any) -> None:
    assert not queries.can_be_built()
    with pytest.raises(building.AlreadySetUp, match="belongs to a business already"):
        build()

    assert not Customer.objects.exists()


def test_a_build_that_was_stopped_before_its_end_gives_new_passwords_and_changes_nothing_else(
    demo: list[building.Showcase],
) -> None:
    customers = list(Customer.objects.order_by("id").values_list("id", "version"))

    again = build()

    assert {person.email for person in again} == {person.email for person in demo}
    assert all(User.objects.get(email=person.email).check_password(person.password) for person in again)
    assert list(Customer.objects.order_by("id").values_list("id", "version")) == customers


@pytest.mark.django_db(transaction=True)  # the warehouse is copied by a session of its own
def test_the_command_shows_the_passwords_and_finishes(home: Any, capsys: Any) -> None:
    from argparse import ArgumentParser

    from rapport.demo.commands import COMMANDS

    parser = ArgumentParser()
    COMMANDS[0].configure(parser)

    assert COMMANDS[0].run(parser.parse_args(["--customers", "30", "--on", "2026-03-02"])) == 0

    printed = StringIO(capsys.readouterr().out).read()
    assert all(email in printed for email in company.SHOWCASE)
    assert DemoBuild.objects.get().finished_at is not None
    brought_in, receiver = Import.objects.get(), Endpoint.objects.get()
    assert (brought_in.state, brought_in.problem_count) == ("done", 1)
    assert (receiver.state, Message.objects.filter(endpoint=receiver).count()) == ("paused", 4)
    assert SavedView.objects.filter(is_shared=True).count() == 2
    assert {run.state for run in BulkRun.objects.all()} == {"done"}
