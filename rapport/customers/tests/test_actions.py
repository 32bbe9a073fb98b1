"""Actions on customers: effect, event, refusal, and two at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import (
    CustomerChanged,
    NothingToTakeBack,
    add_touchpoint,
    assign_owner,
    create_customer,
    edit_customer,
    log_interaction,
    take_back_staff_value,
)
from rapport.customers.models import Customer, Interaction, Profile, Touchpoint
from rapport.customers.survivorship.deriving import derive_customers
from rapport.customers.tests.world import make_customer
from rapport.records.tests.own_fields import make_field
from tests.world import NOW


def changes(table: str) -> list[tuple[str, str, str]]:
    """(operation, actor, reason) of what the audit trail holds of a table, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select operation, actor_label, reason from audit_event where table_name = %s order by id", [table]
        )
        return list(cursor.fetchall())


def test_creating_a_customer_writes_a_staff_profile_and_derives_from_it(alice: Any) -> None:
    customer = create_customer({"name": "Grace Okafor", "email": "grace@okafor.example"}, by=alice, now=NOW)

    profile = Profile.objects.get(customer=customer)
    assert (profile.source.name, profile.name, profile.seen_at) == ("staff", "Grace Okafor", NOW)
    assert (customer.name, customer.email) == ("Grace Okafor", "grace@okafor.example")
    assert customer.provenance == {"*": profile.pk}
    assert changes("customers_customer")[-1][1:] == ("Alice", "customers.customer_created")


def test_a_customer_whom_staff_add_is_at_once_as_deriving_makes_her(alice: Any, ada: Any) -> None:
    make_field(ada, "Nickname", is_searched=True)
    said = {"name": "김 Grace O'Kafor", "email": "Grace.O@okafor.example", "phone": "020 7946 0958", "country": "GB"}

    customer = create_customer(said, by=alice, now=NOW, custom={"c_nickname": "Poppy %s", "c_other": None})
    plain = create_customer({"organization": "Acme"}, kind="organization", by=alice, now=NOW)
    before = _rows_about([customer.pk, plain.pk])
    derive_customers([customer.pk, plain.pk])
    derive_customers([customer.pk])

    assert _rows_about([customer.pk, plain.pk]) == before
    assert len(before) == 4
    assert (customer.phone, customer.custom) == ("+442079460958", {"c_nickname": "Poppy %s"})
    assert [changes("customers_customer")[at][0] for at in (-2, -1)] == ["insert", "insert"]


def _rows_about(customer_ids: list[int]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c::text from customers_customer c where id = any(%(ids)s) union all"
            " select i::text from customers_identifier i where customer_id = any(%(ids)s) order by 1",
            {"ids": customer_ids},
        )
        return [row[0] for row in cursor.fetchall()]


def test_editing_what_does_not_differ_changes_nothing(alice: Any) -> None:
    customer = make_customer("Ana Souza", city="Lisboa")

    edit_customer(customer, {"name": "Ana Souza", "city": "Lisboa"}, version=customer.version, by=alice, now=NOW)

    assert not Profile.objects.filter(customer=customer, source__name="staff").exists()


def test_an_edit_of_an_older_version_is_refused(alice: Any) -> None:
    customer = make_customer("Ana Souza")

    with pytest.raises(CustomerChanged):
        edit_customer(customer, {"city": "Faro"}, version=customer.version - 1, by=alice, now=NOW)

    customer.refresh_from_db()
    assert customer.city is None


def test_taking_back_what_staff_said_shows_the_next_source_again(alice: Any) -> None:
    customer = make_customer("Ana Souza", city="Lisboa")
    edited = edit_customer(customer, {"city": "Faro"}, version=customer.version, by=alice, now=NOW)
    assert edited.city == "Faro"
    profile = Profile.objects.get(customer=customer, source__name="staff")

    profile.city = None
    profile.save()
    again = edit_customer(edited, {"job_title": "Baker"}, version=edited.version, by=alice, now=NOW)

    assert (again.city, again.job_title) == ("Lisboa", "Baker")


def test_what_staff_said_can_be_taken_back_with_what_belongs_to_it(alice: Any) -> None:
    customer = make_customer("Ana Souza", street="Rua das Oliveiras 210", city="Porto", job_title="Baker")
    edited = edit_customer(customer, {"city": "Faro", "job_title": "Cook"}, version=customer.version, by=alice, now=NOW)
    assert (edited.street, edited.city) == ("Rua das Oliveiras 210", "Faro")

    again = take_back_staff_value(edited, "city", by=alice, now=NOW)

    assert (again.street, again.city, again.job_title) == ("Rua das Oliveiras 210", "Porto", "Cook")
    staff = Profile.objects.get(customer=customer, source__name="staff")
    assert (staff.street, staff.city, staff.job_title) == (None, None, "Cook")


