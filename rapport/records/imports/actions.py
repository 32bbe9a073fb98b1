"""Writes to imports: begin with a file, answer, start, cancel. Running them is in running.py, taking back in undoing.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from rapport.accounts.queries import business
from rapport.audit import actions as audit
from rapport.core import files
from rapport.core.acting import SYSTEM, acting
from rapport.core.files import JUST_KEPT_SECONDS, StoredFile
from rapport.core.personal import is_needed
from rapport.records.imports.importing import importers
from rapport.records.imports.looking import SECONDS, Look
from rapport.records.imports.planning import Plan, make_plan
from rapport.records.imports.xlsx import forget_tables
from rapport.records.layouts.sight import hidden_names
from rapport.records.models import Import, ImportState

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_BYTES = 4 << 30
IMPORT_TASK, UNDO_TASK, FILE_TASK = "records.import", "records.undo_import", "records.remove_file"


class NotReady(ValueError):
    """The import cannot be started: questions about its file are open, or it has been started before."""


def begin_import(stored: StoredFile, *, file_name: str, by: User | None, now: datetime) -> Import:
    """Note a file that was kept; nothing of it is read yet."""
    return Import.objects.create(
        file_name=_plain_name(file_name), file_digest=stored.digest, file_size=stored.size, started_by=by,
        actor_label=by.actor_label if by else "system", created_at=now,
    )  # fmt: skip


def answer_import(job: Import, answers: Mapping[str, Any], *, by: User | None = None, seconds: float = SECONDS) -> Plan:
    """Keep these answers as the draft's and say what is still open. Raises NotReady once it is no draft any more.

    Fields that are hidden from whoever brought the file do not exist for it, nor those hidden from `by`, who answers now.
    """
    plan = _plan(job, answers, by=by, seconds=seconds)
    job.answers = dict(plan.answers)
    if plan.header is not None:
        job.answers |= {
            "header": list(plan.header.names),
            "delimiter": plan.header.delimiter,
            "first_line": plan.header.first_line,
        }
    job.answers.pop("dry_run", None)  # only start_import says whether it is one
    job.importer = plan.importer.name if plan.importer else ""
    if not _drafts(job).update(answers=job.answers, importer=job.importer):
        raise NotReady(_("This import has been started already."))
    return plan


def plan_of(job: Import) -> Plan:
    """The plan that follows from the answers given so far."""
    return _plan(job, job.answers, seconds=SECONDS)


def file_of(job: Import) -> StoredFile:
    return StoredFile(job.file_digest, job.file_size)


def _plan(job: Import, answers: Mapping[str, Any], *, by: User | None = None, seconds: float) -> Plan:
    """A file is looked through once for each thing that is to be found in it; that is kept with the draft."""
    look = Look({**job.looked}, seconds)
    hidden = partial(_hidden, job, by)
    answers = _without_what_was_hidden_since(job, answers, hidden)
    try:
        return make_plan(file_of(job).path, answers, suggestions=_suggestions(), look=look, hidden=hidden)
    finally:
        if look.kept != job.looked:
            job.looked = look.kept
            _drafts(job).update(looked=look.kept)


def _hidden(job: Import, by: User | None, object_name: str) -> frozenset[str]:
    """What the file must not fill. Whoever goes on with that of another leaves as it is what was answered before."""
    found = hidden_names(job.started_by, object_name) if job.started_by is not None else frozenset()
    if by is not None and by.pk != job.started_by_id:
        found |= hidden_names(by, object_name) - frozenset(job.answers.get("mapping", {}))
    return found


def _without_what_was_hidden_since(
    job: Import, answers: Mapping[str, Any], hidden: Callable[[str], frozenset[str]]
) -> Mapping[str, Any]:
    importer, before, given = importers().get(job.importer), job.answers.get("mapping"), answers.get("mapping")
    if importer is None or not before or not isinstance(given, Mapping):
        return answers
    gone = hidden(importer.object).intersection(before)
    return {**answers, "mapping": {name: place for name, place in given.items() if name not in gone}}


def start_import(job: Import, plan: Plan, *, by: User | None = None, dry_run: bool = False) -> None:
    """Put it in line, for `by` or for whoever brought the file. Raises NotReady where something must still be answered."""
    if plan.questions or plan.importer is None:
        raise NotReady(_("There are questions about the file that have no answer yet."))
    job.answers = {**job.answers, "dry_run": dry_run}
    changed = _drafts(job).update(
        state=ImportState.WAITING, answers=job.answers, importer=plan.importer.name, counts={}, failure="", progress=0,
        problem_count=0, asked_by=by or job.started_by,
    )  # fmt: skip
    if not changed:
        raise NotReady(_("This import has been started already."))
    job.refresh_from_db()


def queue_import(job: Import, *, in_seconds: int = 0) -> None:
    """Let a worker do it (or take it back, where that is what is under way); one that waits already is enough."""
    task = UNDO_TASK if job.state == ImportState.UNDOING else IMPORT_TASK
    try:
        with transaction.atomic():
            app.configure_task(
                task,
                queue="imports",
                queueing_lock=f"{task}:{job.pk}",
                schedule_in={"seconds": in_seconds} if in_seconds else None,
            ).defer(import_id=job.pk)
    except AlreadyEnqueued:
        return


def ask_for_undo(job: Import, *, by: User, request: HttpRequest | None = None) -> bool:
    """Have a worker take it back for `by`; it finds out itself whether something stands against it."""
    stopped = Import.objects.filter(pk=job.pk, state__in=(ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED))
    with acting(by, request):
        if not stopped.update(failure="", stage="undoing", asked_by=by):
            return False
        audit.record("import undo asked", by=by, request=request, about=str(job.public_id))
        app.configure_task(UNDO_TASK, queue="imports").defer(import_id=job.pk)
        return True


def discard_draft(job: Import) -> None:
    """Forget a file of which nothing was brought in."""
    drafts = Import.objects.filter(pk=job.pk, started_at=None, state__in=(ImportState.DRAFT, ImportState.FAILED))
    with transaction.atomic():
        if drafts.delete()[0]:
            later = app.configure_task(FILE_TASK, queue="imports", schedule_in={"seconds": 2 * JUST_KEPT_SECONDS})
            later.defer(digest=job.file_digest, size=job.file_size)


def remove_file(stored: StoredFile, *, now: datetime) -> bool:
    """Remove the file of discarded drafts, unless something names it: an import, or a record that carries the same file."""
    if not Import.objects.filter(file_digest=stored.digest).exists():
        forget_tables(stored.path)
    return not is_needed(stored.digest) and files.remove(stored, now=now.timestamp())


def note_failure(job: Import, words: str) -> None:
    """Keep with the draft what is wrong with its file; no words where it can be read."""
    _drafts(job).update(failure=words[:2000])
    job.failure = words[:2000]


def continue_import(job: Import, *, by: User | None = None, request: HttpRequest | None = None) -> bool:
    """Let an import that failed go on where it stopped; what it still does is signed by `by`."""
    failed = Import.objects.filter(pk=job.pk, state=ImportState.FAILED)
    with acting(by or SYSTEM, request):
        if not failed.update(state=ImportState.WAITING, failure="", asked_by=by, resumptions=0):
            return False
        audit.record("import continued", by=by or SYSTEM, request=request, about=str(job.public_id))
        return True


def cancel_import(job: Import, *, by: User, request: HttpRequest | None = None) -> bool:
    """Ask it to stop at the next chunk; says whether there was something to stop."""
    going = Import.objects.filter(pk=job.pk, state__in=(ImportState.WAITING, ImportState.RUNNING))
    with acting(by, request):
        if not going.update(state=ImportState.CANCELLING):
            return False
        audit.record("import cancelled", by=by, request=request, about=str(job.public_id))
        return True


def unfinished_twin(job: Import) -> Import | None:
    """An import of the same file with the same answers that was stopped half-way, to go on with."""
    said = {name: job.answers.get(name) for name in _COMPARED}
    stopped = (ImportState.WAITING, ImportState.RUNNING, ImportState.FAILED)
    twins = Import.objects.filter(
        file_digest=job.file_digest, importer=job.importer, started_by=job.started_by, state__in=stopped
    )
    for twin in twins.exclude(pk=job.pk).order_by(F("created_at").desc()):
        if {name: twin.answers.get(name) for name in _COMPARED} == said and not twin.answers.get("dry_run"):
            return twin
    return None


_COMPARED = ("encoding", "sheet", "mapping", "keep", "dates", "decimal", "currency", "time_zone", "source", "header")


def _drafts(job: Import) -> QuerySet[Import]:
    """This import as long as it is a draft: a request that comes late changes nothing of one that has been started."""
    return Import.objects.filter(pk=job.pk, state=ImportState.DRAFT)


def _suggestions() -> dict[str, str]:
    ours = business()
    return {"time_zone": ours.time_zone, "currency": ours.currency} if ours else {}


def _plain_name(name: str) -> str:
    plain = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return plain[:200] or "file"
