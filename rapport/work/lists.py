"""The list of tasks: where it lies, who sees which rows, how it is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from rapport.records.lists.querying import ListedObject
from rapport.records.lists.sql import Part
from rapport.work.queries import TASK, visible_task_ids

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _gate(user: User) -> Part:
    """Who sees the record sees its tasks: the same condition as on every other page of theirs."""
    seen, arguments = visible_task_ids(user).query.sql_with_params()
    return sql.SQL("r.id in ({})").format(sql.SQL(seen)), list(arguments)


TASKS = ListedObject(
    name=TASK,
    table="work_task",
    base="r.trashed_at is null",
    gate=_gate,
    search="(strpos(lower(r.title), lower(%s)) > 0 or strpos(lower(r.text), lower(%s)) > 0)",
    default_sort="due_on",
)
