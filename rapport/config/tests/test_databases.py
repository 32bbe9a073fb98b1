"""A server of somebody's own: let in, new enough, and told in words when not."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connections

from rapport.config import databases
from rapport.config.databases import application_role, bound_statements, is_embedded, refuse_unfit_server
from rapport.config.migrations import pending_migrations
from rapport.core.outages import TOO_SLOW, outage_behind
from rapport.core.postgres import DatabaseUnavailable


def test_the_server_of_the_tests_is_fit() -> None:
    refuse_unfit_server()


def test_a_server_that_is_too_old_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "OLDEST_SERVER", 99)

    with pytest.raises(
        DatabaseUnavailable, match=r"DATABASE_URL is PostgreSQL .*; Rapport needs PostgreSQL 99 or newer"
    ):
        refuse_unfit_server()


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm@127.0.0.1:1/crm")

    with pytest.raises(DatabaseUnavailable, match="The server of DATABASE_URL does not let us in"):
        refuse_unfit_server()


def test_a_statement_of_a_page_is_given_up_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "SLOWEST_STATEMENT_SECONDS", "0.05")
    settings = connections.settings["default"]
    monkeypatch.setitem(settings, "OPTIONS", dict(settings["OPTIONS"]))

    bound_statements()
    connection = connections.create_connection("default")

    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone() == ("2s",)
        with pytest.raises(OperationalError) as given_up:
            cursor.execute("select pg_sleep(20)")
    assert outage_behind(given_up.value) is TOO_SLOW
    connection.close()


def test_the_role_of_the_application_is_that_of_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm%40app:secret@db.example.com/crm")

    assert application_role() == "crm@app"
    monkeypatch.delenv("DATABASE_URL")

    assert application_role() == "rapport_app"
    assert is_embedded()


@pytest.mark.django_db
def test_after_migrating_nothing_is_pending() -> None:
    assert pending_migrations() == set()
