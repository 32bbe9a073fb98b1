"""What a room's commands.py contributes to the `rapport` command line."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


class CommandRefused(Exception):
    """The command cannot be carried out as asked; `code` is the exit status (2: the words of the call were off)."""

    def __init__(self, message: str, *, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Command:
    """One verb of the command line. `run` returns the exit status; rooms list theirs in commands.COMMANDS.

    A command with `needs_database` finds the database running and its tables up to date.
    """

    name: str
    summary: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    needs_database: bool = True
