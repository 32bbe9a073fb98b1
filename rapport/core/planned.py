"""Statements that stay the same but for their values: sent as they are, and planned by the database once for each connection.

For what every request asks or writes: there, composing and planning a statement takes longer than carrying it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from psycopg import sql
from psycopg.types.json import Jsonb

M = TypeVar("M", bound=models.Model)
_MOST_KEPT = 100  # as many as the driver keeps prepared


class _PlanningOnce(psycopg.RawCursor[Any]):
    """Values go beside the statement, which the connection prepares where it may (`prepare_threshold` in its options).

    It is kept for its statement: how values are sent and read is then known already.
    """

    def __init__(self, to: Any, statement: str) -> None:
        super().__init__(to)
        self.statement = statement

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(self.statement, params, prepare=True)  # the same object, by which the driver knows it


def planned(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement answers, in which `$1`, `$2` … stand for `values`; nothing where it answers nothing.

    Its text must come from code alone, and there must be few of them: the connection keeps the plan of each.
    """
    here: Any = connections[DEFAULT_DB_ALIAS]
    here.close_if_health_check_failed()
    here.ensure_connection()
    beside = _cursor_for(statement, here)
    cursor = here.make_debug_cursor(beside) if here.queries_logged else here.make_cursor(beside)
    cursor.execute(statement, values)
    return cursor.fetchall() if beside.pgresult is not None and beside.pgresult.nfields else []


def _cursor_for(statement: str, here: Any) -> _PlanningOnce:
    kept: dict[str, _PlanningOnce] = here.kept_cursors
    found = kept.get(statement)
    if found is None or found.connection is not here.connection:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        found = kept[statement] = _PlanningOnce(here.connection, statement)
    return found


def as_json(value: Any) -> Jsonb:
    """A value for a column of JSON."""
    return Jsonb(value)


@dataclass(frozen=True)
class ModelRow(Generic[M]):
    """How a statement that calls a row of the model `alias` reads it, but for columns that hardly anybody asks for."""

    model: type[M]
    alias: str
    without: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(self.alias, field.column) for field in self._fields)

    @property
    def width(self) -> int:
        """How many `columns` there are."""
        return len(self._fields)

    def read(self, values: Iterable[Any]) -> M:
        """The object of these values of `columns`: put together at once, no model of ours listens or adds to it."""
        made = self.model.__new__(self.model)
        state = made._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        made.__dict__.update(zip(self._names, values, strict=True))
        for name, reader in self._readers:
            made.__dict__[name] = reader(made.__dict__[name], None, connection)
        return made

    @cached_property
    def _fields(self) -> tuple[Any, ...]:
        return tuple(field for field in self.model._meta.concrete_fields if field.attname not in self.without)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(field.attname for field in self._fields)

    @cached_property
    def _readers(self) -> tuple[tuple[str, Callable[..., Any]], ...]:
        readers = ((field.attname, getattr(field, "from_db_value", None)) for field in self._fields)
        return tuple((name, reader) for name, reader in readers if reader is not None)
