"""Taking a person out of segments: out of their members, and out of what they are called and ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F

from rapport.core.personal import Person
from rapport.records.saved_views.forgetting import mentions
from rapport.segments.definitions import texts_of
from rapport.segments.models import Passage, Pending, Segment, SegmentMember, SegmentState

_NAMELESS = "…"


def collect_segments(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What she is in, since when, when she came and went, and where a segment names her."""
    members = SegmentMember.objects.filter(customer_id__in=person.customers).select_related("segment")
    passages = Passage.objects.filter(customer_id__in=person.customers).select_related("segment").order_by("pk")
    named = [{"segment_asks": text} for segment in _every_segment() for text in _said_of(segment, person)]
    found: dict[str, list[dict[str, Any]]] = {
        "segments": [{"segment": each.segment.name, "since": each.since.isoformat()} for each in members],
        "segments_entered_and_left": [
            {"segment": each.segment.name, "entered": each.has_entered, "at": each.at.isoformat()} for each in passages
        ],
        "segments_that_name_her": named,
    }
    return {name: rows for name, rows in found.items() if rows}


def forget_in_segments(person: Person) -> dict[str, int]:
    """A segment that names her asks nothing any more, rather than something else; it says so and keeps the others in it."""
    members = SegmentMember.objects.filter(customer_id__in=person.customers)
    for key in members.values_list("segment_id", flat=True):
        SegmentState.objects.filter(segment_id=key).update(member_count=F("member_count") - 1)
    counts = {
        "segments_segmentmember": members.delete()[0],
        "segments_passage": Passage.objects.filter(customer_id__in=person.customers).delete()[0],
        "segments_pending": Pending.objects.filter(customer_id__in=person.customers).delete()[0],
        "segments_segment": 0,
    }
    for segment in _every_segment():
        said = set(_said_of(segment, person))
        if not said:
            continue
        if segment.name in said:
            segment.name = f"{_NAMELESS} {segment.pk}"
        if segment.note in said:
            segment.note = ""
        if said & {segment.definition, *texts_of(segment.definition)}:
            segment.definition = ""
        segment.save(update_fields=["name", "note", "definition"])
        counts["segments_segment"] += 1
    return {table: count for table, count in counts.items() if count}


def _every_segment() -> Iterator[Segment]:
    return Segment.objects.order_by("pk").iterator()


def _said_of(segment: Segment, person: Person) -> list[str]:
    """Its name, its note and the parts of what it asks, where they mention her."""
    asked = texts_of(segment.definition) or [segment.definition]
    return [text for text in (segment.name, segment.note, *asked) if mentions(text, person)]
