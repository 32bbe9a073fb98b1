"""The command log: what somebody did on a screen, how it is undone, and what cannot be undone and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.accounts.access import Grip, gripping
from rapport.core.acting import acting
from rapport.core.planned import ModelRow, as_json, planned
from rapport.core.rooms import contributions
from rapport.records.command_log.models import Command

if TYPE_CHECKING:
    from rapport.accounts.models import User

_ROW = ModelRow(Command, "c")
_WRITE = (
    sql.SQL(
        "insert into records_command as c (public_id, action, arguments, record_kind, record_id, customer_id, actor_id,"
        " through, done_at, expires_at) values (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9) returning {}"
    )
    .format(_ROW.columns)
    .as_string(None)
)
KEPT = timedelta(days=30)
REASON = "records.undone"


class UndoRefused(Exception):
    """Nothing was undone; the message says why, in words for whoever asked."""


@dataclass(frozen=True)
class Undoing:
    """An act that is to be undone: what was noted of it, who asks, and when."""

    arguments: Mapping[str, Any]
    by: User
    now: datetime
    request: HttpRequest | None = None


@dataclass(frozen=True)
class UndoProgress:
    """How far an undo is that takes its time, or how far it came, and the page that shows it."""

    done: int
    total: int
    is_under_way: bool
    url: str


@dataclass(frozen=True)
class Undoable:
    """What a room lists in undoable.UNDOABLES: an act by name, what it is called, and how it is undone.

    `undo` takes it back within the transaction around it, through what `by` may see, and raises UndoRefused where the row is
    not as the act left it. Without it there is no way back, and `why_not` says so, before the act and after it. An act that
    `works_alone` brings its own transactions; where its undo goes on after the answer, `progress` says of each of several
    such acts (by what was noted of them) how far that is. `about` names what several were done with that are about no one
    record: in words, and where that is shown.
    """

    name: str
    label: str | Promise
    right: str
    undo: Callable[[Undoing], None] | None = None
    why_not: str | Promise = ""
    works_alone: bool = False
    progress: Callable[[User, Sequence[Mapping[str, Any]]], Sequence[UndoProgress | None]] | None = None
    about: Callable[[User, Sequence[Mapping[str, Any]]], Sequence[tuple[str, str]]] | None = None

    def is_for(self, user: User) -> bool:
        return not self.right or user.has_right(self.right)


@cache
def undoables() -> dict[str, Undoable]:
    return {each.name: each for each in contributions("undoable", "UNDOABLES", Undoable)}


def note_command(
    action: str,
    arguments: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    record_kind: str = "",
    record_id: int | None = None,
    customer_id: int | None = None,
) -> Command:
    """Keep what was done, in the transaction that does it. The record is what the act is shown with."""
    if action not in undoables():
        raise LookupError(action)
    about = [action, as_json(plain(arguments)), record_kind, record_id, customer_id]
    return _ROW.read(planned(_WRITE, [*about, by.pk, by.through, now, now + KEPT])[0])


def note_beside(command: Command, others: Sequence[tuple[str, Mapping[str, Any]]], *, action: str) -> Command:
    """What was noted becomes one act with `others` that were done in the same breath; `action` undoes by `take_back_all`."""
    command.arguments = plain({"acts": [(command.action, command.arguments), *others]})
    command.action = action
    command.save(update_fields=["action", "arguments"])
    return command


def take_back_all(undoing: Undoing) -> None:
    """The last of what was done in one breath first; all of it or nothing."""
    for action, arguments in reversed(undoing.arguments["acts"]):
        act = undoables()[action]
        if act.undo is None or not act.is_for(undoing.by):
            raise UndoRefused(_("You may not do this any more."))
        act.undo(replace(undoing, arguments=arguments))


def undo_command(command: Command, *, by: User, now: datetime, request: HttpRequest | None = None) -> Undoable:
    """Take back what was done, once. Raises UndoRefused; nothing is changed then."""
    act = undoables().get(command.action)
    if act is not None and act.works_alone:
        _refuse(command, act, by=by, now=now)
        _take_back(act, Undoing(command.arguments, by, now, request))
        Command.objects.filter(pk=command.pk).update(undone_at=now)
        return act
    with acting(by, request, reason=REASON):
        current = Command.objects.select_for_update(of=("self",)).filter(pk=command.pk).first()
        if current is None or act is None:
            raise UndoRefused(_("What this needs to be undone is not kept any more."))
        _refuse(current, act, by=by, now=now)
        _take_back(act, Undoing(current.arguments, by, now, request))
        current.undone_at = now
        current.save(update_fields=["undone_at"])
    return act


def _refuse(command: Command, act: Undoable, *, by: User, now: datetime) -> None:
    if command.undone_at is not None:
        raise UndoRefused(_("This is undone already."))
    if act.undo is None:
        raise UndoRefused(str(act.why_not))
    if command.expires_at <= now:
        raise UndoRefused(_("What this needs to be undone is not kept any more."))
    if command.actor_id != by.pk or not act.is_for(by):
        raise UndoRefused(_("You may not do this any more."))


def _take_back(act: Undoable, undoing: Undoing) -> None:
    assert act.undo is not None
    with gripping(undoing.by, Grip.CHANGE):
        act.undo(undoing)


def last_command(user: User, *, now: datetime) -> Command | None:
    """One's newest act that is not undone; also one that cannot be, so that no older one is taken for it.

    What programs did for her in the meantime is not what she has just done.
    """
    kept = Command.objects.visible_to(user).filter(undone_at=None, expires_at__gt=now, through="")
    return kept.order_by("-pk").first()


def mark_undone(action: str, arguments: Mapping[str, Any], *, now: datetime) -> None:
    """What was taken back in another way than through the log counts as undone."""
    done = Command.objects.filter(action=action, arguments__contains=plain(arguments), undone_at=None)
    done.update(undone_at=now)


def progress_of(user: User, commands: Sequence[Command]) -> dict[int, UndoProgress]:
    """How far the undo of each is, by key: of those that were taken back, and take their time."""
    found: dict[int, UndoProgress] = {}
    for act in undoables().values():
        of_act = [each for each in commands if each.action == act.name and each.undone_at is not None]
        if act.progress is not None and of_act:
            told = zip(of_act, act.progress(user, [each.arguments for each in of_act]), strict=True)
            found |= {command.pk: progress for command, progress in told if progress is not None}
    return found


def named_without_record(user: User, commands: Sequence[Command]) -> dict[int, tuple[str, str]]:
    """What those acts that are about no one record were done with, and where that is shown, by key."""
    found: dict[int, tuple[str, str]] = {}
    for act in undoables().values():
        of_act = [each for each in commands if each.action == act.name]
        if act.about is not None and of_act:
            named = act.about(user, [each.arguments for each in of_act])
            found |= dict(zip([each.pk for each in of_act], named, strict=True))
    return found


def undo_url(command: Command | None) -> str:
    """Where a toast's Undo leads; nowhere where there is nothing to undo, or no way."""
    if command is None or undoables()[command.action].undo is None:
        return ""
    return reverse("change_undo", args=[command.public_id])


def why_not(action: str) -> str:
    """What is said before an act, and after it, that cannot be undone; nothing of one that can be."""
    return str(undoables()[action].why_not)


def gone() -> UndoRefused:
    return UndoRefused(_("What this was done with is not there any more, or you may not see it."))


def changed_since() -> UndoRefused:
    return UndoRefused(_("It was changed again since; to undo this would undo that too."))


def plain(value: Any) -> Any:
    """A value as JSON keeps it, instants to the microsecond."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
