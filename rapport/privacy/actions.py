"""Writes of this room: have a person exported or erased, do it, and do it again after a restore."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpRequest
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from psycopg import sql

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, Actor, acting
from rapport.core.events import publish
from rapport.core.personal import Person, remove_unless_needed
from rapport.customers.whole_person import customers_before, lock_customers, whole_person
from rapport.privacy.digests import PUBLIC_ID, digest_of, matches_any, suppression_key
from rapport.privacy.erasing import digests_of, erase_person, suppress
from rapport.privacy.erasure_log import LogLine, read_lines, write_line
from rapport.privacy.events import CustomerErased
from rapport.privacy.exporting import as_of_one_moment, write_export
from rapport.privacy.models import Erasure, JobState, PersonExport
from rapport.records.imports.queries import imports_under_way

if TYPE_CHECKING:
    from rapport.accounts.models import User

EXPORT_TASK, ERASE_TASK, KEEP_TASK = "privacy.export", "privacy.erase", "privacy.keep_house"
EXPORTS_KEPT = timedelta(days=7)
REPLAYED_BY = "restore"


class ImportUnderWay(Exception):
    """A file is being brought in that may hold the person; the erasure waits until that is done."""


def ask_for_export(
    customer_id: int, *, public_id: str, by: User, now: datetime, request: HttpRequest | None = None
) -> PersonExport:
    """Have everything about the customer collected for `by`; a worker does it."""
    with acting(by, request):
        asked = PersonExport.objects.create(
            customer_id=customer_id, asked_by=by, asked_at=now, expires_at=now + EXPORTS_KEPT
        )
        audit.record(
            "person exported", by=by, request=request, about=public_id, values={"export": str(asked.public_id)}
        )
        app.configure_task(EXPORT_TASK, queue="privacy").defer(export_id=asked.pk)
    return asked


def build_export(asked: PersonExport, *, title: str, now: datetime) -> PersonExport:
    """Collect everything as it is in this moment, and keep it as a file."""
    PersonExport.objects.filter(pk=asked.pk).update(state=JobState.RUNNING)
    with as_of_one_moment():
        stored, rows = write_export(whole_person(asked.customer_id), title=title, now=now)
    PersonExport.objects.filter(pk=asked.pk).update(
        state=JobState.DONE, file_digest=stored.digest, file_size=stored.size, row_count=rows, done_at=now
    )
    asked.refresh_from_db()
    return asked


def note_failed_export(asked: PersonExport, words: str) -> None:
    PersonExport.objects.filter(pk=asked.pk).update(state=JobState.FAILED, failure=words[:500])


def note_download(asked: PersonExport, *, public_id: str, by: User, request: HttpRequest) -> None:
    audit.record(
        "person export downloaded", by=by, request=request, about=public_id, values={"export": str(asked.public_id)}
    )


def expired_exports(before: datetime) -> int:
    return PersonExport.objects.filter(expires_at__lte=before).count()


def remove_expired_exports(before: datetime) -> int:
    with transaction.atomic():
        old = PersonExport.objects.filter(expires_at__lte=before)
        remove_unless_needed(list(old.values_list("file_digest", flat=True)))
        return old.delete()[0]


def ask_for_erasure(
    customer_id: int, *, public_id: str, ground: str, by: User, now: datetime, request: HttpRequest | None = None
) -> Erasure:
    """Have the customer erased; a worker does it, and nobody can take it back. Asked twice it is done once."""
    with acting(by, request):
        lock_customers([customer_id])
        waiting = Erasure.objects.filter(customer_id=customer_id, done_at=None).exclude(state=JobState.FAILED).first()
        if waiting is not None:
            return waiting
        asked = Erasure.objects.create(
            customer_id=customer_id, ground=ground, asked_by=by, actor_label=by.actor_label, asked_at=now
        )
        audit.record("erasure asked", by=by, request=request, about=public_id, values={"erasure": str(asked.public_id)})
        app.configure_task(ERASE_TASK, queue="privacy").defer(erasure_id=asked.pk)
    return asked


def erase(asked: Erasure, *, by: Actor, now: datetime) -> Erasure:
    """Take the person out of everything. Raises ImportUnderWay while a file is being brought in."""
    if imports_under_way():
        raise ImportUnderWay
    if asked.done_at is None and asked.customer_id is not None:
        _erase_customer(asked.customer_id, asked, by=by, now=now)
        asked.refresh_from_db()
    return asked


def note_failed_erasure(asked: Erasure, words: str) -> None:
    Erasure.objects.filter(pk=asked.pk).update(state=JobState.FAILED, failure=words[:500])


def ask_for_house_keeping() -> None:
    """Apply the rules of retention now; once is enough."""
    try:
        with transaction.atomic():
            app.configure_task(KEEP_TASK, queue="privacy", queueing_lock=KEEP_TASK).defer(timestamp=0)
    except AlreadyEnqueued:
        return


def replay_erasures(*, now: datetime) -> int:
    """Erase again whom a restored database holds although the log beside it says that she was erased. Says how many."""
    lines = list(read_lines())
    if not lines:
        return 0
    key = suppression_key()
    with acting(SYSTEM):
        suppress((kind, digest) for line in lines for kind, digest in line.suppressed)
    wanted = {digest: line for line in lines for digest in line.digests}
    latest = max(datetime.fromisoformat(line.at) for line in lines)
    fits = matches_any(PUBLIC_ID, sql.SQL("c.public_id::text"), list(wanted), key=key)
    back: dict[str, tuple[LogLine, int]] = {}
    for number, public_id in customers_before(latest, fits):
        line = wanted[digest_of(PUBLIC_ID, public_id, key=key)]
        back[line.id] = (line, number)
    for line, number in back.values():
        _erase_customer(number, _again(line, now=now), by=SYSTEM, now=now)
    _note_missing(lines)
    return len(back)


def _erase_customer(customer_id: int, asked: Erasure, *, by: Actor, now: datetime) -> None:
    key = suppression_key()
    with acting(by, reason=CustomerErased.name):
        lock_customers(whole_person(customer_id).customers)
        person: Person = whole_person(customer_id)
        digests = digests_of(person, key=key)
        _forget_exports(person)
        erased = erase_person(person, key=key)
        if asked.replay_of is None and imports_under_way():
            raise ImportUnderWay  # one that began meanwhile has looked for the erased already, and not found her
        Erasure.objects.filter(pk=asked.pk).update(
            state=JobState.DONE, done_at=now, customer_id=None, digests=digests, counts=erased.counts, failure=""
        )
        audit.record("person erased", by=by, about=str(asked.public_id), values={"rows": sum(erased.counts.values())})
        publish(CustomerErased(asked.pk, person.customers, tuple(digests), person.public_ids))
        identity = str(asked.replay_of or asked.public_id)
        write_line(LogLine(identity, now.isoformat(), asked.ground, asked.actor_label, digests, erased.suppressed))


def _forget_exports(person: Person) -> None:
    exports = PersonExport.objects.filter(customer_id__in=person.customers)
    remove_unless_needed(list(exports.values_list("file_digest", flat=True)))
    exports.delete()


def _again(line: LogLine, *, now: datetime) -> Erasure:
    return Erasure.objects.create(
        ground=line.ground, actor_label=REPLAYED_BY, asked_at=now, digests=line.digests, replay_of=line.id
    )


def _note_missing(lines: list[LogLine]) -> None:
    """What was erased after the backup is in the log of the database again."""
    known = {str(public_id) for public_id in Erasure.objects.values_list("public_id", flat=True)}
    Erasure.objects.bulk_create(
        Erasure(
            public_id=line.id, ground=line.ground, actor_label=line.by, state=JobState.DONE, digests=line.digests,
            asked_at=datetime.fromisoformat(line.at), done_at=datetime.fromisoformat(line.at),
        )
        for line in lines if line.id not in known
    )  # fmt: skip
