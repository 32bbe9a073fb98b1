"""Who signs for a change, when one act happens within another."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rapport.core.acting import SYSTEM, SystemActor, acting, is_acting, set_reason

OTHER = SystemActor("other")


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
