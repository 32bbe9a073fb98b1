"""Fixtures of the audit's tests."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from rapport.config.databases import parse_database_url


@pytest.fixture(autouse=True)
def _owner_in_the_background(django_db_setup, django_db_blocker):
    """Connect as the owner and put the application's role on, so that `tampering` can take it off for a statement."""
    settings = connection.settings_dict
    application = {name: settings[name] for name in ("USER", "PASSWORD")}
    owner = parse_database_url(os.environ["DATABASE_OWNER_URL"])
    with django_db_blocker.unblock():
        connection.close()
        settings.update({name: owner[name] for name in application})
        with connection.cursor() as cursor:
            cursor.execute(f"set role {application['USER']}")
        yield
        connection.close()
        settings.update(application)


@pytest.fixture
def tampering(db):
    """What somebody with the owner's password could do: statements with the guards of the trail switched off."""

    def execute(statement, *parameters):
        with connection.cursor() as cursor:
            cursor.execute("select current_user")
            (role,) = cursor.fetchone()
            cursor.execute("reset role; set constraints all immediate")
            cursor.execute("alter table audit_event disable trigger all; alter table audit_value disable trigger all")
            cursor.execute(statement, parameters)
            cursor.execute(
                f"alter table audit_event enable trigger all; alter table audit_value enable trigger all; set role {role}"
            )

    return execute
