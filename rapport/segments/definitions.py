"""What a segment asks: the filters of an address, who else is asked by them, and in which order segments are computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.accounts.queries import business_zone
from rapport.records.behaviors import Behavior, read_blanks
from rapport.records.filters.conditions import Node, Reader, parse_filters
from rapport.records.filters.text import Condition, Misspelled, Written, read_text
from rapport.records.layouts.sight import fields_of_everybody
from rapport.records.lists.querying import SAFE
from rapport.records.registry import Field, behaviors_of
from rapport.segments.models import Segment

CUSTOMER = "customer"
IN_SEGMENT = "in_segment"
LONGEST_DEFINITION = 6_000


class SegmentRefused(ValueError):
    """The segment cannot be like this; the message says why."""


@dataclass(frozen=True)
class Names:
    """What a definition names: fields, and segments by their public ids."""

    fields: frozenset[str]
    segments: frozenset[UUID]


def texts_of(definition: str) -> list[str]:
    """The filters of a definition, as they stand in an address."""
    return QueryDict(definition).getlist("filter")


def definition_of(texts: Sequence[str]) -> str:
    query = QueryDict(mutable=True)
    query.setlist("filter", list(texts))
    return query.urlencode(safe=SAFE)


@lru_cache(maxsize=2_000)
def names_in(definition: str) -> Names:
    """Read from the text alone, so that nothing has to exist."""
    found = [condition for text in texts_of(definition) for condition in _conditions(text)]
    asked = {each.field for each in found}
    asked |= {
        blank_name(each.field, blank) for each in found if _is_behavior(each) for blank in read_blanks(each.value)
    }
    return Names(
        frozenset(asked),
        frozenset(key for each in found if each.field == IN_SEGMENT for key in _keys(each.value)),
    )


def blank_name(field: str, blank: str) -> str:
    return f"{field}.{blank}"


def names_offered(fields: Mapping[str, Field]) -> frozenset[str]:
    """What may be named by who is offered these fields, with what their questions leave open."""
    blanks = (
        blank_name(name, blank.name)
        for name, field in fields.items()
        if isinstance(field.asks, Behavior)
        for blank in field.asks.blanks
    )
    return frozenset(fields) | frozenset(blanks)


def parse_definition(definition: str, *, now: datetime) -> tuple[Node, ...]:
    """What it asks of everybody today. Raises UnknownField where a field or a segment is not there any more."""
    reader = Reader(None, business_zone(), now)
    return parse_filters(texts_of(definition), fields=fields_of_everybody(CUSTOMER), reader=reader)


def named_beneath(segment: Segment, by_id: Mapping[UUID, Segment]) -> frozenset[str]:
    """Every field that it names, and that those name which it is made of."""
    return frozenset(name for each in _beneath(segment, by_id) for name in names_in(each.definition).fields)


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Each behind those it is made of."""
    wanted = sorted(segments, key=lambda each: each.pk)
    by_id = {each.public_id: each for each in wanted}
    ordered: dict[int, Segment] = {}
    for segment in wanted:
        for each in reversed(list(_beneath(segment, by_id))):
            _place(each, by_id, ordered, ())
    return list(ordered.values())


def depends_on(segment: Segment, segments: Iterable[Segment]) -> list[Segment]:
    """Those that are made of it, at any depth, in the order in which they are computed."""
    every = in_order(segments)
    by_id = {each.public_id: each for each in every}
    return [each for each in every if each != segment and segment in _beneath(each, by_id)]


def refuse_cycle(segment: Segment, definition: str, segments: Iterable[Segment]) -> None:
    """A segment cannot be made of itself, however many others lie between. The message names the way round."""
    by_id = {each.public_id: each for each in segments}
    way = _way_back(segment.public_id, names_in(definition).segments, by_id, ())
    if way is not None:
        words = " → ".join([segment.name, *(by_id[key].name for key in way), segment.name])
        raise SegmentRefused(_("A segment cannot be made of itself: %(way)s.") % {"way": words})


def _way_back(
    start: UUID, named: Iterable[UUID], by_id: Mapping[UUID, Segment], seen: tuple[UUID, ...]
) -> tuple[UUID, ...] | None:
    for key in named:
        if key == start:
            return seen
        if key in by_id and key not in seen:
            found = _way_back(start, names_in(by_id[key].definition).segments, by_id, (*seen, key))
            if found is not None:
                return found
    return None


def _beneath(segment: Segment, by_id: Mapping[UUID, Segment]) -> list[Segment]:
    """It and all that it is made of."""
    found, waiting = {segment.public_id: segment}, [segment]
    while waiting:
        for key in names_in(waiting.pop().definition).segments:
            if key in by_id and key not in found:
                found[key] = by_id[key]
                waiting.append(by_id[key])
    return list(found.values())


def _place(
    segment: Segment, by_id: Mapping[UUID, Segment], ordered: dict[int, Segment], above: tuple[int, ...]
) -> None:
    if segment.pk in ordered or segment.pk in above:
        return
    for key in sorted(names_in(segment.definition).segments):
        if key in by_id:
            _place(by_id[key], by_id, ordered, (*above, segment.pk))
    ordered[segment.pk] = segment


def _is_behavior(condition: Condition) -> bool:
    found = behaviors_of(CUSTOMER).get(condition.field)
    return found is not None and isinstance(found.asks, Behavior)


def _conditions(text: str) -> Iterator[Condition]:
    try:
        waiting: list[Written] = [read_text(text)]
    except Misspelled:
        return
    while waiting:
        each = waiting.pop()
        if isinstance(each, Condition):
            yield each
        else:
            waiting.extend(each.parts)


def _keys(value: str) -> Iterator[UUID]:
    for part in value.split(","):
        try:
            yield UUID(part.strip())
        except ValueError:
            continue
