"""One importer: greetings by code."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.imports.people import SOURCES
from rapport.records.imports.importing import Counts, ImportColumn, Importer, Phase, Run


def _one_chunk(cursor: CursorWrapper, run: Run) -> int:
    return 1


def _apply(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    cursor.execute(
        sql.SQL("""
            insert into sample_room_greeting (code, words, import_id) select key, words, {} from {}
            on conflict (code) do nothing
        """).format(sql.Literal(run.import_id), run.table())
    )
    return {"new": cursor.rowcount}


def _preview(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(sql.SQL("select count(*) from {}").format(run.table()))
    return {"greetings": int(cursor.fetchone()[0])}


def _no_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    return []


def _undo(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute("delete from sample_room_greeting where import_id = %s", [import_id])
    return int(cursor.rowcount)


IMPORTERS = (
    Importer(
        name="greetings",
        label="Greetings",
        object="greeting",
        columns=(
            ImportColumn("greeting_code", "Greeting code", required=True),
            ImportColumn("words", "Words", required=True),
        ),
        key=("greeting_code",),
        phases=(Phase("greetings", "Greetings", _one_chunk, _apply),),
        sources=SOURCES,
        preview=_preview,
        conflicts=_no_conflicts,
        undo=_undo,
        order=99,
    ),
)
