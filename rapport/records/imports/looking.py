"""Looking at a file before anything is done with it: what was found is kept with its draft, and looking ends in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rapport.records.imports.decoding import FileRefused

SECONDS = 2.0
PATIENT_SECONDS = 120.0
_MOST_KEPT = 20


@dataclass
class Look:
    """One look at one file. `kept` holds what earlier looks found; what this one finds is added to it.

    Each thing that is looked for has `seconds`.
    """

    kept: dict[str, Any] = field(default_factory=dict)
    seconds: float = SECONDS
    _began: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Look for something else, with time of its own."""
        self._began = time.monotonic()

    def is_over(self) -> bool:
        """Nobody waits longer for what the rest of the file would tell."""
        return time.monotonic() - self._began >= self.seconds

    def once(self, about: str, find: Callable[[], Any]) -> Any:
        """What `find` found (JSON) when it was asked for the first time, or the FileRefused it raised then."""
        if about not in self.kept:
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.begin()
            self.kept[about] = _found_by(find)
        found = self.kept[about]
        if "refused" in found:
            raise FileRefused(**found["refused"])
        return found["found"]


def _found_by(find: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"found": find()}
    except FileRefused as refusal:
        values = {name: str(value) for name, value in refusal.values.items()}
        said = {"message": refusal.message, "line": refusal.line, "column": refusal.column}
        return {"refused": {**values, **said}}
