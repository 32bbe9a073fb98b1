"""What this room keeps for a time only: deleted reports and dashboards."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.core.retention import Retained
from rapport.insight.models import Dashboard, SavedReport

_BATCH = 100
_KEPT = (SavedReport, Dashboard)


def _count(before: datetime) -> int:
    return sum(each.objects.filter(trashed_at__lt=before).count() for each in _KEPT)


def _remove(before: datetime) -> int:
    removed = 0
    for each in _KEPT:
        batch = list(each.objects.filter(trashed_at__lt=before).values_list("pk", flat=True)[:_BATCH])
        each.objects.filter(pk__in=batch).delete()
        removed += len(batch)
    return removed


RETAINED = (
    Retained("deleted-reports", _("Deleted reports and dashboards"), _("To restore them"), 30, _count, _remove, order=47),
)  # fmt: skip
