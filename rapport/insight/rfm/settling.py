"""Settling customers in RFM groups after a refresh: with a margin at the edges, set by set, and told once per set."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.csv
from django.db import connection
from ibis import ir

from rapport.core.acting import SYSTEM, acting
from rapport.core.events import publish
from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight import queries
from rapport.insight.actions import BACKGROUND
from rapport.insight.events import GroupsChanged
from rapport.insight.marts.segments import segments
from rapport.insight.marts.settled import settled
from rapport.insight.models import SettledGroup
from rapport.insight.reports import Reports, reports
from rapport.insight.rfm.segments import NOT_YET, Segment
from rapport.insight.warehouse.engine import SnapshotMissing

AT_ONCE = 1_000
SLIPS_WITHIN = timedelta(days=365)
_STATE = pa.schema(
    [("customer_id", pa.int64()), ("recency_band", pa.int64()), ("frequency_band", pa.int64()),
     ("segment", pa.string()), ("left_champions_on", pa.date32())]
)  # fmt: skip
_READ = (
    "copy (select customer_id, recency_band, frequency_band, segment, left_champions_on from insight_settledgroup)"
    " to stdout (format csv)"
)
_WRITE = """
insert into insight_settledgroup as held (customer_id, recency_band, frequency_band, segment, changed_on)
select *, %s::date from unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::text[])
    on conflict (customer_id) do update set
       recency_band = excluded.recency_band, frequency_band = excluded.frequency_band, segment = excluded.segment,
       changed_on = case when held.segment = excluded.segment then held.changed_on else excluded.changed_on end,
       left_champions_on = case
           when excluded.segment = 'champions' then null
           when held.segment = 'champions' then excluded.changed_on
           else held.left_champions_on end
"""
_FORGET = """
delete from insight_settledgroup held where not exists (select from insight_rfm r where r.customer_id = held.customer_id)
"""


def settle_newest() -> int | None:
    """Settle everybody as the newest numbers say; says how many changed groups, or nothing where there are no numbers."""
    snapshot, run = queries.current_snapshot(), queries.newest_run()
    if snapshot is None or run is None or run.snapshot_folder != snapshot.folder:
        return None
    try:
        with reports(snapshot, rules=queries.segment_rules(), engine=BACKGROUND) as answers:
            return settle_groups(answers, as_of=run.as_of)
    except SnapshotMissing:
        return None


def settle_groups(answers: Reports, *, as_of: date, at_once: int = AT_ONCE) -> int:
    """Write down who changed bands, and announce who changed groups by it; the first time nobody changed.

    In sets of a thousand, each a transaction with one event: what a kill leaves undone is found by the next refresh.
    """
    is_first = not SettledGroup.objects.exists()
    with acting(SYSTEM, reason=GroupsChanged.name), connection.cursor() as cursor:
        cursor.execute(_FORGET)
    changed = _changed(answers, as_of=as_of).to_pyarrow().to_pylist()
    changed.sort(key=lambda row: row["customer_id"])
    moved = 0
    for start in range(0, len(changed), at_once):
        chunk = changed[start : start + at_once]
        with acting(SYSTEM, reason=GroupsChanged.name):
            _write(chunk, as_of)
            event = _event(chunk, as_of)
            if event.moves and not is_first:
                publish(event)
                moved += sum(len(ids) for _before, _now, ids in event.moves)
    return moved


def _changed(answers: Reports, *, as_of: date) -> ir.Table:
    """Whose bands or group are not what is written down."""
    margins = queries.group_margins()
    held = ibis.memtable(_held())
    now = settled(
        answers.segmented(as_of=as_of), held, recency_margin=margins["recency"], frequency_margin=margins["frequency"]
    )
    named = segments(now, rules=answers.rules)
    restricted = restricted_ids()
    if restricted:
        named = named.filter(~named.customer_id.isin(restricted))
    before = held.select(
        held_id=held.customer_id, recency_held=held.recency_band, frequency_held=held.frequency_band,
        segment_held=held.segment, left_champions_on=held.left_champions_on,
    )  # fmt: skip
    joined = named.left_join(before, named.customer_id == before.held_id)
    differs = (
        joined.held_id.isnull()
        | (joined.recency_band != joined.recency_held)
        | (joined.frequency_band != joined.frequency_held)
        | (joined.segment != joined.segment_held)
    )
    wanted = ("customer_id", "recency_band", "frequency_band", "segment", "segment_held", "left_champions_on")
    return joined.filter(differs).select(*wanted)


def _held() -> pa.Table:
    """What is written down, as a table of the engine."""
    target = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(_READ) as copy:
        for block in copy:
            target.write(block)
    if not target.tell():
        return _STATE.empty_table()
    target.seek(0)
    return pyarrow.csv.read_csv(
        target,
        read_options=pyarrow.csv.ReadOptions(column_names=_STATE.names),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={field.name: field.type for field in _STATE}, null_values=[""], strings_can_be_null=True
        ),
    )


def _write(rows: Sequence[dict[str, Any]], as_of: date) -> None:
    columns = ("customer_id", "recency_band", "frequency_band", "segment")
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [as_of, *([row[name] for row in rows] for name in columns)])


def _event(rows: Sequence[dict[str, Any]], as_of: date) -> GroupsChanged:
    moves: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        before = row["segment_held"] or NOT_YET
        if before != row["segment"]:
            moves[before, row["segment"]].append(row["customer_id"])
    ordered = tuple((before, now, tuple(ids)) for (before, now), ids in sorted(moves.items()))
    return GroupsChanged(as_of.isoformat(), ordered, tuple(_slipped(rows, as_of)))


def _slipped(rows: Sequence[dict[str, Any]], as_of: date) -> Iterator[int]:
    """Those at risk now who were champions not long ago: few fall from the best group to that in one step."""
    for row in rows:
        left = as_of if row["segment_held"] == Segment.CHAMPIONS else row["left_champions_on"]
        has_come = row["segment"] == Segment.AT_RISK and row["segment_held"] not in (None, Segment.AT_RISK)
        if has_come and left is not None and as_of - left <= SLIPS_WITHIN:
            yield row["customer_id"]
