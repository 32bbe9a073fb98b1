"""Reading the trail: newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg import sql

from rapport.audit.classes import AuditClass
from rapport.audit.models import AuditEvent, AuditValue


@dataclass(frozen=True)
class TrailEntry:
    id: int
    at: datetime
    actor: str
    actor_id: str
    address: str
    what: str
    row_id: str
    reason: str
    is_sealed: bool
    is_erased: bool
    values: tuple[tuple[str, Any], ...]
    table: str = ""
    operation: str = ""


@dataclass(frozen=True)
class TrailPage:
    entries: tuple[TrailEntry, ...]
    before: int | None  # the id to ask the next page with


CHANGES, PROGRAMS = "changes", "programs"  # kinds that are no list of acts


@dataclass(frozen=True)
class TrailAsked:
    """What of the trail is wanted. `rows` (table → ids) and `ids` (what acts are about) narrow to one record together."""

    kind: str = ""
    acts: tuple[str, ...] = ()  # the acts of that kind
    actor_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    rows: Mapping[str, Sequence[int]] | None = None
    ids: Sequence[str] = ()
    before: int | None = None  # the last event that was seen
    size: int = 50


def trail(asked: TrailAsked) -> TrailPage:
    """The newest events that fit, newest first. Each way to narrow has an index that begins with it and ends in time."""
    with connection.cursor() as cursor:
        branches = [_branch(condition, asked, cursor) for condition in _conditions(asked)]
        if not branches:
            return TrailPage((), None)
        statement = sql.SQL("select distinct on (at, id) id from ({}) found order by at desc, id desc limit {}").format(
            sql.SQL(" union all ").join(branches), sql.Literal(asked.size + 1)
        )
        cursor.execute(statement, {"actor": asked.actor_id})
        found = [row[0] for row in cursor.fetchall()]
    shown = found[: asked.size]
    events = AuditEvent.objects.in_bulk(shown)
    values = {value.event_id: value for value in AuditValue.objects.filter(event__in=shown)}
    entries = tuple(_entry(events[each], values.get(each)) for each in shown)
    return TrailPage(entries, shown[-1] if len(found) > asked.size else None)


def _conditions(asked: TrailAsked) -> list[sql.Composable]:
    """Conditions, of which an event meets one; the newest of each are looked up by themselves."""
    kinds = _of_kind(asked)
    if asked.rows is None:
        return kinds
    of_kind = sql.SQL("({})").format(sql.SQL(" or ").join(kinds)) if kinds else sql.SQL("false")
    records: list[sql.Composable] = [
        sql.SQL("e.table_name = {} and e.row_id = any({}) and {}").format(
            sql.Literal(table), sql.Literal([str(each) for each in ids]), of_kind
        )
        for table, ids in asked.rows.items()
    ]
    if asked.ids:
        about = sql.SQL("e.table_name = '' and e.row_id = any({}) and {}")
        records.append(about.format(sql.Literal(list(asked.ids)), of_kind))
    return records


def _of_kind(asked: TrailAsked) -> list[sql.Composable]:
    if not asked.kind:
        return [sql.SQL("true")]
    if asked.kind == CHANGES:
        return [sql.SQL("e.table_name <> ''")]
    if asked.kind == PROGRAMS:  # whoever acts through a program is signed with its name in brackets
        return [sql.SQL("e.actor_label like '%%)' and e.actor_id like 'user:%%'")]
    return [sql.SQL("(e.table_name = '' and e.operation = {})").format(sql.Literal(act)) for act in asked.acts]


def _branch(condition: sql.Composable, asked: TrailAsked, cursor: Any) -> sql.Composed:
    parts = [condition]
    if asked.actor_id:
        parts.append(sql.SQL("e.actor_id = %(actor)s"))
    if asked.since is not None:
        parts.append(sql.SQL("e.at >= {}").format(sql.Literal(asked.since)))
    if asked.until is not None:
        parts.append(sql.SQL("e.at < {}").format(sql.Literal(asked.until)))
    if asked.before is not None:
        cursor.execute("select at from audit_event where id = %s", [asked.before])
        last = cursor.fetchone()
        place = (
            sql.SQL("(e.at, e.id) < ({}, {})").format(sql.Literal(last[0]), sql.Literal(asked.before)) if last else None
        )
        parts.append(place or sql.SQL("false"))
    # what a record has is little: found whole and then sorted, else the planner may walk all that happened since in its order
    found = "(select e.at, e.id from audit_event e where {} offset 0) e" if asked.rows is not None else "{}"
    whole = sql.SQL(found).format(sql.SQL(" and ").join(parts))
    source = whole if asked.rows is not None else sql.SQL("audit_event e where {}").format(whole)
    return sql.SQL("(select e.at, e.id from {} order by e.at desc, e.id desc limit {})").format(
        source, sql.Literal(asked.size + 1)
    )


def event_entry(number: int) -> TrailEntry | None:
    """One event by its number."""
    event = AuditEvent.objects.filter(pk=number).first()
    return _entry(event, AuditValue.objects.filter(event=event).first()) if event is not None else None


def audited_tables() -> list[str]:
    """Tables whose every change is in the trail."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if getattr(model, "audit_class", None) is AuditClass.AUDITED
    )


