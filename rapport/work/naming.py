"""Whom a comment can name: those whose name goes on as typed, and who may see what it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from rapport.accounts.queries import active_staff
from rapport.records.record_kinds import FoundRecord
from rapport.work.notifying import can_see

if TYPE_CHECKING:
    from rapport.accounts.models import User

OFFERED = 8


def people_to_name(record: FoundRecord, typed: str, *, without: User) -> list[User]:
    """At most eight, by name; everybody fits nothing typed."""
    return list(islice(_fitting(record, typed.casefold(), without), OFFERED))


def _fitting(record: FoundRecord, typed: str, without: User) -> Iterator[User]:
    for person in active_staff():
        words = person.name.casefold().split()
        begins = any(" ".join(words[place:]).startswith(typed) for place in range(len(words)))
        if person.pk != without.pk and begins and can_see(person, record):
            yield person
