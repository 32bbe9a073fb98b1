"""Statements that stay the same but for their values: sent as they are, and planned by the database once for each connection.

For what every request asks or writes: there, composing and planning a statement takes longer than carrying it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from psycopg import sql
from psycopg.types.json import Jsonb

M = TypeVar("M", bound=models.Model)


class _PlanningOnce(psycopg.RawCursor[Any]):
    """Values go beside the statement, which the connection prepares where it may (`prepare_threshold` in its options)."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)


def planned(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement answers, in which `$1`, `$2` … stand for `values`; nothing where it answers nothing.

    Its text must come from code alone, and there must be few of them: the connection keeps the plan of each.
    """
    here = connections[DEFAULT_DB_ALIAS]
    here.close_if_health_check_failed()
    here.ensure_connection()
    beside = _PlanningOnce(here.connection)
    wrapped = here.make_debug_cursor if here.queries_logged else here.make_cursor
    with wrapped(beside) as cursor:  # type: ignore[arg-type]
        cursor.execute(statement, values)
        return cursor.fetchall() if beside.pgresult is not None and beside.pgresult.nfields else []


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

    def read(self, values: Sequence[Any]) -> M:
        """The object of these values of `columns`."""
        read = list(values)
        for place, reader in self._readers:
            read[place] = reader(read[place], None, connection)
        return self.model.from_db(DEFAULT_DB_ALIAS, self._names, read)

    @cached_property
    def _fields(self) -> tuple[Any, ...]:
        return tuple(field for field in self.model._meta.concrete_fields if field.attname not in self.without)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(field.attname for field in self._fields)

    @cached_property
    def _readers(self) -> tuple[tuple[int, Callable[..., Any]], ...]:
        readers = ((place, getattr(field, "from_db_value", None)) for place, field in enumerate(self._fields))
        return tuple((place, reader) for place, reader in readers if reader is not None)
