"""Sharing one record in the API: with whom it is shared, giving it to somebody, and taking that back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.accounts.permissions import SHARE
from rapport.accounts.queries import active_staff, business_zone, team_tree
from rapport.core.clock import end_of_day, utc_now
from rapport.records.api import Instant, Strict, Undoable, count_fetched, invalid, undo_of
from rapport.records.record_kinds import FoundRecord, find_record, record_kinds
from rapport.work.api_schemas import About, AboutShown, Kind
from rapport.work.sharing import UnableToShare, find_share, share_record, shares_of, stop_sharing
from rapport.work.sharing_forms import ShareForm

if TYPE_CHECKING:
    from rapport.accounts.models import Share, User
    from rapport.records.command_log.models import Command

router = Router(tags=["sharing"])


class SharesAsked(Schema):
    about_kind: Kind = Described("customer", description="customer, task, and what else can be shared.")
    about: UUID = Described(description="The id of the record.")


class NewShare(Strict):
    """With a colleague, or with a team and those below it."""

    about: About
    person: UUID | None = None
    team: UUID | None = None
    may: Literal["read", "edit"] = "read"
    until: date | None = Described(None, description="The last day; null: until somebody takes it back.")


class ShareShown(Undoable):
    id: UUID
    about: AboutShown
    person: UUID | None
    team: UUID | None
    may: Literal["read", "edit"]
    ends_at: Instant | None = Described(description="When it ends, or ended.")
    shared_by: UUID
    shared_at: Instant


@router.get("/shares", auth=Bearer(SHARE), response=list[ShareShown])
def list_shares(request: HttpRequest, asked: Query[SharesAsked]) -> list[ShareShown]:
    """With whom a record is shared, the newest first; those that are over stand there too."""
    record = _shareable(staff_user(request), asked.about_kind, asked.about)
    found = shares_of(record)
    count_fetched(request, len(found))
    return [_shown(each, record) for each in found]


@router.post("/shares", auth=Bearer(SHARE), response={201: ShareShown})
def share_one_record(request: HttpRequest, body: NewShare) -> ShareShown:
    """Let somebody, or a team, see or change one record; they are told. Said again, it counts anew."""
    user, now = staff_user(request), utc_now()
    record = _shareable(user, body.about.kind, body.about.id)
    if (body.person is None) == (body.team is None):
        raise invalid([{"name": "body.person", "message": "Name a person or a team."}])
    whom = f"person:{body.person}" if body.person is not None else f"team:{body.team}"
    form = ShareForm(
        {"whom": whom, "may": body.may, "until": body.until.isoformat() if body.until is not None else ""},
        people=active_staff(), teams=team_tree(), without=user, now=now,
    )  # fmt: skip
    if not form.is_valid():
        errors = form_errors(form.errors, within="body")
        named = "person" if body.person is not None else "team"
        raise invalid([each | {"name": each["name"].replace("body.whom", f"body.{named}")} for each in errors])
    ends_at = end_of_day(body.until, zone=business_zone()) if body.until is not None else None
    try:
        share, command = share_record(
            record, form.cleaned_data["whom"], may_edit=body.may == "edit", ends_at=ends_at, by=user, now=now,
            request=request,
        )  # fmt: skip
    except UnableToShare as refusal:
        raise Problem(409, str(refusal), kind="not-shared") from refusal
    return _shown(share, record, command)


@router.delete("/shares/{uuid:share_id}", auth=Bearer(SHARE), response=Undoable)
def end_share(request: HttpRequest, share_id: UUID) -> Undoable:
    """Take a share back."""
    user = staff_user(request)
    share, record = find_share(user, share_id)
    return Undoable(undo=undo_of(stop_sharing(share, record, by=user, now=utc_now(), request=request)))


def _shareable(user: User, kind: str, public_id: UUID) -> FoundRecord:
    """A record that `user` holds, of a kind that is shared one by one; else 404."""
    record = find_record(user, kind, public_id)
    if not record_kinds()[record.kind].is_shareable:
        raise Http404
    return record


def _shown(share: Share, record: FoundRecord, command: Command | None = None) -> ShareShown:
    return ShareShown(
        id=share.public_id,
        about=AboutShown(kind=record.kind, id=record.public_id),
        person=share.person.public_id if share.person is not None else None,
        team=share.team.public_id if share.team is not None else None,
        may="edit" if share.may_edit else "read",
        ends_at=share.ends_at,
        shared_by=share.shared_by.public_id,
        shared_at=share.shared_at,
        undo=undo_of(command),
    )
