"""A list with the selected rows alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import connection
from django.http import QueryDict
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.records.bulk.models import Selection
from rapport.records.lists.querying import ListedObject, read_request, whole_query
from rapport.records.registry import UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

SELECTION = "selection"


def narrowed_to(of: ListedObject, rows: Sequence[str]) -> ListedObject:
    """The list with these rows alone, named by their public ids; what is no id names nothing."""
    connection.ensure_connection()
    condition = sql.SQL("({} and r.public_id = any({}::uuid[]))").format(
        sql.SQL(of.base),  # type: ignore[arg-type]
        sql.Literal([str(each) for each in _uuids(rows)]),
    )
    return replace(of, base=condition.as_string(connection.connection))


def narrowed_to_selection(of: ListedObject, public_id: str, *, user: User) -> ListedObject:
    """The list with what `user` selected on it. Raises UnknownField for any other selection."""
    found = _uuids([public_id])
    selection = Selection.objects.visible_to(user).filter(object=of.name, public_id__in=found).first()
    if selection is None:
        raise UnknownField(_("What was selected is not known any more. Select it again."))
    return narrowed_to(of, selection.rows)


def seen_keys(of: ListedObject, keys: Sequence[int], *, user: User) -> list[int]:
    """Those of these rows that are in the list of `user` now."""
    connection.ensure_connection()
    condition = sql.SQL("({} and r.id = any({}::bigint[]))").format(
        sql.SQL(of.base),  # type: ignore[arg-type]
        sql.Literal(list(keys)),
    )
    narrowed = replace(of, base=condition.as_string(connection.connection))
    whole, arguments = whole_query(read_request(QueryDict(""), narrowed, user=user), [])
    statement = sql.SQL("select t.id from {} t where t.public_id in (select public_id from ({}) seen) order by t.id")
    with connection.cursor() as cursor:
        cursor.execute(statement.format(sql.Identifier(of.table), whole).as_string(connection.connection), arguments)
        return [row[0] for row in cursor.fetchall()]


def keys_by_id(of: ListedObject, rows: Sequence[str], *, user: User) -> dict[str, int]:
    """The keys of rows by their public ids, of those that are in the list of `user` now."""
    if not rows:
        return {}
    whole, arguments = whole_query(read_request(QueryDict(""), narrowed_to(of, rows), user=user), [])
    statement = sql.SQL("select t.public_id, t.id from {} t where t.public_id in (select public_id from ({}) seen)")
    with connection.cursor() as cursor:
        cursor.execute(statement.format(sql.Identifier(of.table), whole).as_string(connection.connection), arguments)
        return {str(public_id): key for public_id, key in cursor.fetchall()}


def _uuids(rows: Sequence[str]) -> list[uuid.UUID]:
    found = []
    for text in rows:
        with suppress(ValueError, AttributeError):
            found.append(uuid.UUID(text))
    return found
