"""The contract of an importer: what a room declares so that files of its objects can be brought in, checked and undone.

A room lists its importers in importers.IMPORTERS. Rows are parsed in worker processes that know nothing of Django and
are staged in a table `staging.import_<id>`; everything after that is set-based SQL, one transaction per chunk.
docs/importing.md tells how to write one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.functional import Promise
from psycopg import sql

from rapport.core.rooms import contributions
from rapport.records.custom_fields.declaring import LONGEST_LINK, LONGEST_TEXT, NAME_PREFIX
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.registry import FieldKind

Counts = dict[str, int]


class ColumnKind(Enum):
    """How a cell is read; the value is the type of the staged column."""

    TEXT = "text"
    CODE = "code"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    INSTANT = "instant"
    MONEY = "money"
    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    # kinds of fields of the business's own alone
    AMOUNT = "amount"  # of money, in the business's own currency
    PICK = "pick"  # one of the choices, each written value=label
    PICKS = "picks"  # several of them, with commas between
    BOOLEAN = "boolean"
    LINK = "link"


SQL_TYPES = {
    ColumnKind.DATE: "date",
    ColumnKind.INSTANT: "timestamptz",
    ColumnKind.MONEY: "bigint",
    ColumnKind.NUMBER: "numeric",
    ColumnKind.INTEGER: "bigint",
}


@dataclass(frozen=True)
class ImportColumn:
    """Something a file may say about the object. `aliases` are headers it is recognised by, besides its name and label.

    One that is not `staged` has no column in the staging table: the importer's `finish` puts it elsewhere. One that is `asked_for`
    may only be missing where it cannot be under another name: it is asked for while the file has columns that nothing takes.
    """

    name: str
    label: str | Promise
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    at_most: int = 1000
    staged: bool = True
    asked_for: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES.get(self.kind, "text")


@dataclass(frozen=True)
class Option:
    """Something about the whole file that may be chosen and has a default; the answer is in run.answers[name]."""

    name: str
    label: str | Promise
    default: str
    choices: tuple[tuple[str, str | Promise], ...]


@dataclass(frozen=True)
class Run:
    """One import under way, as its phases see it."""

    import_id: int
    source_id: int
    answers: Mapping[str, Any]
    columns: frozenset[str]
    seen_at: datetime

    def table(self, suffix: str = "") -> sql.Identifier:
        """The staging table, or one that a phase derives from it. All of them are dropped when the import ends."""
        return sql.Identifier("staging", f"import_{self.import_id}{'_' + suffix if suffix else ''}")


@dataclass(frozen=True)
class Phase:
    """A part of the work that is done chunk by chunk, after all chunks of the phase before it.

    `prepare` runs at every start (and every resumption), may make tables `run.table("…")`, and returns the number of
    chunks; `apply` does one chunk inside its own transaction and returns what it counted. A chunk must hold whole
    groups: chunks of one phase run at the same time and must not meet in a row. `share` is how much of the work it is,
    beside the other phases. One that treats only what some `columns` say has nothing to do with a file without them.
    """

    name: str
    label: str | Promise
    prepare: Callable[[CursorWrapper, Run], int]
    apply: Callable[[CursorWrapper, Run, int], Counts]
    share: int = 1
    columns: frozenset[str] = frozenset()

    def share_of(self, run: Run) -> int:
        """Its share of the work with the file of this run."""
        return self.share if not self.columns or self.columns & run.columns else 0


@dataclass(frozen=True)
class Sources:
    """The sources that files can come from, as the room that keeps them knows them.

    `find` returns the id of a source that is there, `ensure` also of one that is not, and whether it was made just now;
    `forget` removes one that nothing uses. `reserved` names may not be given to a file.
    """

    known: Callable[[], list[tuple[str, str]]]
    find: Callable[[str], int | None]
    ensure: Callable[[str], tuple[int, bool]]
    forget: Callable[[int], None]
    reserved: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Importer:
    """How files of one kind are recognised, checked, applied and undone.

    `key` names the columns whose values say what belongs together; such rows come into one bucket of the staging table.
    `finish` is the dotted path of a function of a module without Django: finish(answers) returns a function that gets
    each row as a dict of parsed values, completes it, and may refuse it; the columns it adds are in `staged`.
    With `takes_own_fields`, fields that the business has added to the object are columns too; their values come
    together, as JSON, in a column `custom` that `staged` names. `known_hashes` returns a query for the `raw_hash` of
    every row of the run's source that needs nothing when a file says it again, or None; of such a row only the key and
    the hash are staged, and `apply` raises KnownRowsChanged where one turns out not to be known. `preview` counts what
    would happen with the rows that are staged. `conflicts` says in words why the import cannot be undone (it then stays
    as it is); `undo` takes back one batch in its own transaction and returns the number of rows it treated, 0 when
    nothing is left. An importer that `is_guessed` is told by the columns of a file; one that `is_guessed_last` only where
    it knows more of them than any of the others. Of each tuple in `one_of` the file must have a column, whatever its rows say.
    """

    name: str
    label: str | Promise
    object: str
    columns: tuple[ImportColumn, ...]
    key: tuple[str, ...]
    phases: tuple[Phase, ...]
    sources: Sources
    preview: Callable[[CursorWrapper, Run], Counts]
    conflicts: Callable[[CursorWrapper, int], list[str]]
    undo: Callable[[CursorWrapper, int], int]
    needs_currency: bool = False
    takes_own_fields: bool = False
    options: tuple[Option, ...] = ()
    known_hashes: Callable[[Run], sql.Composable | None] = lambda run: None
    finish: str = ""
    staged: tuple[tuple[str, str], ...] = ()
    order: int = 50
    is_guessed: bool = True
    is_guessed_last: bool = False
    told_apart_by: str | Promise = ""
    one_of: tuple[tuple[str, ...], ...] = ()

    def column(self, name: str) -> ImportColumn:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Screen:
    """Looks through the staged rows before any is applied, and takes out those that must not come in.

    A room lists its own in screens.SCREENS. It may run more than once for one import, and says what it took each time.
    """

    name: str
    apply: Callable[[CursorWrapper, Importer, Run], int]


class KnownRowsChanged(Exception):
    """Rows that were known when the file was read are not known now, so the file has to be read again in full."""


class UnknownImporter(ValueError):
    """No room has an importer of this name."""


@cache
def importers() -> dict[str, Importer]:
    found: Iterator[Importer] = contributions("importers", "IMPORTERS", Importer)
    return {importer.name: importer for importer in sorted(found, key=lambda item: (item.order, item.name))}


_OWN_KINDS = {
    FieldKind.TEXT: ColumnKind.TEXT,
    FieldKind.NUMBER: ColumnKind.NUMBER,
    FieldKind.MONEY: ColumnKind.AMOUNT,
    FieldKind.DATE: ColumnKind.DATE,
    FieldKind.CHOICE: ColumnKind.PICK,
    FieldKind.CHOICES: ColumnKind.PICKS,
    FieldKind.BOOLEAN: ColumnKind.BOOLEAN,
    FieldKind.LINK: ColumnKind.LINK,
}


def with_own_columns(importer: Importer) -> Importer:
    """The importer with a column for each field that the business has added to its object by now."""
    if not importer.takes_own_fields:
        return importer
    own = tuple(
        ImportColumn(
            each.name,
            each.label,
            _OWN_KINDS[each.kind],
            choices=tuple(f"{choice.value}={choice.label}" for choice in each.choices),
            aliases=(f"{each.label} ({each.currency})",) if each.kind is FieldKind.MONEY else (),
            at_most=LONGEST_LINK if each.kind is FieldKind.LINK else LONGEST_TEXT,
            staged=False,
        )
        for each in custom_fields_of(importer.object)
    )
    return replace(importer, columns=(*importer.columns, *own))


def own_names(run: Run) -> list[str]:
    """The fields of the business's own that the file speaks about; their values are in the staged column `custom`."""
    return sorted(name for name in run.columns if name.startswith(NAME_PREFIX))


def find_importer(name: str) -> Importer:
    try:
        return with_own_columns(importers()[name])
    except KeyError as error:
        raise UnknownImporter(f"There is no preset “{name}”. There are: {', '.join(importers())}.") from error
