"""The commands of the whole product: migrate, manage."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from urllib.parse import urlsplit

from django.core.management import execute_from_command_line

from rapport.core import environment
from rapport.core.command_line import Command
from rapport.core.postgres import APP_ROLE

MIGRATE_AS_OWNER = "from rapport.config.migrations import migrate_as_owner; migrate_as_owner()"


def application_role() -> str:
    url = environment.DATABASE_URL.read()
    return (urlsplit(url).username or "") if url else APP_ROLE


def migrate() -> None:
    """Bring the tables up to date in a process of its own that connects as their owner."""
    subprocess.run(
        [sys.executable, "-c", MIGRATE_AS_OWNER], check=True, env=os.environ | {environment.DATABASE_ROLE.name: "owner"}
    )


def _no_arguments(parser: ArgumentParser) -> None:
    return None


def _migrate(arguments: Namespace) -> int:
    migrate()
    return 0


def _configure_manage(parser: ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=REMAINDER)


def _manage(arguments: Namespace) -> int:
    execute_from_command_line(["rapport manage", *arguments.arguments])
    return 0


COMMANDS = (
    Command("migrate", "Bring the database's tables up to date.", _no_arguments, _migrate),
    Command("manage", "Django's own management commands, for developers.", _configure_manage, _manage),
)
