"""What lies in the trash, bringing it back, and ending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from rapport.accounts.access import Grip, gripping, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.core.clock import utc_now
from rapport.records.api.reading import LARGEST_PAGE, USUAL_PAGE, Instant, count_fetched
from rapport.records.trash.declaring import Bin, Handling, TrashRefused, bins_of, purge_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

router = Router(tags=["trash"])
KindOfBin = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class TrashAsked(Schema):
    kind: KindOfBin = Described(examples=["customer"])
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class TrashedShown(Schema):
    id: UUID
    kind: str
    name: str
    note: str
    trashed_at: Instant


class TrashShown(Schema):
    """The newest of one kind; and whether there are more than these."""

    items: list[TrashedShown]
    has_more: bool


class RestoredShown(Schema):
    id: UUID
    kind: str


class PurgedShown(RestoredShown):
    """What is gone for good; there is no way back."""


@router.get("/trash", auth=Bearer(), response=TrashShown)
def list_trash(request: HttpRequest, asked: Query[TrashAsked]) -> TrashShown:
    """What of one kind lies in the trash, the newest first: customer, task, comment, file, and what rooms add."""
    user = staff_user(request)
    rows = _bin(user, asked.kind).rows(user, asked.limit + 1)
    count_fetched(request, min(len(rows), asked.limit))
    shown = [
        TrashedShown(
            id=each.public_id, kind=asked.kind, name=each.name, note=str(each.note), trashed_at=each.trashed_at
        )
        for each in rows[: asked.limit]
    ]
    return TrashShown(items=shown, has_more=len(rows) > asked.limit)


@router.post("/trash/{slug:kind}/{uuid:thing_id}/restore", auth=Bearer(), response=RestoredShown)
def restore_from_trash(request: HttpRequest, kind: Path[KindOfBin], thing_id: UUID) -> RestoredShown:
    """Bring something back from the trash."""
    user = staff_user(request)
    found = _bin_with(user, kind, thing_id)
    if found.restore_right and not user.has_right(found.restore_right):
        raise Problem(403, f"This needs the right {found.restore_right}.", kind="right-missing")
    _carry_out(found.restore, thing_id, request, grip=Grip.CHANGE, refused="not-restored")
    return RestoredShown(id=thing_id, kind=kind)


@router.delete("/trash/{slug:kind}/{uuid:thing_id}", auth=Bearer(), response=PurgedShown)
def purge_from_trash(request: HttpRequest, kind: Path[KindOfBin], thing_id: UUID) -> PurgedShown:
    """End a task, a comment or a file in the trash before its time, for good. Customers are ended by people alone."""
    user = staff_user(request)
    _bin_with(user, kind, thing_id)
    purge = purge_of(user, kind)
    if purge is None:
        raise Problem(403, "Such things cannot be ended with what this token may.", kind="right-missing")
    _carry_out(purge.purge, thing_id, request, grip=Grip.HOLD, refused="not-purged")
    return PurgedShown(id=thing_id, kind=kind)


def _bin_with(user: User, kind: str, thing_id: UUID) -> Bin:
    """The bin in which this person sees the thing lie; else a 404."""
    found = _bin(user, kind)
    if found.find(user, thing_id) is None:
        raise Http404
    return found


def _carry_out(
    act: Callable[[UUID, Handling], bool], thing_id: UUID, request: HttpRequest, *, grip: Grip, refused: str
) -> None:
    """Do it to what the person reaches with this grip; what she does not is as what there is not."""
    user = staff_user(request)
    try:
        with gripping(user, grip):
            is_done = act(thing_id, Handling(user, utc_now(), request))
    except TrashRefused as refusal:
        raise Problem(409, str(refusal), kind=refused) from refusal
    if not is_done:
        raise Http404


def _bin(user: User, kind: str) -> Bin:
    """A kind of which the token may see what lies in the trash; any other is as one that there is not."""
    found = next((each for each in bins_of(user) if each.kind == kind), None)
    if found is None:
        raise Http404
    return found
