"""A few rows brought in at once, in the transaction of whoever sends them: an import that nobody has to wait for.

It is kept as an import like any other, with its rows as a file: so it is shown, undone, searched for somebody who is to be
erased, and screened, in the ways that there are for files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from rapport.accounts.queries import business_zone
from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.core.files import store
from rapport.core.rooms import contributions
from rapport.records.events import ImportFinished
from rapport.records.imports import staging
from rapport.records.imports.actions import MOST_BYTES, begin_import
from rapport.records.imports.importing import Importer, Run, Screen, find_importer
from rapport.records.imports.progress import SOURCE_LOCK, WHOLE, SourceBusy
from rapport.records.imports.rows import Header
from rapport.records.imports.staging_worker import RowParser, stage_block
from rapport.records.models import Import, ImportChunk, ImportProblem, ImportState

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_ROWS = 1_000
_FIRST_LINE = 2
_SETTINGS = (("rapport.bulk", "on"), ("jit", "off"))


@dataclass(frozen=True)
class Arrival:
    """An import of these rows, and why some of them were refused: problems (column, reason) by the number of the row."""

    job: Import
    source_id: int
    refused: Mapping[int, list[tuple[str, str]]]


def import_now(
    importer_name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    source: str,
    file_name: str,
    by: User,
    now: datetime,
) -> Arrival:
    """Bring rows in, each cell in the order of `columns`, written as in a file of ours. Raises SourceBusy."""
    importer = find_importer(importer_name)
    text = _as_file(columns, rows)
    source_id, made = importer.sources.ensure(source)
    with acting(by), connection.cursor() as cursor:
        _take_source(cursor, source_id)
        job = _begin(importer, columns, text, source=source, file_name=file_name, by=by, now=now)
        run = Run(job.pk, source_id, job.answers, frozenset(columns), now)
        _stage(cursor, importer, job, columns, text)
        for screen in contributions("screens", "SCREENS", Screen):
            screen.apply(cursor, importer, run)
        counts = {phase.name: _carry_out(cursor, job, run, phase, by=by, now=now) for phase in importer.phases}
        staging.drop_tables(job.pk)
        problems = _problems_of(job)
        if made:
            importer.sources.forget(source_id)  # unless something came in
        Import.objects.filter(pk=job.pk).update(
            state=ImportState.DONE, finished_at=now, progress=WHOLE, rows_total=len(rows), rows_done=len(rows),
            problem_count=len(problems), counts={"rows": len(rows), "refused": len(problems), "phases": counts},
        )  # fmt: skip
        publish(ImportFinished(job.pk, job.importer))
    return Arrival(job, source_id, problems)


def _take_source(cursor: CursorWrapper, source_id: int) -> None:
    """Imports of one source come one after the other; this one does not wait, and has its turn until it is written."""
    cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [SOURCE_LOCK, source_id])
    if not cursor.fetchone()[0]:
        raise SourceBusy


def _begin(
    importer: Importer, columns: Sequence[str], text: str, *, source: str, file_name: str, by: User, now: datetime
) -> Import:
    job = begin_import(store([text.encode()], at_most=MOST_BYTES), file_name=file_name, by=by, now=now)
    job.importer, job.state, job.started_at = importer.name, ImportState.RUNNING, now
    job.asked_by = by
    job.answers = {
        "encoding": "utf-8", "delimiter": ",", "first_line": _FIRST_LINE, "header": list(columns), "keep": [],
        "mapping": {name: place for place, name in enumerate(columns)}, "dates": "ymd", "decimal": ".",
        "time_zone": business_zone().key, "source": source, "dry_run": False,
    }  # fmt: skip
    job.save(update_fields=["importer", "state", "started_at", "asked_by", "answers"])
    return job


def _stage(cursor: CursorWrapper, importer: Importer, job: Import, columns: Sequence[str], text: str) -> None:
    staging.make_table(importer, job.pk, 1)
    header = Header(tuple(columns), ",", _FIRST_LINE)
    spec = staging.spec_of(importer, import_id=job.pk, answers=job.answers, header=header, buckets=1)
    _head, _line, body = text.partition("\n")
    stage_block(cursor, RowParser(spec), line=_FIRST_LINE, text=body)


def _carry_out(cursor: CursorWrapper, job: Import, run: Run, phase: Any, *, by: User, now: datetime) -> dict[str, int]:
    total: dict[str, int] = {}
    with acting(by, reason=f"import {job.pk}"):
        for name, value in _SETTINGS:
            cursor.execute("select set_config(%s, %s, true)", [name, value])
        for chunk in range(phase.prepare(cursor, run)):
            counts = phase.apply(cursor, run, chunk)
            ImportChunk.objects.create(job=job, stage=phase.name, number=chunk, counts=counts, done_at=now)
            if counts.get("new") or counts.get("changed"):
                audit.record_bulk("import", {"import": job.pk, "chunk": chunk, **counts})
            total = {name: total.get(name, 0) + counts.get(name, 0) for name in {*total, *counts}}
        cursor.execute("select set_config('rapport.bulk', 'off', true)")
    return total


def _problems_of(job: Import) -> dict[int, list[tuple[str, str]]]:
    """By the number of the row, counted from nothing: a row is one line, since its cells hold no line breaks."""
    found: dict[int, list[tuple[str, str]]] = {}
    for line, column, reason in ImportProblem.objects.filter(job=job).values_list("line", "column", "reason"):
        found.setdefault(line - _FIRST_LINE, []).append((column, reason))
    return found


def _as_file(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([" ".join(cell.replace("\0", "").splitlines()) for cell in row] for row in rows)
    return buffer.getvalue()
