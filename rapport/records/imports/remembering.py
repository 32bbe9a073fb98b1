"""What was answered for the newest import with the same columns is proposed for a file like it."""

from __future__ import annotations

from rapport.records.imports.actions import answer_import
from rapport.records.imports.importing import importers
from rapport.records.imports.planning import AnswerInvalid, Plan
from rapport.records.imports.problems import MARKS
from rapport.records.models import Import, ImportQuerySet, ImportState

AS_BEFORE = "as_before"
_TAKEN = ("preset", "mapping", "keep", "currency", "time_zone", "source")
_WHERE_OPEN = ("dates", "decimal")


def answer_as_before(job: Import, *, known: ImportQuerySet) -> Plan | None:
    """Take over what was answered for the newest of the known imports with these columns, rows to be mended included.

    How dates and numbers are written is asked of this file first: only where it does not tell, the answer is taken over.
    """
    earlier = _newest_alike(job, known)
    if earlier is None:
        return None
    options = [option.name for option in importers()[earlier.importer].options]
    taken = {name: earlier.answers[name] for name in (*_TAKEN, *options) if name in earlier.answers}
    try:
        plan = answer_import(job, {**job.answers, **taken, AS_BEFORE: earlier.pk})
        still_open = {question.name for question in plan.questions}.intersection(_WHERE_OPEN)
        told = {name: earlier.answers[name] for name in still_open if earlier.answers.get(name)}
        return answer_import(job, {**job.answers, **told}) if told else plan
    except AnswerInvalid:  # what was right then is not any more
        return None


def answered_like(job: Import, *, known: ImportQuerySet) -> Import | None:
    """The import whose answers were taken over."""
    return known.filter(pk=job.answers[AS_BEFORE]).first() if AS_BEFORE in job.answers else None


def _newest_alike(job: Import, known: ImportQuerySet) -> Import | None:
    columns = [name for name in job.answers.get("header", []) if name not in MARKS]
    headers = [columns, [*columns, *MARKS]]
    alike = known.filter(state=ImportState.DONE, importer__in=importers(), answers__header__in=headers)
    return alike.exclude(pk=job.pk).order_by("-pk").first() if columns else None
