"""Who is in a segment: one statement for all customers or for some, which notes who entered and who left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.core.events import publish
from rapport.customers.lists import EXPORTED_CUSTOMERS
from rapport.records.filters.conditions import Node, condition_of
from rapport.records.lists.sql import joins_of
from rapport.records.registry import UnknownField
from rapport.segments.definitions import parse_definition
from rapport.segments.events import MembersChanged
from rapport.segments.models import MemberBatch, Segment, SegmentMember, SegmentState

Part = tuple[sql.Composable, list[Any]]

# The members of before are compared by one full join, and taken out by their keys: what the server knows of how many there are
# may be older than a segment that has just been filled, and loops would be planned that take hours.
_MOVE = """
with differing as materialized (
    select found.id as comes, held.customer_id as goes
      from ({found}) found
      full join (select customer_id from segments_segmentmember held where held.segment_id = {segment}{held_among}) held
        on held.customer_id = found.id
     where found.id is null or held.customer_id is null),
gone as (
    delete from segments_segmentmember
     where segment_id = {segment} and customer_id = any(array(select goes from differing where goes is not null))
    returning customer_id),
come as (
    insert into segments_segmentmember (segment_id, customer_id, since)
    select {segment}, comes, {now} from differing where comes is not null
    on conflict do nothing
    returning customer_id),
batch as materialized (select nextval('segments_memberbatch_id_seq') as id),
moved as (
    insert into segments_passage (batch_id, segment_id, customer_id, has_entered, at)
    select batch.id, {segment}, passed.customer_id, passed.has_entered, {now}
      from (select customer_id, true as has_entered from come union all select customer_id, false from gone) passed, batch
    returning has_entered)
select (select id from batch), count(*) filter (where has_entered), count(*) filter (where not has_entered) from moved
"""


def compute(segment: Segment, *, now: datetime, only: Sequence[int] | None = None) -> MemberBatch | None:
    """Bring the members up to date, all of them or those among `only`, inside a transaction that acts.

    What cannot be asked any more, since a field has gone, leaves the members as they are and says so.
    """
    state = _held_state(segment)
    try:
        found = who_fits(segment, now=now, only=only)
    except UnknownField as error:
        state.problem = str(error)[:500]
        if only is None:  # asked as far as it can be: it is asked again tomorrow, or when it is changed
            state.computed_at, state.computed_version = now, segment.version
        state.save()
        return None
    batch_id, entered, left = _move(segment, found, now=now, only=only)
    state.member_count += entered - left
    state.problem = ""
    if only is None:
        state.member_count = SegmentMember.objects.filter(segment=segment).count()
        state.computed_at, state.computed_version = now, segment.version
    state.save()
    if not entered and not left:
        return None
    batch = MemberBatch.objects.create(
        pk=batch_id, segment=segment, at=now, entered=entered, left=left, member_count=state.member_count
    )
    publish(MembersChanged(segment.pk, batch_id, entered, left))
    return batch


def who_fits(segment: Segment, *, now: datetime, only: Sequence[int] | None) -> Part:
    """The query for the keys of all customers who fit. Raises UnknownField."""
    nodes = () if segment.is_static else parse_definition(segment.definition, now=now)
    if not segment.is_static and not nodes:
        raise UnknownField(_("It asks nothing any more."))
    parts: list[Part] = [(sql.SQL(EXPORTED_CUSTOMERS.base), [])]  # type: ignore[arg-type]
    if only is not None:
        parts.append((sql.SQL("r.id = any({})").format(sql.Placeholder()), [list(only)]))
    if segment.is_static:
        picked = "exists (select from segments_pick p where p.segment_id = {} and p.customer_id = r.id)"
        parts.append((sql.SQL(picked).format(sql.Placeholder()), [segment.pk]))
    parts += [condition_of(each, found_by=EXPORTED_CUSTOMERS.found_by, whole=only is None) for each in nodes]
    query = sql.SQL("select r.id from {table} r{joins} where {conditions}").format(
        table=sql.Identifier(EXPORTED_CUSTOMERS.table),
        joins=joins_of(condition.field.join for condition in _conditions(nodes)),
        conditions=sql.SQL(" and ").join(condition for condition, _arguments in parts),
    )
    return query, [argument for _condition, arguments in parts for argument in arguments]


def _conditions(nodes: Sequence[Node]):  # type: ignore[no-untyped-def]
    return (condition for node in nodes for condition in node.conditions)


def _held_state(segment: Segment) -> SegmentState:
    """The state, held until the transaction ends, so that no two compute the same segment at once."""
    SegmentState.objects.get_or_create(segment=segment)
    return SegmentState.objects.select_for_update().get(segment=segment)


def _move(segment: Segment, found: Part, *, now: datetime, only: Sequence[int] | None) -> tuple[int, int, int]:
    placeholder = sql.Placeholder()
    held_among = sql.SQL("") if only is None else sql.SQL(" and held.customer_id = any({})").format(placeholder)
    statement = sql.SQL(_MOVE).format(
        found=found[0], held_among=held_among, segment=sql.Literal(segment.pk), now=sql.Literal(now)
    )
    arguments = [*found[1], *([] if only is None else [list(only)])]
    with connection.cursor() as cursor:
        if only is None:  # the answers of a million customers are compared in memory
            cursor.execute("set local work_mem = '128MB'")
        cursor.execute(statement.as_string(connection.connection), arguments)
        batch_id, entered, left = cursor.fetchone()
    return batch_id, entered, left