def test_nothing_is_taken_back_where_nobody_else_says_anything(alice: Any) -> None:
    customer = make_customer("Ana Souza")
    edited = edit_customer(customer, {"city": "Faro"}, version=customer.version, by=alice, now=NOW)

    for field in ("city", "name"):
        with pytest.raises(NothingToTakeBack):
            take_back_staff_value(edited, field, by=alice, now=NOW)

    edited.refresh_from_db()
    assert (edited.city, edited.name) == ("Faro", "Ana Souza")


def test_emptying_what_staff_said_shows_the_next_source_again(alice: Any) -> None:
    customer = make_customer("Ana Souza", job_title="Baker")
    edited = edit_customer(customer, {"job_title": "Cook"}, version=customer.version, by=alice, now=NOW)

    again = edit_customer(edited, {"job_title": ""}, version=edited.version, by=alice, now=NOW)

    assert again.job_title == "Baker"


def test_custom_values_are_edited_like_any_other(alice: Any) -> None:
    customer = make_customer("Ana Souza", custom={"shoe": "38"})

    edited = edit_customer(customer, {"custom.shoe": "39"}, version=customer.version, by=alice, now=NOW)

    assert edited.custom == {"shoe": "39"}
    assert take_back_staff_value(edited, "custom.shoe", by=alice, now=NOW).custom == {"shoe": "38"}


def test_a_logged_visit_stands_in_the_month_it_happened(alice: Any) -> None:
    customer = make_customer("Ana Souza")
    happened = datetime(2019, 7, 31, 23, 59, tzinfo=UTC)

    log_interaction(
        customer, kind="visit", text="  Saw\nthe shop " + "x" * 200, by=alice, now=NOW, occurred_at=happened
    )

    touchpoint = Touchpoint.objects.get(customer_id=customer.pk)
    assert (touchpoint.occurred_at, touchpoint.channel) == (happened, "field_sales")
    assert touchpoint.summary.startswith("Saw the shop xxx")
    assert len(touchpoint.summary) == 140
    with connection.cursor() as cursor:
        cursor.execute("select tableoid::regclass::text from customers_touchpoint where id = %s", [touchpoint.pk])
        assert cursor.fetchone()[0] == "customers_touchpoint_201907"
    assert changes("customers_interaction")[-1][1:] == ("Alice", "customers.interaction_logged")


def test_a_touchpoint_of_a_month_that_exists_asks_for_no_lock(ada: Any) -> None:
    customer = make_customer("Ana Souza")
    profile = Profile.objects.get(customer=customer)
    values: dict[str, Any] = {
        "customer_id": customer.pk,
        "profile_id": profile.pk,
        "kind": "page_view",
        "channel": "web",
    }

    mine = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"

    add_touchpoint(occurred_at=NOW, **values)
    with connection.cursor() as cursor:
        cursor.execute(mine)
        before = cursor.fetchone()[0]
        add_touchpoint(occurred_at=NOW + timedelta(hours=1), **values)
        cursor.execute(mine)
        assert cursor.fetchone()[0] == before
    assert Touchpoint.objects.filter(customer_id=customer.pk).count() == 2


def test_assigning_raises_the_version_and_says_who_did_it(alice: Any, bob: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)

    assign_owner(customer, bob, by=alice, now=NOW)
    assign_owner(customer, bob, by=alice, now=NOW)

    current = Customer.objects.get(pk=customer.pk)
    assert (current.owner, current.version) == (bob, customer.version + 1)
    assert changes("customers_customer")[-1][1:] == ("Alice", "customers.owner_assigned")


def test_a_write_that_says_not_who_acts_is_refused(alice: Any) -> None:
    customer = make_customer("Ana Souza")
    with connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.actor_id', '', false)")

    with pytest.raises(ProgrammingError):
        Customer.objects.filter(pk=customer.pk).update(city="Faro")


@pytest.mark.django_db(transaction=True)
def test_two_edits_of_the_same_version_at_once_save_one() -> None:
    from tests.world import make_user

    with acting(SYSTEM):
        alice = make_user("Alice", role="Administrator")
    customer = make_customer("Ana Souza")
    results: list[str] = []

    def edit(city: str) -> None:
        try:
            edit_customer(customer, {"city": city}, version=customer.version, by=alice, now=NOW)
            results.append("saved")
        except CustomerChanged:
            results.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=edit, args=[city]) for city in ("Faro", "Lisboa", "Porto", "Braga")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["refused", "refused", "refused", "saved"]
    assert Profile.objects.filter(customer=customer, source__name="staff").count() == 1
    assert Interaction.objects.count() == 0
