"""How decisions about who is one customer are taken back by the toast and by the key u."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.identity.actions import UnableToSplit
from rapport.identity.bulk_deciding import UnableToUndo, take_back_links, take_back_nevers
from rapport.identity.noting import KEPT_APART, MERGED, SPLIT
from rapport.identity.permissions import MERGE
from rapport.records.command_log.noting import Undoable, Undoing, UndoRefused


def _undo_merged(undoing: Undoing) -> None:
    try:
        take_back_links(undoing.arguments["ids"], by=undoing.by, now=undoing.now)
    except (UnableToSplit, UnableToUndo) as refusal:
        raise UndoRefused(str(refusal)) from refusal


def _undo_kept_apart(undoing: Undoing) -> None:
    try:
        take_back_nevers(undoing.arguments["ids"], by=undoing.by, now=undoing.now)
    except UnableToUndo as refusal:
        raise UndoRefused(str(refusal)) from refusal


UNDOABLES = (
    Undoable(MERGED, _("Customers merged"), MERGE.name, undo=_undo_merged, works_alone=True),
    Undoable(KEPT_APART, _("Said to be two customers"), MERGE.name, undo=_undo_kept_apart, works_alone=True),
    Undoable(
        SPLIT, _("Customer taken apart"), MERGE.name,
        why_not=_("Merge them again to take it back; what was said of each since is then kept."),
    ),
)  # fmt: skip
