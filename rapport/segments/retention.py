"""How long it is kept who entered and left segments."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from rapport.core.retention import Retained
from rapport.segments.models import Passage

_BATCH = 10_000


def _count(before: datetime) -> int:
    return Passage.objects.filter(at__lt=before).count()


def _remove(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from segments_passage where id = any(array("
            "select id from segments_passage where at < %s order by id limit %s))",
            [before, _BATCH],
        )
        return int(cursor.rowcount)


RETAINED = (
    Retained(
        "segment_passages", _("Who entered and left segments"), _("To see how segments change, and why"), 730,
        count=_count, remove=_remove, order=55,
    ),
)  # fmt: skip
