"""A connection that was in use a moment ago is looked at, not asked; and what nobody needs to know any more is not said."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader

_TRUSTED_SECONDS = 20.0  # longer, a firewall on the way may have forgotten it without a word to either side


class _Instant(BaseTzLoader):  # type: ignore[misc] # of Django, which is not described
    """Read by Python itself where it is one of its own, in UTC as our sessions write it: a row has several of them."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            found = datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data)  # type: ignore[no-any-return]
        return found if found.tzinfo is UTC else super().load(data)  # type: ignore[no-any-return]


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._answered_at = 0.0
        self._unsaid: Callable[[], None] | None = None
        self.kept_cursors: dict[str, Any] = {}  # of `core/planned.py`

    def get_new_connection(self, conn_params: Any) -> Any:
        made = super().get_new_connection(conn_params)
        made.adapters.register_loader("timestamptz", _Instant)
        return made

    def is_usable(self) -> bool:
        """One that the server has ended has something to read."""
        now = time.monotonic()
        if self.connection is not None and now - self._answered_at < _TRUSTED_SECONDS and _is_silent(self.connection):
            return True
        usable: bool = super().is_usable()
        if usable:
            self._answered_at = now
        return usable

    def say_before_the_next(self, say: Callable[[], None]) -> None:
        """Have `say` called before the next statement of this transaction, and never where it ends without one."""
        if self._unsaid is None:
            self.execute_wrappers.insert(0, self._say_first)  # whoever else puts one there takes the last away again
        self._unsaid = say

    def leave_unsaid(self) -> None:
        if self._unsaid is not None:
            self._unsaid = None
            self.execute_wrappers.remove(self._say_first)

    def _say(self) -> None:
        say = self._unsaid
        if say is not None:
            self.leave_unsaid()
            say()

    def _say_first(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self._say()
        return execute(*asked)

    def _prepare_cursor(self, cursor: Any) -> Any:
        self._say()  # with a cursor more can be done than to execute
        return super()._prepare_cursor(cursor)  # type: ignore[misc] # of Django, which is not described

    def _commit(self) -> Any:
        self.leave_unsaid()
        return super()._commit()  # type: ignore[misc]

    def _rollback(self) -> Any:
        self.leave_unsaid()
        return super()._rollback()  # type: ignore[misc]

    def _close(self) -> Any:
        self.leave_unsaid()
        return super()._close()  # type: ignore[misc]


def _is_silent(connection: Any) -> bool:
    """Whether the server has sent nothing, not even a farewell."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return not waiting.poll(0)
