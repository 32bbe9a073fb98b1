"""Running an import: stage the file, then each phase chunk by chunk; resumable at any point, stoppable between chunks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import Error, IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from rapport.audit import actions as audit
from rapport.core import clock
from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.core.files import StoredFile
from rapport.core.processors import processors
from rapport.core.rooms import contributions
from rapport.records.events import ImportFinished
from rapport.records.imports import progress, staging
from rapport.records.imports.decoding import FileRefused, open_bytes
from rapport.records.imports.importing import Counts, Importer, KnownRowsChanged, Phase, Run, Screen, find_importer
from rapport.records.imports.progress import READING_SHARE, WHOLE, Cancelled, GivenUp, Report, SourceBusy
from rapport.records.imports.rows import Header
from rapport.records.imports.unchanged import known_hashes
from rapport.records.imports.values import storable
from rapport.records.imports.xlsx import forget_tables, table_of
from rapport.records.models import Import, ImportChunk, ImportProblem, ImportState
from rapport.records.statistics import refresh_statistics

SESSIONS = max(2, min(4, processors()))
_TRIES = 4
_RETRIED = ("40001", "40P01", "23505", "55P03")
_WAIT_SECONDS = 1.0
_SETTINGS = (
    ("rapport.bulk", "on"), ("synchronous_commit", "off"), ("lock_timeout", "60s"), ("jit", "off"), ("work_mem", "16MB"),
    ("gin_pending_list_limit", "1024"),  # small enough to stay near: larger ones were slower
)  # fmt: skip


@dataclass(frozen=True)
class _Work:
    """What all chunks of one import share."""

    job: Import
    importer: Importer
    run: Run
    by: Actor
    report: Report


def run_import(job: Import, *, by: Actor, report: Report) -> Import:
    """Do what is still to do, and return the import as it then is. Raises FileRefused, AlreadyAtWork or Cancelled.

    While another import of the source is at work, `report` is told "waiting" again and again, and may raise SourceBusy.
    """
    with progress.at_work(job.pk):
        job.refresh_from_db()
        started = job.started_at
        if job.state not in (ImportState.WAITING, ImportState.RUNNING, ImportState.CANCELLING, ImportState.FAILED):
            return job
        try:
            _begin(job)
            _carry_out(job, by=by, report=report)
        except Cancelled:
            _finish(job, ImportState.CANCELLED)
            raise
        except SourceBusy:
            running = Import.objects.filter(pk=job.pk, state=ImportState.RUNNING)
            running.update(state=ImportState.WAITING, started_at=started)
            raise
        except FileRefused as refusal:
            _finish(job, ImportState.FAILED, failure=str(refusal))
            raise
        except Exception as error:  # whatever it is: an import that nobody expects to fail must not run for ever
            _note_failure(job, error)
            raise
        job.refresh_from_db()
        return job


def _begin(job: Import) -> None:
    progress.refuse_if_cancelled(job.pk)
    if job.state == ImportState.RUNNING:
        progress.count_resumption(job)
    started = job.started_at or clock.utc_now()
    Import.objects.filter(pk=job.pk).exclude(state=ImportState.CANCELLING).update(
        state=ImportState.RUNNING, started_at=started, failure="", finished_at=None
    )
    job.refresh_from_db()


def _carry_out(job: Import, *, by: Actor, report: Report) -> None:
    importer = find_importer(job.importer)
    source_id, made = _source_of(job, importer)
    if made:
        progress.merge_counts(job, {"source_made": source_id})
    run = Run(job.pk, source_id, job.answers, frozenset(job.answers["mapping"]), job.created_at)
    work = _Work(job, importer, run, by, report)
    with progress.source_to_oneself(source_id, wait=lambda: _wait(work)):
        if job.answers.get("dry_run"):
            _read(work)
            _preview(work)
            return
        try:
            _read(work)
            _run_phases(work)
        except KnownRowsChanged:
            staging.drop_tables(job.pk)
            _read(work, in_full=True)
            _run_phases(work)
        progress.merge_counts(job, {"phases": _counts_by_phase(job)})
        staging.drop_tables(job.pk)
        if made:
            importer.sources.forget(source_id)  # unless something came in
        _finish(job, ImportState.DONE)
        forget_tables(StoredFile(job.file_digest, job.file_size).path)
        report("done", WHOLE)


def _source_of(job: Import, importer: Importer) -> tuple[int, bool]:
    """Whose file it is, and whether that was made just now. A check makes nothing: a new source gets a number of nobody."""
    name = job.answers["source"]
    if job.answers.get("dry_run"):
        return importer.sources.find(name) or -job.pk, False
    return importer.sources.ensure(name)


def _read(work: _Work, *, in_full: bool = False) -> None:
    _stage(work, in_full=in_full)
    _screen(work)


def _run_phases(work: _Work) -> None:
    for number, phase in enumerate(work.importer.phases):
        _run_phase(work, phase, number)


def _wait(work: _Work) -> None:
    progress.refuse_if_cancelled(work.job.pk)
    work.report("waiting", 0)
    time.sleep(_WAIT_SECONDS)


def _stage(work: _Work, *, in_full: bool) -> None:
    """Stage the file, unless all its rows are staged already; `in_full` also what is known of its rows."""
    job = work.job
    expected = job.counts.get("staged")
    if expected is not None and staging.staged_rows(job.pk) == expected:
        return
    path = _table(job)
    lines = _count_lines(path)
    ImportProblem.objects.filter(job=job).delete()
    buckets = job.counts.get("buckets") or max(1, min(staging.MOST_CHUNKS, -(-lines // staging.CHUNK_ROWS)))
    progress.merge_counts(job, {"buckets": buckets})
    staging.make_table(work.importer, job.pk, buckets)
    answers = job.answers
    header = Header(tuple(answers["header"]), answers["delimiter"], answers["first_line"])
    spec = staging.spec_of(work.importer, import_id=job.pk, answers=answers, header=header, buckets=buckets)

    def read(rows: int) -> None:
        progress.refuse_if_cancelled(job.pk)
        done = min(rows * READING_SHARE // max(lines, 1), READING_SHARE)
        progress.note(job.pk, done, stage="reading")
        work.report("reading", done)

    with _known(work, rows=0 if in_full else lines) as known:
        result = staging.stage_file(
            path, replace(spec, known=known), header,
            encoding=answers["encoding"], mended=bool(answers.get("mended")), progress=read,
        )  # fmt: skip
    Import.objects.filter(pk=job.pk).update(
        rows_total=result.rows, problem_count=ImportProblem.objects.filter(job=job).count()
    )
    progress.merge_counts(
        job,
        {"staged": result.rows - result.refused, "rows": result.rows, "refused": result.refused, "blank": result.blank},
    )
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', '60s', false)")


@contextmanager
def _known(work: _Work, *, rows: int) -> Iterator[int]:
    """The descriptor of a file of what is known of the source's rows, or -1."""
    hashes = work.importer.known_hashes(work.run)
    if hashes is None or not rows:
        yield -1
        return
    with transaction.atomic(), connection.cursor() as cursor:
        file = known_hashes(cursor, hashes, rows=rows)
    if file is None:
        yield -1
        return
    with file:
        yield file.fileno()


