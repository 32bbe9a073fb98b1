"""Completing the rows of a file of tasks, in worker processes without Django."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from rapport.records.imports.markup import plain_text

KEYLESS_PREFIX = "row-"
_DONE = {"1", "x", "y", "yes", "true", "done", "completed", "complete", "closed", "finished", "ja", "oui", "sí", "si"}
_IDENTIFYING = ("title", "due_on", "assignee", "customer_number")


def task_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Says whether a task is done and whom it is about, and gives it a key where the file has none."""

    def finish(values: dict[str, Any]) -> None:
        values["text"] = plain_text(values["text"]) or None
        if values["customer_number"]:  # a task is about one customer: of several, the first
            values["customer_number"] = values["customer_number"].split(";")[0].strip() or None
        values["is_done"] = str(values["done"] or "").strip().casefold() in _DONE
        if values["external_id"] is None:
            said = "\x1f".join(str(values[name] or "").casefold() for name in _IDENTIFYING)
            values["external_id"] = KEYLESS_PREFIX + hashlib.sha256(said.encode()).hexdigest()[:24]

    return finish
