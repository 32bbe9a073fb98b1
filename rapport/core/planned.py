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
from psycopg._preparing import Prepare
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.json import Jsonb

M = TypeVar("M", bound=models.Model)
_ANSWERED = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class _PlanningOnce(psycopg.RawCursor[Any]):
    """Values go beside the statement, which the connection prepares where it may (`prepare_threshold` in its options)."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """By what the driver's register of prepared statements knows a statement."""

    query: bytes
    types: tuple[int, ...]


class _Straight:
    """The shortest way over one connection: what a cursor would set up anew for each statement is set up once.

    The register of prepared statements is the driver's own, which forgets them where the server does.
    """

    def __init__(self, to: psycopg.Connection[Any]) -> None:
        self.to = to
        self._values = Transformer(to)
        self._written: dict[str, bytes] = {}

    def ask(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        to, pgconn, values_as = self.to, self.to.pgconn, self._values
        query = self._written.get(statement) or self._written.setdefault(statement, statement.encode())
        with to.lock:
            if pgconn.transaction_status != TransactionStatus.INTRANS and not to.autocommit:
                to.wait(to._start_query())
            sent = values_as.dump_sequence(values, [PyFormat.AUTO] * len(values))
            key: Any = _Prepared(query, tuple(values_as.types or ()))
            formats = values_as.formats
            prepare, name = to._prepared.get(key, True)
            if prepare is Prepare.SHOULD:
                self._taken(pgconn.prepare(name, query, key.types))
            result = self._taken(pgconn.exec_prepared(name, sent, formats))  # type: ignore[arg-type] # None is NULL
            if to._prepared.maybe_add_to_cache(key, prepare, name) is not None:
                to._prepared._rotate()
            if not result.nfields:
                return []
            values_as.set_pgresult(result)
            try:
                return values_as.load_rows(0, result.ntuples, tuple)
            finally:
                values_as.set_pgresult(None)

    def _taken(self, result: PGresult) -> PGresult:
        if result.status in _ANSWERED:
            return result
        if self.to.pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message() or "the connection is lost")
        raise error_from_result(result)


def planned(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement answers, in which `$1`, `$2` … stand for `values`; nothing where it answers nothing.

    Its text must come from code alone, and there must be few of them: the connection keeps the plan of each.
    """
    here: Any = connections[DEFAULT_DB_ALIAS]
    here.close_if_health_check_failed()
    here.ensure_connection()
    if here.queries_logged or here.execute_wrappers or here.connection.prepare_threshold is None:
        return _watched(here, statement, values)
    straight: _Straight | None = here.straight
    if straight is None or straight.to is not here.connection:
        straight = here.straight = _Straight(here.connection)
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        return straight.ask(statement, values)


def _watched(here: Any, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The same through a cursor, where somebody looks at every statement, or where none is prepared."""
    beside = _PlanningOnce(here.connection)
    wrapped = here.make_debug_cursor if here.queries_logged else here.make_cursor
    with wrapped(beside) as cursor:
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
