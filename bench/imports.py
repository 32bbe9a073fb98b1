"""The import of people against a plain COPY of the same file: the cost of each part, the same file again, undo, memory.

BENCH_SCALE is the number of people (1,000,000). The goal: at most 35 times COPY, under 512 MB in all processes together.
"""

from __future__ import annotations

import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.apart import migrated_database

GOAL_RATIO, GOAL_MEGABYTES = 35, 512
_LOOKS_EVERY = 2.0  # seconds; a look takes a tenth of one from what is measured
COLUMNS = ("id", "name", "email", "phone", "street", "postal code", "city", "country", "language", "date of birth")
_GIVEN = (
    "Anna",
    "Ben",
    "Chiara",
    "David",
    "Élodie",
    "Fatima",
    "Georg",
    "Hana",
    "Jürgen",
    "Kim",
    "Łukasz",
    "María",
    "Søren",
)
_FAMILY = (
    "Smith",
    "Jones",
    "García",
    "Müller",
    "Nowak",
    "Rossi",
    "Silva",
    "Tanaka",
    "Johansson",
    "Khan",
    "O'Neill",
    "Çelik",
)
_OTHER_SCRIPTS = ("김민수", "이서연", "王小明", "李娜", "山田太郎", "박지훈", "佐藤花子", "최유진")


def run() -> None:
    scale = int(os.environ.get("BENCH_SCALE", "1000000"))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        home, path = Path(folder) / "home", Path(folder) / "people.csv"
        home.mkdir(mode=0o700)
        Path(folder).chmod(0o755)
        write_people(path, scale)
        print(f"   {scale:,} people, {path.stat().st_size / 1e6:.0f} MB")
        environment = os.environ | {"RAPPORT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        environment.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-m", "bench.imports", str(path)], check=True, env=environment)


