"""The commands of the whole product: run, worker, test, migrate, manage, backup, restore."""

from __future__ import annotations

from argparse import REMAINDER, ArgumentParser, Namespace

from django.core.management import execute_from_command_line

from rapport.config import suite, supervisor, worker
from rapport.config.backup_commands import BACKUP_COMMANDS
from rapport.config.migrations import migrate
from rapport.core.command_line import Command


def _no_arguments(parser: ArgumentParser) -> None:
    return None


def _configure_run(parser: ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="make the demo company first where nothing is set up yet")


def _run(arguments: Namespace) -> int:
    return supervisor.run(demo=arguments.demo, say=_say)


def _configure_worker(parser: ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=3, help="jobs at the same time (default: %(default)s)")


def _work(arguments: Namespace) -> int:
    return worker.work(concurrency=arguments.concurrency)


def _configure_test(parser: ArgumentParser) -> None:
    parser.add_argument("--faults", action="store_true", help="the long forms of the fault tests, and only those")
    parser.add_argument("arguments", nargs=REMAINDER, help="anything else goes to pytest")


def _test(arguments: Namespace) -> int:
    return suite.run(faults=arguments.faults, arguments=arguments.arguments)


def _migrate(arguments: Namespace) -> int:
    migrate()
    return 0


def _configure_manage(parser: ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=REMAINDER)


def _manage(arguments: Namespace) -> int:
    execute_from_command_line(["rapport manage", *arguments.arguments])
    return 0


def _say(sentence: str) -> None:
    print(sentence, flush=True)


COMMANDS = (
    Command("run", "Serve Rapport: database, web server and worker.", _configure_run, _run, needs_database=False),
    Command("worker", "Run the jobs of the queue (part of `run`).", _configure_worker, _work),
    Command("test", "Run the tests of this checkout.", _configure_test, _test, needs_database=False),
    Command("migrate", "Bring the database's tables up to date.", _no_arguments, _migrate),
    Command("manage", "Django's own management commands, for developers.", _configure_manage, _manage),
    *BACKUP_COMMANDS,
)
