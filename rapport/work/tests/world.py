"""Tasks, comments and files for tests."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work import actions, actions_comments, actions_files
from tests.world import NOW


def record_of(customer: Any, *, by: Any) -> FoundRecord:
    return find_record(by, "customer", customer.public_id)


def make_task(title: str = "Call back", *, by: Any, on: Any = None, **values: Any) -> Any:
    record = record_of(on, by=by) if on is not None and not isinstance(on, FoundRecord) else on
    return actions.add_task(title, by=by, now=values.pop("now", NOW), record=record, **{"assignee": by} | values)


def make_comment(text: str, *, by: Any, on: Any) -> Any:
    record = on if isinstance(on, FoundRecord) else record_of(on, by=by)
    return actions_comments.write_comment(record, text, by=by, now=NOW)


def make_file(name: str = "offer.pdf", content: bytes = b"%PDF-1.7 offer", *, by: Any, on: Any) -> Any:
    record = on if isinstance(on, FoundRecord) else record_of(on, by=by)
    return actions_files.attach_file(record, SimpleUploadedFile(name, content), by=by, now=NOW)


def png(width: int = 2, height: int = 2) -> bytes:
    """A PNG whose header states this size; of a small one also the picture is there."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x7f" * width for _ in range(height)) if width * height < 10_000 else b"\0"
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
