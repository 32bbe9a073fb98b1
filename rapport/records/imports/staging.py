"""Staging: the table of parsed rows, filled by worker processes, or in this process when the file is small."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.processors import processors
from rapport.records.imports.decoding import is_packed
from rapport.records.imports.importing import Importer, Run
from rapport.records.imports.rows import Block, Header, read_blocks
from rapport.records.imports.staging_worker import BLOCK_HEADER, BlockResult, RowParser, Spec, SpecColumn, stage_block
from rapport.records.imports.values import Reading

CHUNK_ROWS = 20_000
MOST_CHUNKS = 2000
SMALL_BYTES = 2 << 20
PROCESSES = max(2, min(4, processors()))

_ENDED = "A process that reads the file ended unexpectedly."


class StagingFailed(RuntimeError):
    """A worker process ended without an answer."""


def spec_of(importer: Importer, *, import_id: int, answers: dict[str, Any], header: Header, buckets: int) -> Spec:
    """What workers must know, from the answers: `mapping` is column name → position in the file."""
    mapping: dict[str, int] = answers["mapping"]
    columns = tuple(
        SpecColumn(
            c.name, mapping[c.name], header.names[mapping[c.name]], c.kind.value, c.required, c.choices, c.at_most
        )
        for c in importer.columns
        if c.name in mapping
    )
    reading = Reading(answers.get("dates") or "ymd", answers.get("decimal") or ".", answers.get("time_zone") or "UTC")
    return Spec(
        import_id, columns, header.names, header.delimiter, tuple(answers.get("keep", ())),
        tuple(name for name, _ in staged_columns(importer)), importer.key, buckets, importer.finish, reading,
        {
            "import_id": import_id, "is_sheet": bool(answers.get("sheet")), "time_zone": reading.time_zone,
            **answers.get("about_rows", {}),
        },
    )  # fmt: skip


def staged_columns(importer: Importer) -> list[tuple[str, str]]:
    return [*((column.name, column.sql_type) for column in importer.columns if column.staged), *importer.staged]


def make_table(importer: Importer, import_id: int, buckets: int) -> None:
    """An empty staging table with one partition for each chunk of whole groups."""
    drop_tables(import_id)
    name = f"import_{import_id}"
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in staged_columns(importer)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("create table {} (bucket integer, line integer, key text, {}) partition by list (bucket)")
            .format(sql.Identifier("staging", name), columns)
        )  # fmt: skip
        for bucket in range(buckets):
            cursor.execute(
                sql.SQL(
                    "create unlogged table {} partition of {} for values in ({}) with (autovacuum_enabled = off)"
                ).format(
                    sql.Identifier("staging", f"{name}_{bucket:04}"),
                    sql.Identifier("staging", name),
                    sql.Literal(bucket),
                )
            )


def drop_tables(import_id: int) -> None:
    """Everything an import has staged, the tables its phases made included. A few at a time: each holds a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = 'staging' and c.relkind in ('r', 'p') and c.relname ~ %s"
            " order by (c.relkind = 'p'), c.relname",
            [f"^import_{import_id}(_|$)"],
        )
        names = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(names), 50):
            tables = sql.SQL(", ").join(sql.Identifier("staging", name) for name in names[start : start + 50])
            cursor.execute(sql.SQL("drop table if exists {} cascade").format(tables))