def _table(job: Import) -> Path:
    """The file itself, or the table that its chosen sheet is."""
    path = StoredFile(job.file_digest, job.file_size).path
    return table_of(path, int(job.answers["sheet"])).path if job.answers.get("sheet") else path


def _screen(work: _Work) -> None:
    """Other rooms take rows out; how many is told, and the import counts on the rest."""
    with acting(work.by), connection.cursor() as cursor:
        taken = {
            screen.name: screen.apply(cursor, work.importer, work.run)
            for screen in contributions("screens", "SCREENS", Screen)
        }
        if sum(taken.values()):
            work.job.refresh_from_db()
            before = work.job.counts
            counts = {name: int(before.get(name, 0)) + count for name, count in taken.items() if count}
            staged = staging.staged_rows(work.job.pk)
            progress.merge_counts(work.job, {**counts, "staged": staged})


def _count_lines(path: Path) -> int:
    count = 0
    with open_bytes(path) as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n") or block.count(b"\r")
    return count


def _preview(work: _Work) -> None:
    with connection.cursor() as cursor:
        counts = work.importer.preview(cursor, work.run)
    staging.drop_tables(work.job.pk)
    answers = {**work.job.answers, "dry_run": False}
    kept = {name: work.job.counts[name] for name in ("rows", "refused", "blank")}
    Import.objects.filter(pk=work.job.pk).update(
        state=ImportState.DRAFT, stage="checked", progress=0, answers=answers, started_at=None, rows_done=0,
        counts={**kept, "preview": counts},
    )  # fmt: skip
    work.report("checked", WHOLE)


def _run_phase(work: _Work, phase: Phase, number: int) -> None:
    with acting(work.by), connection.cursor() as cursor:
        _settle(cursor)
        chunks = phase.prepare(cursor, work.run)
        _unsettle(cursor)
    done = set(ImportChunk.objects.filter(job=work.job, stage=phase.name).values_list("number", flat=True))
    waiting = [chunk for chunk in range(chunks) if chunk not in done]
    finished = chunks - len(waiting)
    shares = [each.share_of(work.run) for each in work.importer.phases]
    unit, before = (WHOLE - READING_SHARE) / max(1, sum(shares)), sum(shares[:number])
    for _chunk in _apply_all(work, phase, waiting):
        finished += 1
        at = int(READING_SHARE + unit * (before + shares[number] * finished / chunks))
        progress.note(work.job.pk, at, stage=phase.name, rows_done=_rows_done(work))
        work.report(phase.name, at)
        if finished == 1:  # a little knowledge helps the chunks to come, and pages meanwhile
            refresh_statistics(with_indexes=False)
    refresh_statistics()