def write_people(path: Path, count: int, *, seed: int = 7) -> None:
    """A file of people, the same for the same seed: names in three scripts, nine in ten with a phone."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(count):
            writer.writerow(_person(number, chance))


def _person(number: int, chance: random.Random) -> list[str]:
    if chance.random() < 0.06:
        name = chance.choice(_OTHER_SCRIPTS)
    else:
        name = f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}{chance.choice('abcdefghij')}{chance.randrange(1000)}"
    phone = f"+44 20 {chance.randrange(1000, 9999)} {chance.randrange(1000, 9999)}" if chance.random() < 0.9 else ""
    return [
        f"C{number:08}", name, f"user{chance.randrange(10**9)}@example{chance.randrange(5000)}.com", phone,
        f"{chance.randrange(1, 300)} High Street", f"AB{chance.randrange(1, 99)} {chance.randrange(1, 9)}CD",
        chance.choice(("London", "Leeds", "York", "Köln", "Seoul")), chance.choice(("GB", "DE", "KR")),
        chance.choice(("en", "de", "ko")),
        f"{chance.randrange(1930, 2005)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
    ]  # fmt: skip


def measure(path: Path) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        began = _processor_seconds()
        raw = [_raw_copy(path) for _ in range(3)]
        copying = (_processor_seconds() - began) / len(raw)
        began = _processor_seconds()
        with _Memory() as memory:
            seconds, parts, job = _import(path)
        importing = _processor_seconds() - began
        raw += [_raw_copy(path) for _ in range(2)]
        base = statistics.median(raw)
        _print_result(seconds, parts, base, raw, memory)
        print(
            f"   processor seconds, whatever else ran: import {importing:.0f}, COPY {copying:.1f}: {importing / copying:.0f} ×"
        )
        again, _parts, _job = _import(path)
        print(f"   the same file again (nothing changes)   {again:7.1f} s  {again / base:5.1f} × COPY")
        print(f"   undo of the whole import                {_undo(job):7.1f} s")


def _print_result(seconds: float, parts: Counter[str], base: float, raw: list[float], memory: _Memory) -> None:
    verdict = "reached" if seconds <= GOAL_RATIO * base else "missed"
    print(f"   raw COPY, median of {len(raw)}                  {base:7.2f} s  ({min(raw):.2f}–{max(raw):.2f})")
    print(
        f"   import                                  {seconds:7.1f} s  {seconds / base:5.1f} × COPY, goal {GOAL_RATIO}: {verdict}"
    )
    for part, spent in parts.most_common():
        print(f"      {part:<37}{spent:7.1f} s")
    verdict = "reached" if memory.ours + memory.database < GOAL_MEGABYTES else "missed"
    print(
        f"   memory at most: ours {memory.ours:.0f} MB, PostgreSQL {memory.database:.0f} MB (its shared buffers included),"
        f" goal {GOAL_MEGABYTES}: {verdict}"
    )


def _raw_copy(path: Path) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        columns = ", ".join(f"c{number} text" for number in range(len(COLUMNS)))
        cursor.execute(f"drop table if exists staging.raw_copy; create table staging.raw_copy ({columns})")
        started = time.perf_counter()
        with path.open("rb") as file, cursor.copy("copy staging.raw_copy from stdin (format csv, header)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        seconds = time.perf_counter() - started
        cursor.execute("drop table staging.raw_copy")
    return seconds


def _import(path: Path) -> tuple[float, Counter[str], Any]:
    from rapport.core.acting import SYSTEM
    from rapport.core.clock import utc_now
    from rapport.core.files import store_path
    from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import, start_import
    from rapport.records.imports.running import run_import

    started = time.perf_counter()
    parts: Counter[str] = Counter()
    stored = store_path(path, at_most=MOST_BYTES)
    job = begin_import(stored, file_name=path.name, by=None, now=utc_now())
    start_import(job, answer_import(job, {"source": "shop"}))
    parts["keep the file, look at it"] = time.perf_counter() - started
    last = [("", time.perf_counter())]

    def report(stage: str, _at: int) -> None:
        now = time.perf_counter()
        parts["parse and stage" if stage == "reading" else "apply, in sessions side by side"] += now - last[0][1]
        last[0] = (stage, now)

    with _StatementTimes() as times:
        run_import(job, by=SYSTEM, report=report)
    for part, spent in times.spent.items():
        parts[f"  of all sessions: {part}"] += spent
    return time.perf_counter() - started, parts, job


def _undo(job: Any) -> float:
    from rapport.core.acting import SYSTEM
    from rapport.records.imports.undoing import undo_import

    started = time.perf_counter()
    undo_import(job, by=SYSTEM, report=lambda _stage, _at: None)
    return time.perf_counter() - started


def _processor_seconds() -> float:
    """What this process, the server, and all that both have started and ended have taken of the processors so far."""
    import psutil

    from rapport.config.databases import embedded_cluster

    server = psutil.Process(int((embedded_cluster().data / "postmaster.pid").read_text().split()[0]))
    ended = [process.cpu_times() for process in (psutil.Process(), server)]
    living = [process.cpu_times() for process in server.children()]
    total = sum(t.user + t.system for t in (*ended, *living)) + sum(t.children_user + t.children_system for t in ended)
    return float(total)


class _StatementTimes:
    """What the statements of all sessions took, by what they do."""

    _KNOWN = (
        ("insert into customers_customer", "customers, golden, search"),
        ("insert into customers_profile", "profiles"),
        ("insert into customers_identifier", "identifiers"),
        ("create temporary table people_chunk", "find what is known"),
    )

    def __enter__(self) -> _StatementTimes:
        from django.db.backends.utils import CursorWrapper

        self.spent: Counter[str] = Counter()
        self._original = original = CursorWrapper.execute
        spent, known = self.spent, self._KNOWN

        def execute(cursor: Any, query: Any, params: Any = None) -> Any:
            started = time.perf_counter()
            try:
                return original(cursor, query, params)
            finally:
                text = query if isinstance(query, str) else query.as_string(None)
                for beginning, part in known:
                    if text.lstrip().startswith(beginning):
                        spent[part] += time.perf_counter() - started

        CursorWrapper.execute = execute  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        from django.db.backends.utils import CursorWrapper

        CursorWrapper.execute = self._original  # type: ignore[method-assign]


class _Memory:
    """The most memory at one time, in megabytes; what processes share is counted once."""

    ours = database = 0.0

    def __enter__(self) -> _Memory:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        from rapport.config.databases import embedded_cluster

        server = int((embedded_cluster().data / "postmaster.pid").read_text().split()[0])
        while not self._stop.wait(_LOOKS_EVERY):
            here = psutil.Process()
            ours = sum(
                map(_megabytes, [here, *(c for c in here.children(recursive=True) if "postgres" not in c.name())])
            )
            database = sum(map(_megabytes, [psutil.Process(server), *psutil.Process(server).children()]))
            if ours + database > self.ours + self.database:
                self.ours, self.database = ours, database


def _megabytes(process: Any) -> float:
    import psutil

    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:
        return 0.0


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
