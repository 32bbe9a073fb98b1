"""What imports and lists keep for a time only: refused rows, files, what undoing needs, deleted views."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from rapport.core.personal import remove_unless_needed
from rapport.core.retention import Retained
from rapport.records.bulk.models import BULK_UNDER_WAY, BulkRun, Selection
from rapport.records.models import Command, Import, ImportProblem, ImportState, SavedView

_BATCH = 10_000
_SELECTIONS = 100
_ENDED = (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED, ImportState.UNDONE)


def _count_refused(before: datetime) -> int:
    return ImportProblem.objects.filter(job__state__in=_ENDED, job__finished_at__lt=before).count()


def _remove_refused(before: datetime) -> int:
    old = ImportProblem.objects.filter(job__state__in=_ENDED, job__finished_at__lt=before)
    batch = list(old.values_list("pk", flat=True)[:_BATCH])
    return ImportProblem.objects.filter(pk__in=batch).delete()[0]


def _with_file(before: datetime) -> Q:
    forgotten = Q(state=ImportState.DRAFT, created_at__lt=before)
    return (Q(state__in=_ENDED, finished_at__lt=before) | forgotten) & ~Q(file_digest="")


def _count_files(before: datetime) -> int:
    return Import.objects.filter(_with_file(before)).count()


def _remove_files(before: datetime) -> int:
    """The import stays, with its counts; of a draft nothing stays."""
    batch = list(Import.objects.filter(_with_file(before)).order_by("pk")[:_BATCH])
    remove_unless_needed([job.file_digest for job in batch])
    drafts = [job.pk for job in batch if job.state == ImportState.DRAFT]
    Import.objects.filter(pk__in=drafts).delete()
    ended = Import.objects.filter(pk__in=[job.pk for job in batch]).exclude(pk__in=drafts)
    ended.update(file_digest="", looked={})
    return len(batch)


def _selections(before: datetime) -> QuerySet[Selection]:
    under_way = BulkRun.objects.filter(state__in=BULK_UNDER_WAY).values("selection_id")
    return Selection.objects.filter(made_at__lt=before).exclude(pk__in=under_way)


def _count_selections(before: datetime) -> int:
    return _selections(before).count()


def _remove_selections(before: datetime) -> int:
    """With what was done with them, row by row: then that can be undone no more."""
    batch = list(_selections(before).order_by("pk").values_list("pk", flat=True)[:_SELECTIONS])
    Selection.objects.filter(pk__in=batch).delete()
    return len(batch)


def _count_views(before: datetime) -> int:
    return SavedView.objects.filter(trashed_at__lt=before).count()


def _remove_views(before: datetime) -> int:
    batch = list(SavedView.objects.filter(trashed_at__lt=before).values_list("pk", flat=True)[:_SELECTIONS])
    SavedView.objects.filter(pk__in=batch).delete()
    return len(batch)


def _count_commands(before: datetime) -> int:
    return Command.objects.filter(done_at__lt=before).count()


def _remove_commands(before: datetime) -> int:
    batch = list(Command.objects.filter(done_at__lt=before).order_by("pk").values_list("pk", flat=True)[:_BATCH])
    return Command.objects.filter(pk__in=batch).delete()[0]


RETAINED = (
    Retained("refused-rows", _("Rows that imports refused"), _("To mend them and import them again"), 90,
             _count_refused, _remove_refused, order=30),
    Retained("import-files", _("Files that were imported"), _("To show where a value comes from"), 180,
             _count_files, _remove_files, order=40),
    Retained("selections", _("Selected rows, and what was done with them"), _("To undo what was done with many rows"), 30,
             _count_selections, _remove_selections, order=45),
    Retained("commands", _("What the staff did on the screens, and what undoing it needs"), _("To undo"), 30,
             _count_commands, _remove_commands, order=44),
    Retained("deleted-views", _("Deleted views of lists"), _("To restore them"), 30, _count_views, _remove_views, order=46),
)  # fmt: skip
