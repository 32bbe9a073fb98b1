"""Migrating: as the owner of the tables, then granting the application's role its rights and writing the defaults."""

from __future__ import annotations

import os

import django


def migrate_as_owner() -> None:
    """Run in a process of its own, connected as the owner (RAPPORT_DATABASE_ROLE=owner)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from rapport.config.commands import application_role  # noqa: PLC0415
    from rapport.core.database_roles import grant_application_role  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    grant_application_role(application_role())
    write_defaults()


def write_defaults() -> None:
    """Rows that must exist before anybody comes: every room may bring some in defaults.write_defaults()."""
    from rapport.core.acting import SYSTEM, acting  # noqa: PLC0415
    from rapport.core.rooms import contributed  # noqa: PLC0415

    for module in reversed(contributed("defaults")):
        with acting(SYSTEM, reason="defaults"):
            module.write_defaults()
