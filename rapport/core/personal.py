"""What a room's personal.py declares: which of its tables hold something of a person, and how it is taken out of them.

Rows that hang on a profile are declared in owned.py already. Everything else is one of these; a test reads the columns of
the database and fails for one that can hold a personal value and that nobody has spoken about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from rapport.core import files
from rapport.core.files import StoredFile
from rapport.core.rooms import contributions


@dataclass(frozen=True)
class Person:
    """Somebody with everything that points at her, as far as it is known; collected before anything is taken away."""

    customers: tuple[int, ...]
    public_ids: tuple[str, ...]
    profiles: tuple[int, ...]
    keys: tuple[tuple[int, str], ...] = ()  # (source, the source's own id)
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    lines: frozenset[tuple[int, int]] = frozenset()  # (import, physical line)
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # table → ids

    @property
    def identifying(self) -> frozenset[str]:
        """What nobody else is called: addresses and numbers."""
        return self.emails | self.phones


@dataclass(frozen=True)
class PersonalTable:
    """Rows of a person that do not hang on a profile. `belongs` is a condition on the row `t`.

    It may name %(customers)s and %(profiles)s (ids), %(public_ids)s (of her customers) and %(addresses)s (e-mail and
    telephone, in small letters). Tables are treated in the order in which they are declared, before those of owned.py.
    `emptied` names what columns are set to, as SQL; where it is None the row is deleted.
    """

    table: str
    belongs: str
    personal: tuple[str, ...]
    key: str = "id"
    emptied: Mapping[str, str] | None = None
    exported: bool = True


@dataclass(frozen=True)
class Impersonal:
    """A table, or some of its columns, that say nothing of those we have a relationship with; and why that is so."""

    table: str
    why: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Eraser:
    """A place that takes a person out of itself in its own way (files, journals): `erase` says how much of what it was.

    `holds` names the columns it answers for. `collect` returns what an export shows of them, by file name.
    """

    name: str
    erase: Callable[[Person], dict[str, int]]
    holds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    collect: Callable[[Person], dict[str, list[dict[str, Any]]]] | None = None


@dataclass(frozen=True)
class HoldsFiles:
    """A column that names files of the store by their digest: as long as it does, the file is needed."""

    table: str
    column: str


def personal_tables() -> list[PersonalTable]:
    return list(contributions("personal", "PERSONAL", PersonalTable))


def impersonal_tables() -> list[Impersonal]:
    return list(contributions("personal", "IMPERSONAL", Impersonal))


def erasers() -> list[Eraser]:
    return list(contributions("personal", "ERASERS", Eraser))


def is_needed(digest: str) -> bool:
    """Whether any room still names this file of the store."""
    with connection.cursor() as cursor:
        for place in contributions("personal", "HOLDS_FILES", HoldsFiles):
            cursor.execute(
                sql.SQL("select exists (select from {} where {} = %s)").format(
                    sql.Identifier(place.table), sql.Identifier(place.column)
                ),
                [digest],
            )
            if cursor.fetchone()[0]:
                return True
    return False


def remove_unless_needed(digests: Iterable[str]) -> None:
    """Once the transaction has committed, remove these files from the store where no room names them any more."""

    def remove() -> None:
        for digest in wanted:
            if not is_needed(digest):
                files.remove(StoredFile(digest, 0), now=math.inf)

    wanted = {digest for digest in digests if digest}
    transaction.on_commit(remove)
