"""One world for test after test: filled once, in a transaction that stays open, with each test in a savepoint within.

To fill it takes longer than most tests that look at it. Each gets a copy of what stands there, to change as it likes.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from tests.security.samples import World

_HERE = Path(__file__).parent


class Standing:
    """The world of this process, where it stands."""

    def __init__(self) -> None:
        self.next_item: pytest.Item | None = None
        self._ground: Any = None
        self._filled: World | None = None

    @staticmethod
    def is_wanted_by(item: pytest.Item | None) -> bool:
        """By who asks for the world in this folder, and commits nothing."""
        if item is None or _HERE not in item.path.parents:
            return False
        mark = item.get_closest_marker("django_db")
        return "world" in getattr(item, "fixturenames", ()) and not (mark and mark.kwargs.get("transaction"))

    def begin(self, fill: Callable[[], World]) -> None:
        if self._filled is not None and connection.in_atomic_block:
            return
        self._ground = transaction.atomic()
        self._ground._from_testcase = True  # what must be the outermost transaction may begin within it
        self._ground.__enter__()
        try:
            self._filled = fill()
        except BaseException:
            self.end()
            raise

    def copy(self) -> World:
        return deepcopy(self._filled)  # type: ignore[return-value]

    def end(self) -> None:
        if self._ground is not None:
            transaction.set_rollback(True)
            self._ground.__exit__(None, None, None)
        self._ground = self._filled = None
