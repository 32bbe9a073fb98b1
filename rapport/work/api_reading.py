"""Tasks as the API lists them: newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing

from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work.models import Task, TaskState
from rapport.work.queries import GIVEN, MINE, records_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_SALT = "rapport.work.api_reading"


class UnknownPlace(ValueError):
    """The text is not a place in the list of tasks that this house wrote."""


def read_tasks(
    user: User, *, whose: str, state: str, about: tuple[str, UUID] | None, after: str, size: int
) -> tuple[list[Task], Mapping[int, FoundRecord], str | None]:
    """A page of tasks that `user` may see, the records they are about, and where the next page begins.

    Raises Http404 for a record that is not there, and UnknownPlace.
    """
    tasks = Task.objects.on(find_record(user, *about)) if about is not None else Task.objects.all()
    found = tasks.visible_to(user).select_related("assignee")
    if whose == MINE:
        found = found.filter(assignee=user)
    if whose == GIVEN:
        found = found.filter(created_by=user).exclude(assignee=user)
    if state == TaskState.OPEN:
        found = found.filter(state=TaskState.OPEN)
    elif state == "closed":
        found = found.exclude(state=TaskState.OPEN)
    if after:
        found = found.filter(pk__lt=_read_place(after))
    rows = list(found.order_by("-pk")[: size + 1])
    shown = rows[:size]
    following = signing.dumps(shown[-1].pk, salt=_SALT) if len(rows) > size else None
    return shown, records_of(user, shown), following


def _read_place(text: str) -> int:
    try:
        return int(signing.loads(text, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise UnknownPlace(text) from error
