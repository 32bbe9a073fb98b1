"""The log of erasures beside the database: hashes only, so that a database restored from an older day can be brought up to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rapport.privacy.digests import folder


@dataclass(frozen=True)
class LogLine:
    """One erasure: its id, when, why, by whom of the staff; the digests of who it was, and what is suppressed since."""

    id: str
    at: str
    ground: str
    by: str
    digests: list[str]
    suppressed: list[tuple[str, str]]


def log_file() -> Path:
    return folder() / "erasures.log"


def write_line(line: LogLine) -> None:
    """On the disk before the erasure commits: better to erase once more than not to know of it."""
    descriptor = os.open(log_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(asdict(line)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines() -> Iterator[LogLine]:
    """Each erasure once; a line cut off by a power failure is left out, as its erasure had not been committed."""
    if not log_file().exists():
        return
    lines: dict[str, LogLine] = {}
    for text in log_file().read_text().splitlines():
        try:
            line = LogLine(**json.loads(text))
        except (ValueError, TypeError):
            continue
        lines[line.id] = line
    yield from lines.values()
