"""The statement of a list's first page, as most ask for it: nothing filtered, for who reaches everything. Written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from rapport.records.lists.sql import ListQuery, Part

if TYPE_CHECKING:
    from rapport.records.lists.querying import ListRequest

_MOST = 500
_written: dict[tuple[Any, ...], sql.SQL] = {}


def keys_statement(query: ListQuery, *, filled: bool, limit: int) -> Part | None:
    """What `query.keys` says of the first page, composed already; None where more goes into it than the shape of the list."""
    asked = query.asked
    if asked.filters or asked.after is not None or asked.of.gate is not None or not _reaches_all(asked):
        return None
    search, words = asked.of.found_by(asked.words, asked.fields) if asked.words and asked.of.search else (None, [])
    if asked.words and search is None:
        return None
    of, sort = asked.of, asked.sort
    shape = (
        (of.name, of.table, of.base, of.owner_join, search and search.as_string(None)),
        (sort.sql, sort.sort_sql, sort.join, sort.can_be_empty, asked.descending, filled, limit),
    )
    statement = _written.get(shape)
    if statement is None:
        if len(_written) >= _MOST:
            _written.clear()
        composed = query.keys(filled=filled, after=None, limit=limit)[0]
        statement = _written[shape] = sql.SQL(composed.as_string(None))
    return statement, words


def _reaches_all(asked: ListRequest) -> bool:
    return not asked.of.owner or asked.reach.everything
