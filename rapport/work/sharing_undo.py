"""How sharing a record, and taking that back, are undone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.accounts import sharing
from rapport.accounts.access import Grip, gripping
from rapport.accounts.permissions import SHARE
from rapport.records.command_log.noting import Undoable, Undoing, changed_since, gone, plain
from rapport.records.record_kinds import on_visible_records, records_by_id


def _undo_shared(undoing: Undoing) -> None:
    with gripping(undoing.by, Grip.HOLD):
        found = sharing.shares().filter(on_visible_records(undoing.by), pk=undoing.arguments["share"]).first()
    if found is None:
        raise gone()
    if plain(found.shared_at) != undoing.arguments["shared_at"]:
        raise changed_since()
    if undoing.arguments["before"] is None:
        sharing.end_share(found, by=undoing.by, request=undoing.request)
    else:
        sharing.put_back(found, undoing.arguments["before"], by=undoing.by, request=undoing.request)


def _undo_unshared(undoing: Undoing) -> None:
    said = undoing.arguments["said"]
    key = said["record_id"] or said["customer_id"]
    with gripping(undoing.by, Grip.HOLD):
        if key not in records_by_id(undoing.by, said["record_kind"], [key]):
            raise gone()
    if sharing.shares().filter(pk=said["id"]).exists():
        raise changed_since()
    sharing.share_again(said, by=undoing.by, request=undoing.request)


SHARING = (
    Undoable(sharing.SHARED, _("Record shared"), SHARE.name, undo=_undo_shared),
    Undoable(sharing.UNSHARED, _("Sharing ended"), SHARE.name, undo=_undo_unshared),
)
