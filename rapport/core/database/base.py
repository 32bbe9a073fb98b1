"""A connection that was in use a moment ago is looked at, not asked: one that the server has ended has something to read."""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.postgresql import base

_TRUSTED_SECONDS = 20.0  # longer, a firewall on the way may have forgotten it without a word to either side


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._answered_at = 0.0

    def is_usable(self) -> bool:
        now = time.monotonic()
        if self.connection is not None and now - self._answered_at < _TRUSTED_SECONDS and _is_silent(self.connection):
            return True
        usable: bool = super().is_usable()
        if usable:
            self._answered_at = now
        return usable


def _is_silent(connection: Any) -> bool:
    """Whether the server has sent nothing, not even a farewell."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return not waiting.poll(0)
