"""How what is done to segments is undone."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from rapport.customers.queries import customers_by_id
from rapport.records.command_log.noting import Undoable, Undoing, UndoRefused, changed_since, gone
from rapport.segments import noting
from rapport.segments.actions import change_segment, put_into, restore_segment, take_out, trash_segment
from rapport.segments.definitions import SegmentRefused
from rapport.segments.models import Segment
from rapport.segments.permissions import MAKE
from rapport.segments.queries import segments_in_trash, segments_seen_by


def _held(undoing: Undoing, *, is_trashed: bool = False) -> Segment:
    """The segment as the act left it, of those that whoever asks may know of."""
    known = segments_in_trash(undoing.by) if is_trashed else segments_seen_by(undoing.by)
    found = next((each for each in known if each.pk == undoing.arguments["segment"]), None)
    if found is None:
        raise gone()
    current = Segment.objects.select_for_update().get(pk=found.pk)
    if current.version != undoing.arguments.get("version", current.version):
        raise changed_since()
    return current


def _or_refuse(act: Callable[[], object]) -> None:
    try:
        done = act()
    except SegmentRefused as refusal:
        raise UndoRefused(str(refusal)) from refusal
    if not done:
        raise gone()


def _undo_made(undoing: Undoing) -> None:
    """Into the trash, so that what was built is not lost."""
    held = _held(undoing)
    _or_refuse(lambda: trash_segment(held, by=undoing.by, now=undoing.now, request=undoing.request))


def _undo_changed(undoing: Undoing) -> None:
    held, before = _held(undoing), undoing.arguments["before"]
    _or_refuse(lambda: change_segment(held, **before, by=undoing.by, now=undoing.now, request=undoing.request))


def _undo_trashed(undoing: Undoing) -> None:
    held = _held(undoing, is_trashed=True)
    _or_refuse(lambda: restore_segment(held, by=undoing.by, now=undoing.now, request=undoing.request))


def _undo_put(undoing: Undoing) -> None:
    held, customer = _held(undoing), _customer(undoing)
    _or_refuse(lambda: take_out(held, [customer], by=undoing.by, now=undoing.now, request=undoing.request))


def _undo_taken(undoing: Undoing) -> None:
    held, customer = _held(undoing), _customer(undoing)
    _or_refuse(lambda: put_into(held, [customer], by=undoing.by, now=undoing.now, request=undoing.request))


def _customer(undoing: Undoing) -> int:
    key = int(undoing.arguments["customer"])
    if key not in customers_by_id(undoing.by, [key]):
        raise gone()
    return key


UNDOABLES = (
    Undoable(noting.MADE, _("Segment made"), MAKE.name, _undo_made),
    Undoable(noting.CHANGED, _("Segment changed"), MAKE.name, _undo_changed),
    Undoable(noting.TRASHED, _("Segment put into the trash"), MAKE.name, _undo_trashed),
    Undoable(noting.PUT, _("Put into a list"), MAKE.name, _undo_put),
    Undoable(noting.TAKEN, _("Taken out of a list"), MAKE.name, _undo_taken),
)
