"""A server of somebody's own: let in, new enough, and told in words when not."""

from __future__ import annotations

import pytest

from rapport.config import databases
from rapport.config.databases import application_role, is_embedded, refuse_unfit_server
from rapport.config.migrations import pending_migrations
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


def test_the_role_of_the_application_is_that_of_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://crm%40app:secret@db.example.com/crm")

    assert application_role() == "crm@app"
    monkeypatch.delenv("DATABASE_URL")

    assert application_role() == "rapport_app"
    assert is_embedded()


@pytest.mark.django_db
def test_after_migrating_nothing_is_pending() -> None:
    assert pending_migrations() == set()
