"""Whom a comment can name, and whom a task in one line: by @ and their name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from rapport.accounts.queries import active_staff
from rapport.records.record_kinds import FoundRecord
from rapport.work.notifying import can_see
from rapport.work.texts import mentions_in, names_of_nobody, pieces_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

OFFERED = 8


@dataclass(frozen=True)
class TaskLine:
    """A task in one line. `note` says why a name in it, which stays there, gives it to nobody."""

    title: str
    assignee: User
    note: str = ""


def read_task_line(line: str, *, by: User) -> TaskLine:
    """What is to do, and who does it: whom the line names with @, else who writes it."""
    people = {person.pk: person for person in active_staff()} if "@" in line else {}
    names = [(key, person.name) for key, person in people.items()]
    named, nobody = mentions_in(line, names), names_of_nobody(line, names)
    if len(named) > 1:
        return TaskLine(line, by, _("The task is yours: it names several people."))
    if not named:
        note = (
            _("The task is yours: @%(name)s is nobody’s name, or that of several.") % {"name": nobody[0]}
            if nobody
            else ""
        )
        return TaskLine(line, by, note)
    rest = "".join(piece.text for piece in pieces_of(line, names) if not piece.is_mention)
    return TaskLine(" ".join(rest.split()) or line, people[named[0]])


def people_to_name(record: FoundRecord, typed: str, *, without: User) -> list[User]:
    """At most eight, by name; everybody fits nothing typed."""
    return list(islice(_fitting(record, typed.casefold(), without), OFFERED))


def _fitting(record: FoundRecord, typed: str, without: User) -> Iterator[User]:
    for person in active_staff():
        words = person.name.casefold().split()
        begins = any(" ".join(words[place:]).startswith(typed) for place in range(len(words)))
        if person.pk != without.pk and begins and can_see(person, record):
            yield person
