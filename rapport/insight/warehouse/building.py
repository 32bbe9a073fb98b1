"""The tables of one snapshot: each carried on from the snapshot before where it notes its changes, or else copied whole."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from adbc_driver_postgresql import dbapi

from rapport.core import environment
from rapport.core.extracts import Extract, all_extracts
from rapport.insight.warehouse import parts
from rapport.insight.warehouse.changes import Changed, Moment, changed_keys, changed_statement, look
from rapport.insight.warehouse.copying import (
    Listener,
    Progress,
    copy_all,
    copy_none,
    copy_some,
    database_uri,
    statement_of,
)

FORMAT = 1  # of the files: what was written in another one is copied anew
ALWAYS_BESIDE, ONE_IN = 1_000, 20
_FETCHED = "fetched.new"

Told = dict[str, Any]


@dataclass(frozen=True)
class Earlier:
    """The snapshot that a new one carries on, where its files are, and what it said of its tables."""

    folder: Path
    tables: dict[str, Told]


@dataclass(frozen=True)
class Builder:
    """One transaction of the database, out of which tables are written. `engine` works on the files."""

    cursor: Any
    engine: duckdb.DuckDBPyConnection
    moment: Moment
    zone: ZoneInfo
    listener: Listener

    def write(self, folder: Path, *, earlier: Earlier | None, settled: bool = False) -> dict[str, Told]:
        """Every extract into a folder of its own. Says of each how it was made. `settled`: no row stays in a file that
        does not count any more."""
        told = {}
        for extract in sorted(all_extracts(), key=lambda item: item.name):
            target = folder / extract.name
            target.mkdir()
            told[extract.name] = self._make(extract, target, earlier, settled)
            parts.sync(target)
        return told

    def _make(self, extract: Extract, target: Path, earlier: Earlier | None, settled: bool) -> Told:
        began, statement = time.monotonic(), statement_of(extract, self.zone)
        digest = _digest(extract, statement)
        why, changed = self._since(extract, digest, earlier)
        if earlier is None or changed is None:
            how = "copied"
            copy_all(self.cursor, extract, target, statement=statement, listener=self.listener)
        else:
            how = self._carry_on(extract, statement, changed, earlier.folder / extract.name, target)
            found = parts.parts_of(target)
            if (settled and found.hidden is not None) or parts.beside(found) > _most(found):
                parts.settle(self.engine, target)
                how = "settled"
        rows = parts.count_rows(self.engine, parts.parts_of(target))
        seconds = time.monotonic() - began
        self.listener(Progress(extract.name, rows, seconds, finished=True))
        return {
            "how": how, "why": why, "rows": rows, "changed": changed.count if changed is not None else None,
            "seconds": round(seconds, 3), "digest": digest, "reads": list(extract.reads),
            "stored": {table: self.moment.stored.get(table, []) for table in extract.reads},
            **_sizes(target),
        }  # fmt: skip

    def _since(self, extract: Extract, digest: str, earlier: Earlier | None) -> tuple[str, Changed | None]:
        """Which keys changed since the earlier snapshot; or nothing, and why all rows have to be copied."""
        told = earlier.tables.get(extract.name) if earlier is not None else None
        if not extract.key or not extract.reads or not self.moment.tracked.issuperset(extract.reads):
            return "unnoted", None
        if earlier is None or told is None:
            return "first", None
        if told["digest"] != digest:
            return "defined anew", None
        if any(not (earlier.folder / extract.name / name).is_file() for name in told["files"]):
            return "files lost", None
        if any(not set(told["stored"][table]) <= set(self.moment.stored.get(table, ())) for table in extract.reads):
            return "moved", None
        changed = changed_keys(self.cursor, extract, self.moment)
        is_much = changed.count > max(ALWAYS_BESIDE, told["rows"] // ONE_IN)
        return ("much changed", None) if is_much else ("", changed)

    def _carry_on(self, extract: Extract, statement: str, changed: Changed, earlier: Path, target: Path) -> str:
        if not changed.count:
            parts.link_files(earlier, target)
            return "unchanged"
        fetched = target / _FETCHED
        if changed.written.count:
            some = changed_statement(extract, statement, changed, self.moment)
            copy_some(self.cursor, extract, fetched, statement=some)
        else:
            copy_none(extract, fetched)
        parts.carry_on(
            self.engine, earlier=earlier, folder=target, key=extract.key, gone=changed.gone.keys(), fetched=fetched
        )
        fetched.unlink()
        return "carried on"


@contextmanager
def building(*, zone: ZoneInfo, listener: Listener) -> Iterator[Builder]:
    spill = environment.home() / "tmp" / "engine"
    spill.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "1GB", "temp_directory": str(spill)})
    with closing(engine), closing(dbapi.connect(database_uri())) as source, closing(source.cursor()) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield Builder(cursor, engine, look(cursor), zone, listener)


def _digest(extract: Extract, statement: str) -> str:
    defined = [FORMAT, statement, extract.key, [(name, kind.value) for name, kind in extract.columns]]
    return hashlib.sha256(json.dumps(defined).encode()).hexdigest()[:16]


def _most(found: parts.Parts) -> int:
    return max(ALWAYS_BESIDE, sum(parts.rows_of(file) for file in found.base) // ONE_IN)


def _sizes(target: Path) -> Told:
    """The files of a table, how large they are, and how much of that is new: other files have a second name already."""
    states = {file.name: file.stat() for file in parts.parts_of(target).files}
    return {
        "files": sorted(states),
        "bytes": sum(state.st_size for state in states.values()),
        "new_bytes": sum(state.st_size for state in states.values() if state.st_nlink == 1),
    }
