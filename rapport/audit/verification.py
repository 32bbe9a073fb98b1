"""Whether the trail is whole: the chain unbroken, its noted heads still in it, every value as its digest says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

SHOWN = 20

_COUNTS = """
select count(*), count(sealed_position), coalesce(max(sealed_position), 0),
       (select count(*) from audit_value where erased_at is not null)
from audit_event
"""

_BROKEN_LINKS = """
select id, sealed_position, previous_position, material_fits from (
    select e.id, e.sealed_position, coalesce(lag(e.sealed_position) over chain, 0) as previous_position,
           e.sealed_hash = sha256(coalesce(lag(e.sealed_hash) over chain, ''::bytea)
               || convert_to(e.sealed_position::text || audit_material(e), 'UTF8')) as material_fits
    from audit_event e where e.sealed_position is not null
    window chain as (order by e.sealed_position)
) links
where previous_position <> sealed_position - 1 or material_fits is not true
order by sealed_position
"""

_BAD_VALUES = """
select e.id, v.event_id is null or v.values is null or v.salt is null
from audit_event e left join audit_value v on v.event_id = e.id
where v.event_id is null
   or v.erased_at is null and (v.values is null or v.salt is null
       or e.digest is distinct from sha256(v.salt || convert_to(v.values::text, 'UTF8')))
   or v.erased_at is not null and (v.values is not null or v.salt is not null)
order by e.id
"""

_FORGOTTEN = """
with gone as (select event_id::text as event from audit_value where erased_at is not null),
told as (select unnest(fields) as event from audit_event where table_name = 'audit_value' and operation = 'forget')
select coalesce(gone.event, told.event), told.event is null from gone full join told using (event)
where gone.event is null or told.event is null
order by length(coalesce(gone.event, told.event)), 1
"""


@dataclass
class Verification:
    """What was looked at, and the first findings; none means that the trail is whole."""

    events: int = 0
    sealed: int = 0
    erased: int = 0
    heads: int = 0
    finding_count: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.finding_count == 0

    def find(self, text: str) -> None:
        self.finding_count += 1
        if len(self.findings) < SHOWN:
            self.findings.append(text)


def verify(*, heads: Path) -> Verification:
    """Check the whole trail against itself and against the heads noted in `heads`, as of one moment."""
    result = Verification()
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(_COUNTS)
        result.events, result.sealed, last, result.erased = cursor.fetchone()
        _check_links(result)
        _check_heads(result, _noted(heads), last)
        _check_values(result)
    return result


def _check_links(result: Verification) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN_LINKS)
        for event, position, previous, fits in cursor.fetchall():
            missing = position - previous - 1
            if missing:
                result.find(f"{missing} event(s) removed before position {position} (event {event})")
            elif not fits:
                result.find(f"position {position} (event {event}) was altered, moved, or follows one that was")


def _check_heads(result: Verification, noted: list[tuple[int, str]], last: int) -> None:
    result.heads = len(noted)
    with connection.cursor() as cursor:
        cursor.execute(
            "select sealed_position, encode(sealed_hash, 'hex') from audit_event where sealed_position = any (%s)",
            [[position for position, _ in noted]],
        )
        present = dict(cursor.fetchall())
    for position, hash_ in noted:
        if position > last:
            result.find(f"the trail was cut off: it ends at position {last}, but position {position} was noted")
        elif present.get(position) != hash_:
            result.find(f"position {position} is not what was noted when it was sealed: the chain was rewritten")


def _check_values(result: Verification) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BAD_VALUES)
        for event, missing in cursor.fetchall():
            result.find(
                f"the values of event {event} are missing, and not by erasure"
                if missing
                else f"the values of event {event} are not those that were recorded"
            )
        cursor.execute(_FORGOTTEN)
        for event, untold in cursor.fetchall():
            result.find(
                f"the values of event {event} were erased, but the trail does not tell of it"
                if untold
                else f"the trail tells that the values of event {event} were erased, but they were not"
            )


def _noted(heads: Path) -> list[tuple[int, str]]:
    if not heads.exists():
        return []
    noted = []
    for line in heads.read_text(errors="replace").splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[0].isdigit():
            noted.append((int(parts[0]), parts[1]))
    return noted
