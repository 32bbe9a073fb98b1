"""Everything that is held about a person in one ZIP: JSON for programs, CSV for spreadsheets, a page to read, and files."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.audit.queries import TrailEntry, entries_about
from rapport.core import files
from rapport.core.files import StoredFile
from rapport.core.personal import Person, erasers
from rapport.privacy.rows import files_of, rows_as_json, with_rows
from rapport.records.imports.problems import harmless

MOST_BYTES = 8 << 30
FORMAT = "rapport-person-export-1"
_LONGEST_CELL = 200
_ROWS_SHOWN = 200
Tables = dict[str, list[dict[str, Any]]]


def write_export(person: Person, *, title: str, now: datetime) -> tuple[StoredFile, int]:
    """Build the ZIP, all of it from one moment, and keep it in the store. Returns it and the number of rows in it."""
    person = with_rows(person)
    tables = {table: rows for table, rows in rows_as_json(person) if rows}
    for eraser in erasers():
        if eraser.collect is not None:
            tables |= {name: rows for name, rows in eraser.collect(person).items() if rows}
    trail = [_trail_row(entry) for entry in entries_about(rows=person.rows, ids=person.public_ids)]
    if trail:
        tables["audit_trail"] = trail
    with tempfile.TemporaryFile() as built:
        _write_zip(built, person, tables, title=title, now=now)
        built.seek(0)
        stored = files.store(iter(lambda: built.read(1 << 20), b""), at_most=MOST_BYTES)
    return stored, sum(len(rows) for rows in tables.values())


def _write_zip(built: Any, person: Person, tables: Tables, *, title: str, now: datetime) -> None:
    with zipfile.ZipFile(built, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = {"format": FORMAT, "made_at": now.isoformat(), "customers": list(person.public_ids), "tables": tables}
        archive.writestr("data.json", json.dumps(whole, ensure_ascii=False, indent=1, default=str))
        for table, rows in tables.items():
            archive.writestr(f"tables/{table}.csv", "\ufeff" + "".join(_csv(rows)))
        archive.writestr("summary.html", "".join(_summary(title, tables, now)))
        for number, (digest, name) in enumerate(files_of(person), start=1):
            path = StoredFile(digest, 0).path
            if path.is_file():
                archive.write(path, f"files/{number}-{_plain(name)}")


def _csv(rows: list[dict[str, Any]]) -> Iterator[str]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for cells in [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow([harmless(cell) for cell in cells])
        yield buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _summary(title: str, tables: Tables, now: datetime) -> Iterator[str]:
    heading = escape(_("What we hold about %(name)s") % {"name": title})
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{heading}</title><h1>{heading}</h1>"
    made = escape(_("Made on %(date)s. Everything is in data.json; tables/ has the same for spreadsheets.")
                  % {"date": f"{now:%Y-%m-%d %H:%M} UTC"})  # fmt: skip
    yield f"<p>{made}</p>"
    for table, rows in tables.items():
        yield f"<h2>{escape(table.replace('_', ' '))} ({len(rows)})</h2><table border=1>"
        columns = list(dict.fromkeys(column for row in rows for column in row))
        yield "<tr>" + "".join(f"<th>{escape(column)}</th>" for column in columns) + "</tr>"
        for row in rows[:_ROWS_SHOWN]:
            cells = (escape(_cell(row.get(column))[:_LONGEST_CELL]) for column in columns)
            yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        yield "</table>"
        if len(rows) > _ROWS_SHOWN:
            more = _("%(count)s more are in data.json.") % {"count": len(rows) - _ROWS_SHOWN}
            yield f"<p>{escape(more)}</p>"


def _trail_row(entry: TrailEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(), "who": entry.actor, "what": entry.what, "row": entry.row_id, "reason": entry.reason,
        "values": dict(entry.values),
    }  # fmt: skip


def _plain(name: str) -> str:
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(name).name)
    return safe[-100:] or "file"


@contextmanager
def as_of_one_moment() -> Iterator[None]:
    """What is read inside belongs together; inside a transaction that has begun already, as far as that one sees."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read")
        yield
