"""Erasing: out of every table, journal, file and audited value, in one transaction; what remains are hashes and amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from rapport.audit import actions as audit
from rapport.audit.queries import events_about
from rapport.core.needles import patterns
from rapport.core.owned import OwnedTable
from rapport.core.personal import Person, erasers, remove_unless_needed
from rapport.core.rooms import contributions
from rapport.customers.whole_person import source_names, still_said
from rapport.privacy.digests import EMAIL, PHONE, PUBLIC_ID, digest_of, key_of_source
from rapport.privacy.models import Suppression
from rapport.privacy.rows import files_of, parameters, places, with_rows

_DELETE = "delete from {table} t where {condition}"
_EMPTY = "update {table} t set {emptied} where {condition}"


@dataclass(frozen=True)
class Erased:
    """How many rows of which table went or were emptied, and the hashes that are kept: kind and digest."""

    counts: dict[str, int]
    suppressed: list[tuple[str, str]]


def digests_of(person: Person, *, key: bytes) -> list[str]:
    """What tells in a database of an older day that this is somebody who was erased."""
    return [digest_of(PUBLIC_ID, public_id, key=key) for public_id in person.public_ids]


def erase_person(person: Person, *, key: bytes, is_remembered: bool = True) -> Erased:
    """To be called inside `acting`, with her customers locked. One who is not remembered may come in again by a file."""
    person = with_rows(person)
    remembered = _remembered(person, key=key)
    counts: Counter[str] = Counter()
    remove_unless_needed([digest for digest, _name in files_of(person)])
    for eraser in erasers():
        counts.update(eraser.erase(person))
    with connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.bulk', 'on', true)")
        for place in places():
            cursor.execute(place.about(_DELETE if place.emptied is None else _EMPTY), parameters(person))
            counts[place.table] += int(cursor.rowcount)
        cursor.execute("select set_config('rapport.bulk', 'off', true)")
    ours = [(PUBLIC_ID, digest) for digest in digests_of(person, key=key)]
    suppressed = [*remembered, *_addresses(person, key=key), *ours] if is_remembered else []
    suppress(suppressed)
    counts["audit_value"] = audit.forget_values(
        events_about(rows=person.rows, ids=person.public_ids, mentioned=patterns(person.identifying))
    )
    return Erased({table: count for table, count in counts.items() if count}, sorted(set(suppressed)))


def suppress(hashes: Iterable[tuple[str, str]]) -> None:
    Suppression.objects.bulk_create(
        [Suppression(kind=kind, digest=digest) for kind, digest in sorted(set(hashes))], ignore_conflicts=True
    )


def _remembered(person: Person, *, key: bytes) -> list[tuple[str, str]]:
    """Kind and digest of the ids by which sources know her rows, for tables whose rows a file could bring again."""
    names, found = source_names(), []
    with connection.cursor() as cursor:
        for table in contributions("owned", "OWNED", OwnedTable):
            if not table.remembered:
                continue
            cursor.execute(
                sql.SQL("select source_id, {} from {} where {} = any(%s)").format(
                    sql.Identifier(table.remembered), sql.Identifier(table.table), sql.Identifier(table.key)
                ),
                [list(person.rows.get(table.table, ()))],
            )
            for source, value in cursor.fetchall():
                kind = key_of_source(table.table, names.get(source, ""))
                found.append((kind, digest_of(kind, str(value), key=key)))
    return found


def _addresses(person: Person, *, key: bytes) -> list[tuple[str, str]]:
    """Addresses that somebody else has too are not hers alone, and his to keep."""
    others = still_said(person.identifying)
    emails = [(EMAIL, digest_of(EMAIL, email, key=key)) for email in person.emails - others]
    return emails + [(PHONE, digest_of(PHONE, phone, key=key)) for phone in person.phones - others]
