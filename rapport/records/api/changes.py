"""What the owner of a token did lately, by herself and by programs, and undoing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import find_or_404, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.core.clock import utc_now
from rapport.records.api.reading import LARGEST_PAGE, USUAL_PAGE, Instant, count_fetched, read_place, write_place
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import UndoProgress, UndoRefused, progress_of, undo_command, undoables
from rapport.records.record_kinds import FoundRecord, records_by_id

if TYPE_CHECKING:
    from rapport.accounts.models import User

router = Router(tags=["changes"])
_LIST = "changes"


class PlaceAsked(Schema):
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class RecordNamed(Schema):
    kind: str = Described(examples=["customer"])
    id: UUID


class UndoProgressShown(Schema):
    done: int
    total: int
    is_under_way: bool


class ChangeShown(Schema):
    """An act, what it was done with, and whether it can be taken back."""

    id: UUID
    action: str = Described(examples=["customers.said"])
    label: str = Described(examples=["Customer changed"])
    record: RecordNamed | None = Described(description="null where it is gone, or not to be seen (any more).")
    done_at: Instant
    undone_at: Instant | None
    through: str = Described(description="The name of the program that did it; empty where she did it herself.")
    can_be_undone: bool
    why_not: str = Described(description="Why there is no way back.")
    undo_progress: UndoProgressShown | None = Described(
        description="How far taking back many rows is, which goes on after the answer; null of any other change."
    )


class ChangesShown(Schema):
    items: list[ChangeShown]
    next: str | None


@router.get("/changes", auth=Bearer(), response=ChangesShown)
def list_changes(request: HttpRequest, asked: Query[PlaceAsked]) -> ChangesShown:
    """What the owner of the token did in the last 30 days, on the screens and by programs, the newest first: as far as the
    token was lent the rights for it."""
    user, now = staff_user(request), utc_now()
    acts = [name for name, act in undoables().items() if act.is_for(user)]
    found = Command.objects.visible_to(user).filter(expires_at__gt=now, action__in=acts)
    if asked.after:
        found = found.filter(pk__lt=read_place(asked.after, of=_LIST))
    commands = list(found.order_by("-pk")[: asked.limit + 1])
    shown = commands[: asked.limit]
    records, progress = _records_of(user, shown), progress_of(user, shown)
    count_fetched(request, len(shown))
    following = write_place(shown[-1].pk, of=_LIST) if len(commands) > asked.limit else None
    items = [_shown(each, records.get(each.pk), progress.get(each.pk)) for each in shown]
    return ChangesShown(items=items, next=following)


@router.post("/changes/{uuid:change_id}/undo", auth=Bearer(), response=ChangeShown)
def undo_change(request: HttpRequest, change_id: UUID) -> ChangeShown:
    """Take a change back; 409 says why it cannot be (any more)."""
    user = staff_user(request)
    command: Command = find_or_404(Command.objects, user, public_id=change_id)
    act = undoables().get(command.action)
    if act is not None and not act.is_for(user):
        raise Problem(403, f"This needs the right {act.right}.", kind="right-missing")
    try:
        undo_command(command, by=user, now=utc_now(), request=request)
    except UndoRefused as refusal:
        raise Problem(409, str(refusal), kind="not-undone") from refusal
    command.refresh_from_db()
    record, progress = _records_of(user, [command]), progress_of(user, [command])
    return _shown(command, record.get(command.pk), progress.get(command.pk))


def _records_of(user: User, commands: Sequence[Command]) -> Mapping[int, FoundRecord]:
    found: dict[int, FoundRecord] = {}
    for kind in {each.record_kind for each in commands if each.record_kind}:
        keys = {each.pk: each.record_id for each in commands if each.record_kind == kind and each.record_id is not None}
        records = records_by_id(user, kind, keys.values())
        found |= {pk: records[key] for pk, key in keys.items() if key in records}
    return found


def _shown(command: Command, record: FoundRecord | None, progress: UndoProgress | None) -> ChangeShown:
    act = undoables()[command.action]
    return ChangeShown(
        id=command.public_id,
        action=command.action,
        label=str(act.label),
        record=RecordNamed(kind=record.kind, id=record.public_id) if record is not None else None,
        done_at=command.done_at,
        undone_at=command.undone_at,
        through=command.through,
        can_be_undone=act.undo is not None and command.undone_at is None,
        why_not=str(act.why_not),
        undo_progress=UndoProgressShown(done=progress.done, total=progress.total, is_under_way=progress.is_under_way)
        if progress is not None
        else None,
    )
