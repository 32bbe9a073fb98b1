"""Migrating: as the owner of the tables, then granting the application's role its rights and writing the defaults."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from rapport.config.databases import application_role
from rapport.core import environment
from rapport.core.acting import SYSTEM, acting
from rapport.core.command_line import CommandRefused
from rapport.core.database_roles import grant_application_role
from rapport.core.rooms import contributed

_ONE_AT_A_TIME = 8_211_407  # the advisory lock of whoever migrates


class MigrationFailed(CommandRefused):
    """The tables could not be brought up to date; what the database said stands above on stderr."""


def migrate() -> None:
    """Bring the tables up to date in a process of its own that connects as their owner."""
    migrated = subprocess.run(
        [sys.executable, "-m", "rapport.config.migrations"],
        check=False,
        env=os.environ | {environment.DATABASE_ROLE.name: "owner"},
    )
    if migrated.returncode:
        raise MigrationFailed("The tables of the database could not be brought up to date; the reason is above.")


def pending_migrations() -> set[tuple[str, str]]:
    """Migrations on disk that the database does not record: two cheap looks, for the start of every command."""
    recorded: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('django_migrations') is not null")
        if cursor.fetchone()[0]:
            cursor.execute("select app, name from django_migrations")
            recorded = set(cursor.fetchall())
    return migrations_on_disk() - recorded


def write_defaults() -> None:
    """Rows that must exist before anybody comes: every room may bring some in defaults.write_defaults()."""
    for module in reversed(contributed("defaults")):
        with acting(SYSTEM, reason="defaults"):
            module.write_defaults()


def migrations_on_disk() -> set[tuple[str, str]]:
    return {
        (config.label, file.stem)
        for config in apps.get_app_configs()
        for file in (Path(config.path) / "migrations").glob("[0-9]*.py")
    }


def _migrate_as_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = 0")
        cursor.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        cursor.execute("set lock_timeout = 2000")
    call_command("migrate", verbosity=0)
    grant_application_role(application_role())
    write_defaults()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    _migrate_as_owner()
