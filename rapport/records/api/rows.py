"""How programs read rows: in statements that stay the same for the same fields, so that each connection plans them once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from psycopg import sql

from rapport.accounts.access import reach_of
from rapport.accounts.api import lent_to
from rapport.accounts.api_tokens import take_found
from rapport.core.clock import utc_now
from rapport.core.planned import planned
from rapport.records.lists.querying import ListedObject, ListRequest
from rapport.records.lists.sql import ListQuery, joins_of
from rapport.records.registry import Field, Join

if TYPE_CHECKING:
    from rapport.accounts.models import User

_BY_KEY = "r.id = any($1::bigint[])"
_PLACES = re.compile("%%|%s")
Found = list[tuple[Any, ...]]


def rows_by_key(request: HttpRequest, of: ListedObject, keys: list[int], columns: Sequence[Field]) -> Found:
    """Public id and values of records that somebody was let through to already, in the order of `keys`; counted."""
    if not keys:
        return []
    statement = _statement(of.table, tuple(each.sql for each in columns), _joins(columns), _BY_KEY)
    rows = take_found(lent_to(request), statement, [keys], now=utc_now(), request=request)
    by_key = {row[0]: row[1:] for row in rows}
    return [by_key[key] for key in keys if key in by_key]


def row_seen(
    request: HttpRequest, of: ListedObject, user: User, public_id: UUID, columns: Sequence[Field]
) -> tuple[Any, ...] | None:
    """Public id and values of the record with this id, where it is in the list of `user`; counted. None where it is not."""
    sort = of.fields_for(user)[of.default_sort.removeprefix("-")]
    conditions = ListQuery(ListRequest(of, user, reach_of(user), "", (), sort, descending=False)).conditions()
    numbers = count(2)
    gate = sql.SQL(" and ").join(condition for condition, _arguments in conditions).as_string(None)
    numbered = _PLACES.sub(lambda found: f"${next(numbers)}" if found[0] == "%s" else "%%", gate)
    joins, values = (of.owner_join, *_joins(columns)), tuple(each.sql for each in columns)
    statement = _statement(of.table, values, joins, f"r.public_id = $1 and {numbered}")
    arguments = [argument for _condition, arguments in conditions for argument in arguments]
    found = take_found(lent_to(request), statement, [public_id, *arguments], now=utc_now(), request=request)
    return found[0][1:] if found else None


def row_of(of: ListedObject, key: int, columns: Sequence[Field]) -> tuple[Any, ...]:
    """Public id and values of a record that somebody was let through to, and that is being written; not counted here."""
    statement = _statement(of.table, tuple(each.sql for each in columns), _joins(columns), "r.id = $1")
    return planned(statement, [key])[0][1:]


def _joins(columns: Sequence[Field]) -> tuple[Join, ...]:
    return tuple({each.join.alias: each.join for each in columns if each.join is not None}.values())


@lru_cache(maxsize=500)
def _statement(table: str, values: tuple[str, ...], joins: tuple[Join | None, ...], condition: str) -> str:
    query = sql.SQL("select r.id, r.public_id::text, {} from {} r{} where {}").format(
        sql.SQL(", ").join(map(sql.SQL, values)), sql.Identifier(table), joins_of(joins), sql.SQL(condition)
    )
    return query.as_string(None).replace("%%", "%")