def _entry(event: AuditEvent, value: AuditValue | None) -> TrailEntry:
    values = (value.values or {}) if value is not None else {}
    return TrailEntry(
        id=event.pk,
        at=event.at,
        actor=event.actor_label,
        actor_id=event.actor_id,
        address=event.address,
        what=f"{event.operation} {event.table_name}".strip(),
        row_id=event.row_id,
        reason=event.reason,
        is_sealed=event.sealed_position is not None,
        is_erased=value is None or value.erased_at is not None,
        values=tuple((name, values[name]) for name in sorted(values)),
        table=event.table_name,
        operation=event.operation,
    )


_ABOUT = sql.SQL("""
select v.event_id from audit_value v join audit_event e on e.id = v.event_id
 where v.erased_at is null and v.values <> '{{}}' and ({})
""")
_OF_ROWS = _ABOUT.format(sql.SQL("e.table_name = %s and e.row_id = any(%s)"))
_OF_ACTS = _ABOUT.format(sql.SQL("e.table_name = '' and e.row_id = any(%s)"))
_MENTIONING = _ABOUT.format(sql.SQL("lower(v.values::text) like any(%s)"))


def events_about(*, rows: Mapping[str, Sequence[int]], ids: Sequence[str], mentioned: Sequence[str] = ()) -> list[int]:
    """Events of these rows (table → ids), acts about these public ids, and events whose values match a pattern."""
    asked: list[tuple[sql.Composed, list[Any]]] = [
        (_OF_ROWS, [table, [str(each) for each in of_table]]) for table, of_table in rows.items()
    ]
    asked += [(_OF_ACTS, [list(ids)]), (_MENTIONING, [list(mentioned)])]
    found: set[int] = set()
    with connection.cursor() as cursor:
        for statement, values in asked:
            cursor.execute(statement, values)
            found |= {row[0] for row in cursor.fetchall()}
    return sorted(found)


def entries_about(*, rows: Mapping[str, Sequence[int]], ids: Sequence[str]) -> list[TrailEntry]:
    """What the trail tells about these rows and public ids, oldest first."""
    found = AuditEvent.objects.filter(table_name="", row_id__in=list(ids))
    events = {event.pk: event for event in found}
    for table, of_table in rows.items():
        of_rows = AuditEvent.objects.filter(table_name=table, row_id__in=[str(each) for each in of_table])
        events |= {event.pk: event for event in of_rows}
    values = {value.event_id: value for value in AuditValue.objects.filter(event__in=list(events))}
    return [_entry(events[number], values.get(number)) for number in sorted(events)]


def inserted_since(table: str, key: sql.Composable, since: datetime) -> sql.Composed:
    """A condition: the row of `table` under `key` has come since then, as far as the trail tells."""
    return sql.SQL(
        "exists (select from audit_event e where e.table_name = {} and e.row_id = ({})::text and e.operation = 'insert'"
        " and e.at >= {})"
    ).format(sql.Literal(table), key, sql.Literal(since))
