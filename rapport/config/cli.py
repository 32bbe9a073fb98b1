"""The `rapport` command line: the commands of every room, with the embedded database running underneath."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import AbstractContextManager, nullcontext

import django

from rapport.config.databases import embedded_cluster, is_embedded
from rapport.core.command_line import Command, CommandRefused
from rapport.core.environment import SettingInvalid
from rapport.core.postgres import DatabaseUnavailable

SUPERVISED = "RAPPORT_SUPERVISED"


def main(arguments: list[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    try:
        django.setup()
        return _run(sys.argv[1:] if arguments is None else arguments)
    except (CommandRefused, SettingInvalid, DatabaseUnavailable) as refusal:
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
    parsed = parser.parse_args(arguments)
    with _database():
        return commands[parsed.command].run(parsed)


def _commands() -> list[Command]:
    from rapport.config.commands import COMMANDS  # noqa: PLC0415 - needs Django to be set up
    from rapport.core.rooms import contributions  # noqa: PLC0415

    return [*COMMANDS, *contributions("commands", "COMMANDS", Command)]


def _database() -> AbstractContextManager[None]:
    if not is_embedded() or os.environ.get(SUPERVISED):
        return nullcontext()
    return embedded_cluster().in_use()