def staged_rows(import_id: int) -> int | None:
    """How many rows are staged, or None where nothing is (unlogged tables are empty after a crash of the server)."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [f"staging.import_{import_id}"])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("staging", f"import_{import_id}")))
        return int(cursor.fetchone()[0])


def bucket_count(cursor: CursorWrapper, run: Run) -> int:
    """How many buckets the staging table has."""
    cursor.execute(
        "select count(*) from pg_inherits where inhparent = to_regclass(%s)", [f"staging.import_{run.import_id}"]
    )
    return int(cursor.fetchone()[0])


def stage_file(
    path: Path, spec: Spec, header: Header, *, encoding: str, mended: bool, progress: Callable[[int], None]
) -> BlockResult:
    """Fill the staging table. `progress` is told the rows read so far and may raise to stop."""
    total = BlockResult()
    blocks = read_blocks(path, encoding, header)
    small = path.stat().st_size < SMALL_BYTES and not _is_packed(path)
    results = _stage_here(blocks, spec, mended) if small else _stage_in_processes(blocks, spec, mended)
    for result in results:
        total.rows += result.rows
        total.refused += result.refused
        total.blank += result.blank
        progress(total.rows)
    return total


def _is_packed(path: Path) -> bool:
    return is_packed(path) and path.stat().st_size > SMALL_BYTES // 10


def _stage_here(blocks: Iterator[Block], spec: Spec, mended: bool) -> Iterator[BlockResult]:
    parser = RowParser(spec)
    for block in blocks:
        with transaction.atomic(), connection.cursor() as cursor:
            result = stage_block(cursor, parser, line=block.line, text=block.text, mended=mended)
        yield result


def _stage_in_processes(blocks: Iterator[Block], spec: Spec, mended: bool) -> Iterator[BlockResult]:
    with _started_workers(spec) as workers, ThreadPoolExecutor(len(workers)) as threads:
        free: SimpleQueue[_Worker] = SimpleQueue()
        for worker in workers:
            free.put(worker)

        def hand_over(worker: _Worker, block: Block) -> BlockResult:
            try:
                return worker.stage(block, mended)
            finally:
                free.put(worker)

        waiting: list[Future[BlockResult]] = []
        for block in blocks:
            waiting.append(threads.submit(hand_over, free.get(), block))
            while waiting and (waiting[0].done() or len(waiting) > 2 * len(workers)):
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


@contextmanager
def _started_workers(spec: Spec) -> Iterator[list[_Worker]]:
    """Processes that parse, each at the other end of a socket; all have ended when this is left."""
    pairs = [socket.socketpair() for _ in range(PROCESSES)]
    theirs = [their.fileno() for _, their in pairs]
    known = (spec.known,) if spec.known >= 0 else ()
    process = subprocess.Popen(
        [sys.executable, "-m", "rapport.records.imports.staging_worker", *map(str, theirs)],
        stdin=subprocess.PIPE,
        pass_fds=(*theirs, *known),
        process_group=0,
    )
    workers = [_Worker(mine) for mine, _ in pairs]
    for _, their in pairs:
        their.close()
    try:
        start = json.dumps({"spec": spec.to_json(), "connection": _connection_parameters()}).encode()
        with _ended_told(), process.stdin as begin:  # type: ignore[union-attr]
            begin.write(struct.pack("!I", len(start)) + start)
        yield workers
    finally:
        for worker in workers:
            worker.close()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class _Worker:
    def __init__(self, mine: socket.socket) -> None:
        self._socket = mine
        self._channel = mine.makefile("rwb")

    def stage(self, block: Block, mended: bool) -> BlockResult:
        text = block.text.encode("utf-8", "surrogatepass")
        with _ended_told():
            self._channel.write(BLOCK_HEADER.pack(block.line, len(text), mended) + text)
            self._channel.flush()
            answer = self._channel.readline()
        if not answer:
            raise StagingFailed(_ENDED)
        return BlockResult(**json.loads(answer))

    def close(self) -> None:
        try:
            self._channel.close()
        except OSError:
            pass  # it ended with a block on its way, which has been told
        self._socket.close()


@contextmanager
def _ended_told() -> Iterator[None]:
    try:
        yield
    except (BrokenPipeError, ConnectionResetError) as error:
        raise StagingFailed(_ENDED) from error


def _connection_parameters() -> dict[str, Any]:
    known = ("host", "port", "user", "password", "dbname", "sslmode", "options")
    return {name: value for name, value in connection.get_connection_params().items() if name in known and value}
