"""Which rows somebody selected: always through what this person may see and the fields she may name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from django.db import connection
from django.http import QueryDict
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.core.rooms import contributions
from rapport.records.bulk.acts import MOST_ROWS, Keys, Selectable, UnableToAct
from rapport.records.bulk.models import Selection
from rapport.records.bulk.narrowing import narrowed_to
from rapport.records.exporting.lists import ExportedList, every_list
from rapport.records.lists.querying import ListedObject, read_request, whole_query
from rapport.ui.formats import number

if TYPE_CHECKING:
    from rapport.accounts.models import User


@cache
def selectables() -> dict[str, Selectable]:
    """Every list that can be had as a file, and whatever rooms add or say in another way."""
    of_lists = {each.name: selectable_list(each, each.of) for each in every_list().values()}
    return of_lists | {each.name: each for each in contributions("bulk_acts", "SELECTABLES", Selectable)}


def selectable_list(exported: ExportedList, of: Callable[[User], ListedObject]) -> Selectable:
    """A list whose rows are named by their public ids."""
    return Selectable(
        exported.name, exported.label, exported.right, exported.url_name, partial(_find, of), partial(_everything, of)
    )


def resolve(selectable: Selectable, selection: Selection, *, user: User) -> Sequence[Keys]:
    """The keys of what was selected, of those that `user` may see now. Raises UnknownField and UnableToAct."""
    if not selection.is_everything:
        return selectable.find(user, selection.rows)
    found = selectable.everything(user, selection.query, MOST_ROWS + 1)
    if len(found) > MOST_ROWS:
        words = _("At most %(count)s rows are treated at once. Narrow the list with a filter, and do it in parts.")
        raise UnableToAct(words % {"count": number(MOST_ROWS)})
    return found


def _find(of: Callable[[User], ListedObject], user: User, rows: Sequence[str]) -> list[Keys]:
    return _keys(narrowed_to(of(user), rows), "", user=user, at_most=len(rows))


def _everything(of: Callable[[User], ListedObject], user: User, query: str, at_most: int) -> list[Keys]:
    return _keys(of(user), query, user=user, at_most=at_most)


def _keys(of: ListedObject, query: str, *, user: User, at_most: int) -> list[Keys]:
    asked = QueryDict(query, mutable=True)
    asked.pop("after", None)
    whole, arguments = whole_query(read_request(asked, of, user=user), [])
    statement = sql.SQL(
        "select t.id from {} t where t.public_id in (select public_id from ({}) asked) order by t.id limit {}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(sql.Identifier(of.table), whole, at_most).as_string(connection.connection), arguments
        )
        return [(row[0],) for row in cursor.fetchall()]
