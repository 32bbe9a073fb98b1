"""The audit triggers: every change is signed, nobody's change is refused, the trail only grows."""

import pytest
from django.db import DatabaseError, connection, transaction

from rapport.accounts.models import Role, Team
from rapport.audit.models import AuditEvent, AuditValue
from rapport.core.acting import acting

IMPORTED = [
    "commerce_order",
    "commerce_product",
    "customers_consentrequest",
    "customers_contactpoint",
    "customers_customer",
    "customers_interaction",
    "customers_relationship",
    "work_task",
]


def test_a_change_is_recorded_with_actor_fields_and_values(ada):
    with acting(ada, reason="test"):
        team = Team.objects.create(name="East")
        team.name = "West"
        team.save(update_fields=["name"])

    event = AuditEvent.objects.filter(table_name="accounts_team", row_id=str(team.pk)).latest("id")
    assert (event.operation, event.fields, event.actor_label, event.reason) == ("update", ["name"], "Ada", "test")
    assert AuditValue.objects.get(event=event).values == {"name": ["East", "West"]}


def test_a_change_by_nobody_is_refused(db):
    with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic():
        Team.objects.create(name="Ghost")

    assert not Team.objects.filter(name="Ghost").exists()


@pytest.mark.parametrize("statement", ["update audit_event set reason = 'x'", "delete from audit_event"])
def test_the_application_cannot_change_the_trail(ada, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nobody_acts_any_more_after_the_block(ada):
    with acting(ada):
        Team.objects.create(name="East")

    with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic():
        Team.objects.create(name="Ghost")


def test_an_inner_block_signs_its_own_changes_and_the_outer_one_signs_again(ada, bob):
    with acting(ada, reason="outer"):
        with acting(bob, reason="inner"):
            Team.objects.create(name="Bob's")
        Team.objects.create(name="Ada's")

    signed = AuditEvent.objects.filter(table_name="accounts_team").order_by("-id").values_list("actor_label", "reason")
    assert list(signed[:2]) == [("Ada", "outer"), ("Bob", "inner")]


def bulk():
    with connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.bulk', 'on', true)")


def test_a_bulk_action_does_not_hide_a_change_of_roles(ada, alice):
    with acting(ada):
        bulk()
        alice.role = Role.objects.get(name="Administrator")
        alice.save(update_fields=["role"])

    event = AuditEvent.objects.filter(table_name="accounts_user", row_id=str(alice.pk)).latest("id")
    assert (event.operation, event.fields) == ("update", ["role_id"])


@pytest.mark.parametrize("table", IMPORTED)
def test_nobody_writes_in_bulk_either(db, table):
    bulk()

    with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"delete from {table}")


def test_only_tables_that_are_imported_leave_their_rows_to_a_bulk_event(db):
    with connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text from pg_trigger where tgname = 'audit_actor' order by 1")
        found = [row[0] for row in cursor.fetchall()]

    assert found == IMPORTED