def _apply_all(work: _Work, phase: Phase, chunks: list[int]) -> Iterator[int]:
    """One chunk here, many in a few sessions of the database side by side."""
    if len(chunks) <= 1:
        for chunk in chunks:
            progress.refuse_if_cancelled(work.job.pk)
            yield _apply(work, phase, chunk)
        return
    stop = threading.Event()

    def in_thread(mine: Iterator[int]) -> list[int]:
        applied = []
        try:
            for chunk in mine:
                if stop.is_set():
                    break
                progress.refuse_if_cancelled(work.job.pk)
                applied.append(_apply(work, phase, chunk))
                finished.put(chunk)
        except BaseException:
            stop.set()
            raise
        finally:
            connection.close()
        return applied

    finished = _Finished()
    with ThreadPoolExecutor(SESSIONS) as threads:
        shared = _Shared(chunks)
        futures = [threads.submit(in_thread, iter(shared)) for _ in range(min(SESSIONS, len(chunks)))]
        for future in futures:
            future.add_done_callback(finished.look_again)
        try:
            yield from finished.until(futures)
        finally:
            stop.set()
        for future in as_completed(futures):
            future.result()


def _apply(work: _Work, phase: Phase, chunk: int) -> int:
    for attempt in range(1, _TRIES + 1):
        try:
            _apply_once(work, phase, chunk)
            return chunk
        except (OperationalError, IntegrityError) as error:
            if attempt == _TRIES or getattr(error.__cause__, "sqlstate", "") not in _RETRIED:
                raise
            time.sleep(0.05 * attempt)
    return chunk


def _apply_once(work: _Work, phase: Phase, chunk: int) -> None:
    """One transaction: the chunk's rows, its log entry and its audit event, or nothing of it."""
    with acting(work.by, reason=f"import {work.job.pk}"), connection.cursor() as cursor:
        _settle(cursor)
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, %s))", [phase.name, work.job.pk * 100_000 + chunk]
        )
        if ImportChunk.objects.filter(job=work.job, stage=phase.name, number=chunk).exists():
            return
        counts = phase.apply(cursor, work.run, chunk)
        ImportChunk.objects.create(job=work.job, stage=phase.name, number=chunk, counts=counts, done_at=clock.utc_now())
        if counts.get("new") or counts.get("changed"):
            audit.record_bulk("import", {"import": work.job.pk, "chunk": chunk, **counts})
        _unsettle(cursor)


def _settle(cursor: CursorWrapper) -> None:
    for name, value in _SETTINGS:
        cursor.execute("select set_config(%s, %s, true)", [name, value])


def _unsettle(cursor: CursorWrapper) -> None:
    cursor.execute("select set_config('rapport.bulk', 'off', true)")


def _rows_done(work: _Work) -> int:
    """The rows of the phase that is farthest: not every phase treats every row."""
    done: Counter[str] = Counter()
    for stage, counts in ImportChunk.objects.filter(job=work.job).values_list("stage", "counts"):
        done[stage] += counts.get("rows", 0)
    return max(done.values(), default=0)


def _counts_by_phase(job: Import) -> dict[str, Counts]:
    totals: dict[str, Counter[str]] = {}
    for stage, counts in ImportChunk.objects.filter(job=job).values_list("stage", "counts"):
        totals.setdefault(stage, Counter()).update(counts)
    return {stage: dict(counts) for stage, counts in totals.items()}


def _finish(job: Import, state: str, *, failure: str = "") -> None:
    values: dict[str, Any] = {"progress": WHOLE} if state == ImportState.DONE else {}
    if state != ImportState.DONE:
        staging.drop_tables(job.pk)
    with transaction.atomic():
        Import.objects.filter(pk=job.pk).update(
            state=state, stage="", failure=failure, finished_at=clock.utc_now(), **values
        )
        if state == ImportState.DONE:
            publish(ImportFinished(job.pk, job.importer))
    job.refresh_from_db()


def _note_failure(job: Import, error: Exception) -> None:
    """The import stays as far as it came, and can be continued or undone."""
    words = str(error) if isinstance(error, GivenUp) else f"{type(error).__name__}: {error}"
    try:
        connection.close_if_unusable_or_obsolete()
        Import.objects.filter(pk=job.pk).update(
            state=ImportState.FAILED, failure=storable(words[:2000]), finished_at=clock.utc_now()
        )
    except Error:
        return  # the database itself is away: the import stays "running" and is taken up again


class _Shared:
    """Chunk numbers that several threads take from."""

    def __init__(self, chunks: list[int]) -> None:
        self._chunks = iter(chunks)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[int]:
        while True:
            with self._lock:
                chunk = next(self._chunks, None)
            if chunk is None:
                return
            yield chunk


class _Finished:
    """Chunks that threads have done, in the order they were done."""

    def __init__(self) -> None:
        self._chunks: list[int] = []
        self._changed = threading.Condition()

    def put(self, chunk: int) -> None:
        with self._changed:
            self._chunks.append(chunk)
            self._changed.notify()

    def look_again(self, _future: Any) -> None:
        with self._changed:
            self._changed.notify()

    def until(self, futures: list[Any]) -> Iterator[int]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._chunks or all(future.done() for future in futures), timeout=0.2)
                ready, self._chunks = self._chunks, []
            yield from ready
            if not ready and all(future.done() for future in futures):
                return
