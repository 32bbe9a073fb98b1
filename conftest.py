"""Fixtures of all tests: the database, migrated by its owner and then used as the application's role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from rapport.config.migrations import write_defaults
from rapport.core.database_roles import grant_application_role
from rapport.core.postgres import APP_ROLE
from tests.world import *  # noqa: F403


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Making and dropping the test database is the owner's; everything between runs as the application."""
    owner = connection.settings_dict["USER"]
    with django_db_blocker.unblock():
        grant_application_role(APP_ROLE)
        with connection.cursor() as cursor:
            cursor.execute("select exists (select 1 from pg_roles where rolname = %s)", [APP_ROLE])
            has_two_roles = cursor.fetchone()[0]
            if has_two_roles:  # tests that commit are cleaned up by truncating
                cursor.execute(f"grant truncate on all tables in schema public to {APP_ROLE}")
        write_defaults()
        connection.close()
        if has_two_roles:
            connection.settings_dict["USER"] = APP_ROLE
        yield
        connection.close()
        connection.settings_dict["USER"] = owner


@pytest.fixture
def transactional_db(transactional_db: None) -> None:
    """Tests that commit find the defaults again that the test before them truncated."""
    write_defaults()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty RAPPORT_HOME for the files and the warehouse of one test."""
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path))
    return tmp_path
