"""How long it is kept who entered and left segments, and what lies in the trash."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.core.retention import Retained
from rapport.segments.models import MemberBatch, Passage, Pick, Segment, SegmentMember, SegmentState

_BATCH = 10_000


def _count_passages(before: datetime) -> int:
    return Passage.objects.filter(at__lt=before).count()


def _remove_passages(before: datetime) -> int:
    batch = list(Passage.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:_BATCH])
    return Passage.objects.filter(pk__in=batch).delete()[0]


def _count_trashed(before: datetime) -> int:
    return Segment.objects.filter(trashed_at__lt=before).count()


def _remove_trashed(before: datetime) -> int:
    """One segment with all that was kept of it."""
    found = Segment.objects.filter(trashed_at__lt=before).order_by("pk").first()
    if found is None:
        return 0
    for kept in (SegmentMember, Passage, MemberBatch, Pick, SegmentState):
        kept.objects.filter(segment=found).delete()
    found.delete()
    return 1


RETAINED = (
    Retained(
        "segment_passages", _("Who entered and left segments"), _("To see how segments change, and why"), 730,
        count=_count_passages, remove=_remove_passages, order=55,
    ),
    Retained(
        "segment_trash", _("Segments in the trash"), _("To bring them back"), 30,
        count=_count_trashed, remove=_remove_trashed, order=56,
    ),
)  # fmt: skip
