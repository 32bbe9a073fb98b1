"""`rapport backup` and `rapport restore`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from rapport.config.backup import make_backup, scheduled_folder
from rapport.config.backup_restoring import restore
from rapport.core.clock import utc_now
from rapport.core.command_line import Command


def _configure_backup(parser: ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, metavar="FILE", help="a new file, or a folder; unset: RAPPORT_BACKUP_FOLDER")


def _backup(arguments: Namespace) -> int:
    to = arguments.to.expanduser().absolute() if arguments.to is not None else scheduled_folder()
    made = make_backup(to, now=utc_now(), say=_note)
    sys.stdout.write(f"{made.path} ({made.size / (1 << 20):,.1f} MB)\n")
    _note("It holds the secrets of this installation: whoever has it can read everything and sign as you.")
    return 0


def _configure_restore(parser: ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="FILE", help="a file that `rapport backup` made")
    parser.add_argument(
        "--erasures", type=Path, metavar="LOG", help="a newer erasures.log; one beside the backup is read by itself"
    )


def _restore(arguments: Namespace) -> int:
    restore(arguments.archive.expanduser().absolute(), erasures=arguments.erasures, now=utc_now(), say=_note)
    return 0


def _note(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


BACKUP_COMMANDS = (
    Command("backup", "Write everything that must survive into one archive.", _configure_backup, _backup),
    Command(
        "restore", "Bring a backup back into an empty RAPPORT_HOME.", _configure_restore, _restore, needs_database=False
    ),
)
