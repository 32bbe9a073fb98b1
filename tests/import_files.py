"""Importing small texts in tests, as the command line and the worker do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rapport.core.acting import SYSTEM
from rapport.core.files import store
from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import, start_import
from rapport.records.imports.running import run_import
from rapport.records.imports.undoing import undo_import
from rapport.records.models import Import

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def silently(stage: str, at: int) -> None:
    return None


def draft(content: str | bytes, *, name: str = "file.csv", by: Any = None, **answers: Any) -> Import:
    """An import that waits to be run, of a file with this content."""
    stored = store([content.encode() if isinstance(content, str) else content], at_most=MOST_BYTES)
    job = begin_import(stored, file_name=name, by=by, now=NOW)
    dry_run = answers.pop("dry_run", False)
    plan = answer_import(job, {"source": "shop", **answers})
    assert not plan.questions, plan.questions
    start_import(job, plan, dry_run=dry_run)
    return job


def import_text(content: str | bytes, **answers: Any) -> Import:
    return run_import(draft(content, **answers), by=SYSTEM, report=silently)


def undo(job: Import) -> Import:
    return undo_import(job, by=SYSTEM, report=silently)
