"""Sharing one record with a colleague or a team, and telling them; the rows are those of the gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from rapport.accounts import sharing
from rapport.accounts.access import Grip, gripping
from rapport.core.acting import acting
from rapport.records.command_log.noting import note_command
from rapport.records.record_kinds import FoundRecord, on_visible_records, record_kinds, records_by_id
from rapport.work.actions import place_of
from rapport.work.notifying import tell_of_share

if TYPE_CHECKING:
    from rapport.accounts.models import Share, Team, User
    from rapport.records.command_log.models import Command

SHARED, UNSHARED = sharing.SHARED, sharing.UNSHARED


class UnableToShare(ValueError):
    """Nothing was shared; the message says why."""


def shares_of(record: FoundRecord) -> list[Share]:
    """With whom a record is shared, also those whose time is over, the newest first."""
    is_customer = record_kinds()[record.kind].is_customer
    return list(
        sharing.shares_at(
            {
                "record_kind": record.kind,
                "record_id": None if is_customer else record.id,
                "customer_id": record.customer_id,
            }
        )
    )


def find_share(user: User, public_id: UUID) -> tuple[Share, FoundRecord]:
    """A share of a record that `user` holds, and the record; else 404."""
    with gripping(user, Grip.HOLD):
        found = sharing.shares().filter(on_visible_records(user), public_id=public_id).select_related("person", "team")
        share = found.first()
        record = record_behind(user, share) if share is not None else None
    if share is None or record is None:
        raise Http404
    return share, record


def record_behind(user: User, share: Share) -> FoundRecord | None:
    key = share.record_id or share.customer_id or 0
    return records_by_id(user, share.record_kind, [key]).get(key)


def share_record(
    record: FoundRecord,
    whom: User | Team,
    *,
    may_edit: bool,
    ends_at: datetime | None,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> tuple[Share, Command]:
    """Let somebody, or a team with those below it, see or change one record; they are told. Raises UnableToShare."""
    kind = record_kinds()[record.kind]
    if not kind.is_shareable:
        raise UnableToShare(_("Such records cannot be shared one by one."))
    _refuse_needless(whom, kind.right, by=by)
    with acting(by, request, reason=SHARED):
        share, before = sharing.write_share(
            place_of(record), whom, may_edit=may_edit, ends_at=ends_at, by=by, now=now, request=request
        )
        tell_of_share(share.pk, record, sharing.people_behind(share), by=by, now=now)
        arguments = {"share": share.pk, "shared_at": share.shared_at, "before": before}
        return share, _note(SHARED, arguments, record, by=by, now=now)


def stop_sharing(
    share: Share, record: FoundRecord, *, by: User, now: datetime, request: HttpRequest | None = None
) -> Command | None:
    """Take a share back; nothing where somebody else was faster."""
    with acting(by, request, reason=UNSHARED):
        said = sharing.end_share(share, by=by, request=request)
        return _note(UNSHARED, {"said": said}, record, by=by, now=now) if said is not None else None


def _refuse_needless(whom: Any, right: str, *, by: User) -> None:
    if getattr(whom, "pk", None) == by.pk and type(whom) is type(by):
        raise UnableToShare(_("You see this already."))
    if hasattr(whom, "has_right") and not whom.has_right(right):
        raise UnableToShare(
            _("The role of %(name)s sees no such records; an administrator can change that.") % {"name": whom.name}
        )


def _note(action: str, arguments: Mapping[str, Any], record: FoundRecord, *, by: User, now: datetime) -> Command:
    return note_command(
        action, arguments, by=by, now=now, record_kind=record.kind, record_id=record.id, customer_id=record.customer_id
    )
