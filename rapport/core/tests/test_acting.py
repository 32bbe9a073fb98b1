"""Who signs for a change, when one act happens within another."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rapport.core.acting import SYSTEM, SystemActor, acting, is_acting, set_reason
from rapport.core.planned import planned

OTHER = SystemActor("other")
_REFUSED = (DatabaseError, psycopg.Error)


@pytest.fixture(autouse=True)
def database(db: None) -> None:
    """Every test here asks the database who signs."""


def signed() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(current_setting('rapport.actor_id', true), ''), coalesce(current_setting('rapport.reason', true), '')"
        )
        return cursor.fetchone()


def test_after_an_inner_act_the_outer_one_signs_again_and_after_both_nobody() -> None:
    with acting(SYSTEM, reason="outer"):
        with acting(OTHER, reason="inner"):
            assert signed() == ("system:other", "inner")
            set_reason("said within")
        assert signed() == ("system:system", "outer")

    assert signed() == ("", "")
    assert not is_acting()


def test_an_inner_act_with_the_same_signature_signs_no_second_time() -> None:
    once = {"by": SYSTEM, "reason": "once"}
    with acting(**once), CaptureQueriesContext(connection) as asked, acting(**once, savepoint=False):
        set_reason("once")

    assert [each["sql"] for each in asked] == []


def test_an_inner_act_that_fails_leaves_the_outer_one_signed() -> None:
    with acting(SYSTEM, reason="outer"):
        with pytest.raises(LookupError), acting(OTHER, reason="inner"):
            raise LookupError
        with acting(SYSTEM, reason="outer"):
            assert signed() == ("system:system", "outer")
        assert signed() == ("system:system", "outer")


def test_a_reason_that_was_taken_back_with_its_savepoint_is_not_taken_for_the_one_in_force() -> None:
    with acting(SYSTEM, reason="outer"):
        with transaction.atomic():
            set_reason("taken back")
            transaction.set_rollback(True)
        assert signed() == ("system:system", "outer")
        with acting(SYSTEM, reason="taken back"):
            assert signed() == ("system:system", "taken back")


def test_that_nobody_acts_any_more_is_said_only_where_another_statement_follows() -> None:
    with CaptureQueriesContext(connection) as asked, acting(SYSTEM, savepoint=False):
        pass
    assert len(asked) == 1  # who acts

    with CaptureQueriesContext(connection) as asked, acting(OTHER, savepoint=False):
        pass
    assert len(asked) == 1  # who acts now

    with CaptureQueriesContext(connection) as asked:
        assert signed() == ("", "")
        assert signed() == ("", "")
    assert len(asked) == 3


@pytest.mark.parametrize("way", ["opened before", "opened after", "planned", "copied"])
def test_whatever_is_written_after_an_act_is_refused(way: str) -> None:
    with pytest.raises(_REFUSED, match="nobody is acting"):
        _act_and_write(way)


def _act_and_write(way: str) -> None:
    write = "insert into accounts_team (public_id, name) values (gen_random_uuid(), 'North')"
    with connection.cursor() as opened, transaction.atomic():
        with acting(SYSTEM, savepoint=False):
            opened.execute("select 1")
        if way == "opened before":
            opened.execute(write)
        elif way == "planned":
            planned(write)
        elif way == "opened after":
            with connection.cursor() as later:
                later.execute(write)
        else:
            with connection.cursor() as later, later.copy("copy accounts_team (public_id, name) from stdin") as rows:
                rows.write_row([uuid4(), "North"])


@pytest.mark.django_db(transaction=True)
def test_what_is_left_unsaid_at_the_end_of_a_transaction_is_not_said_in_the_next_one() -> None:
    for fails in (False, True):
        with transaction.atomic():
            with acting(SYSTEM, savepoint=False):
                pass
            transaction.set_rollback(fails)
        with CaptureQueriesContext(connection) as asked:
            assert signed() == ("", "")
        assert len(asked) == 1
