"""Writes to segments: making, changing, deleting them, and putting customers into lists by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.customers.moving import hold_customer
from rapport.customers.queries import staff_profile_id_of
from rapport.records.registry import UnknownField
from rapport.segments.asking import ask_to_rebuild, note_changed
from rapport.segments.definitions import (
    LONGEST_DEFINITION,
    SegmentRefused,
    depends_on,
    parse_definition,
    refuse_cycle,
)
from rapport.segments.events import SegmentChanged, SegmentMade, SegmentTrashed
from rapport.segments.models import Pick, Segment, SegmentState

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_NAME = 80
MOST_SEGMENTS = 500
_ONE_DEFINES_AT_A_TIME = 7263107


def make_segment(
    name: str,
    *,
    by: Actor,
    now: datetime,
    definition: str = "",
    is_static: bool = False,
    note: str = "",
    made_by: User | None = None,
    request: HttpRequest | None = None,
) -> Segment:
    """Keep what the list of customers is asked as a segment, or begin a list that is filled by hand."""
    with acting(by, request, reason=SegmentMade.name), _defining():
        if Segment.objects.live().count() >= MOST_SEGMENTS:
            raise SegmentRefused(_("There are as many segments as there can be. Delete some first."))
        _check(definition, is_static=is_static, now=now)
        segment = Segment.objects.create(
            name=name,
            note=note,
            definition=definition,
            is_static=is_static,
            made_by=made_by,
            made_at=now,
            changed_at=now,
        )
        SegmentState.objects.create(segment=segment)
        publish(SegmentMade(segment.pk))
        ask_to_rebuild(segment.pk)
    return segment


def change_segment(
    segment: Segment,
    *,
    by: Actor,
    now: datetime,
    name: str | None = None,
    note: str | None = None,
    definition: str | None = None,
    request: HttpRequest | None = None,
) -> Segment:
    """Call it otherwise, or let it ask something else; what is not given stays."""
    with acting(by, request, reason=SegmentChanged.name), _defining():
        current = _held(segment)
        wanted = {"name": name, "note": note, "definition": definition}
        changes = {key: value for key, value in wanted.items() if value not in (None, getattr(current, key))}
        if not changes:
            return current
        if definition is not None and "definition" in changes:
            _check(definition, is_static=current.is_static, now=now)
            refuse_cycle(current, definition, Segment.objects.live())
            ask_to_rebuild(current.pk)
        for key, value in changes.items():
            setattr(current, key, value)
        current.version, current.changed_at = current.version + 1, now
        current.save(update_fields=[*changes, "version", "changed_at"])
        publish(SegmentChanged(current.pk, tuple(sorted(changes))))
    return current


def trash_segment(segment: Segment, *, by: Actor, now: datetime, request: HttpRequest | None = None) -> bool:
    """Into the trash, unless others are made of it. Says whether it was not there yet."""
    with acting(by, request, reason=SegmentTrashed.name), _defining():
        current = Segment.objects.select_for_update().get(pk=segment.pk)
        if current.trashed_at is not None:
            return False
        users = depends_on(current, Segment.objects.live())
        if users:
            names = ", ".join(each.name for each in users[:5])
            raise SegmentRefused(_("Other segments are made of it: %(names)s.") % {"names": names})
        Segment.objects.filter(pk=current.pk).update(trashed_at=now)
        publish(SegmentTrashed(current.pk))
    return True


def restore_segment(segment: Segment, *, by: Actor, now: datetime, request: HttpRequest | None = None) -> bool:
    """Out of the trash, if its name is still free. Says whether it was there."""
    with acting(by, request, reason=SegmentChanged.name), _defining():
        current = Segment.objects.select_for_update().get(pk=segment.pk)
        if current.trashed_at is None:
            return False
        refuse_cycle(current, current.definition, Segment.objects.live())
        Segment.objects.filter(pk=current.pk).update(trashed_at=None, changed_at=now)
        publish(SegmentChanged(current.pk, ("trashed_at",)))
        ask_to_rebuild(current.pk)
    return True


def put_into(
    segment: Segment, customer_ids: Sequence[int], *, by: User, now: datetime, request: HttpRequest | None = None
) -> set[int]:
    """Put customers into a list; says who was not in it. Whoever asks was let through to them."""
    with acting(by, request, reason="segments.put_into"):
        _static(segment)
        held = Pick.objects.filter(segment=segment, customer_id__in=customer_ids)
        missing = set(customer_ids) - set(held.values_list("customer_id", flat=True))
        for key in sorted(missing):
            current = hold_customer(key)
            profile = staff_profile_id_of(current.pk)
            if profile is None:
                missing.discard(key)
                continue
            Pick.objects.get_or_create(
                segment=segment, profile_id=profile,
                defaults={"customer_id": current.pk, "added_at": now, "added_by": by},
            )  # fmt: skip
        note_changed(missing)
    return missing


def take_out(
    segment: Segment, customer_ids: Sequence[int], *, by: User, now: datetime, request: HttpRequest | None = None
) -> set[int]:
    """Take customers out of a list; says who was in it."""
    with acting(by, request, reason="segments.take_out"):
        _static(segment)
        held = Pick.objects.filter(segment=segment, customer_id__in=customer_ids)
        found = set(held.values_list("customer_id", flat=True))
        held.delete()
        note_changed(found)
    return found


def _check(definition: str, *, is_static: bool, now: datetime) -> None:
    if is_static:
        if definition:
            raise SegmentRefused(_("A list that is filled by hand asks nothing."))
        return
    if not definition:
        raise SegmentRefused(_("Say whom the segment is to hold: a filter of the list of customers."))
    if len(definition) > LONGEST_DEFINITION:
        raise SegmentRefused(_("A segment can ask for less than that."))
    try:
        parse_definition(definition, now=now)
    except UnknownField as error:
        raise SegmentRefused(str(error)) from error


def _static(segment: Segment) -> None:
    if not Segment.objects.live().filter(pk=segment.pk, is_static=True).exists():
        raise SegmentRefused(_("Only a list that is filled by hand takes customers one by one."))


def _held(segment: Segment) -> Segment:
    found = Segment.objects.live().select_for_update().filter(pk=segment.pk).first()
    if found is None:
        raise SegmentRefused(_("The segment has been deleted."))
    return found


@contextmanager
def _defining() -> Iterator[None]:
    """One after the other, so that no two make a circle together; a name that is taken is said in words."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(%s)", [_ONE_DEFINES_AT_A_TIME])
            yield
    except IntegrityError as error:
        if "segments_segment_name" in str(error):
            raise SegmentRefused(_("There is a segment of this name already.")) from error
        raise
