"""Tasks, comments and files as the API lists them: newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rapport.records.api import read_place, write_place
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work.models import Attachment, Comment, Task, TaskState
from rapport.work.queries import GIVEN, MINE, records_of

if TYPE_CHECKING:
    from rapport.accounts.models import User


def read_tasks(
    user: User, *, whose: str, state: str, about: tuple[str, UUID] | None, after: str, size: int
) -> tuple[list[Task], Mapping[int, FoundRecord], str | None]:
    """A page of tasks that `user` may see, the records they are about, and where the next page begins.

    Raises Http404 for a record that is not there, and a Problem for a place that this house did not write.
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
    shown, following = _page(found, of="tasks", after=after, size=size)
    return shown, records_of(user, shown), following


def read_comments(user: User, record: FoundRecord, *, after: str, size: int) -> tuple[list[Comment], str | None]:
    """A page of what was said about a record that somebody was let through to, as far as she may read it."""
    found = Comment.objects.on(record).visible_to(user).filter(trashed_at=None)
    return _page(found, of="comments", after=after, size=size)


def read_files(record: FoundRecord, *, after: str, size: int) -> tuple[list[Attachment], str | None]:
    """A page of the files on a record that somebody was let through to."""
    return _page(Attachment.objects.on(record).filter(trashed_at=None), of="files", after=after, size=size)


def _page(found: Any, *, of: str, after: str, size: int) -> tuple[list[Any], str | None]:
    if after:
        found = found.filter(pk__lt=read_place(after, of=of))
    rows = list(found.order_by("-pk")[: size + 1])
    shown = rows[:size]
    return shown, write_place(shown[-1].pk, of=of) if len(rows) > size else None
