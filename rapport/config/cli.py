"""The `rapport` command line: the commands of every room, with the embedded database running underneath."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django

from rapport.config.databases import embedded_cluster, is_embedded, refuse_unfit_server
from rapport.config.processes import SUPERVISED
from rapport.core.command_line import Command, CommandRefused
from rapport.core.environment import SettingInvalid
from rapport.core.postgres import DatabaseUnavailable
from rapport.core.secret_key import SecretKeyUnfit

_MIGRATES_ITSELF = ("migrate", "manage")
_PRIVATE = 0o077


def main(arguments: list[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    os.umask(_PRIVATE)
    try:
        django.setup()
        return _run(sys.argv[1:] if arguments is None else arguments)
    except (CommandRefused, SettingInvalid, SecretKeyUnfit, DatabaseUnavailable) as refusal:
        print(f"rapport: {refusal}", file=sys.stderr)
        return refusal.code if isinstance(refusal, CommandRefused) else 1
    except KeyboardInterrupt:
        print("rapport: stopped", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    commands = {command.name: command for command in _commands()}
    parser = argparse.ArgumentParser(prog="rapport", description="A customer relationship management system.")
    verbs = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in sorted(commands.values(), key=lambda item: item.name):
        command.configure(verbs.add_parser(command.name, help=command.summary, description=command.summary))
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        if "arguments" not in parsed:  # only such a command hands words on to another program
            parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        parsed.arguments = [*unknown, *parsed.arguments]
    chosen = commands[parsed.command]
    if not chosen.needs_database:
        return chosen.run(parsed)
    with _database():
        if chosen.name not in _MIGRATES_ITSELF:
            _bring_tables_up_to_date()
        return chosen.run(parsed)


def _commands() -> list[Command]:
    from rapport.config.commands import COMMANDS  # noqa: PLC0415 - needs Django to be set up
    from rapport.core.rooms import contributions  # noqa: PLC0415

    return [*COMMANDS, *contributions("commands", "COMMANDS", Command)]


@contextmanager
def _database() -> Iterator[None]:
    """The embedded server for the length of a command; a supervised process already has it."""
    if os.environ.get(SUPERVISED):
        yield
    elif is_embedded():
        with embedded_cluster().in_use():
            yield
    else:
        refuse_unfit_server()
        yield


def _bring_tables_up_to_date() -> None:
    """An empty or older embedded database is migrated first; a server of somebody's own only when told to."""
    from rapport.config.migrations import migrate, pending_migrations  # noqa: PLC0415 - needs Django to be set up

    pending = pending_migrations()
    if not pending:
        return
    if not is_embedded():
        raise CommandRefused(f"The database lacks {len(pending)} migrations. Run `rapport migrate` first.")
    print("Bringing the tables up to date ...", file=sys.stderr, flush=True)
    migrate()


if __name__ == "__main__":
    sys.exit(main())
