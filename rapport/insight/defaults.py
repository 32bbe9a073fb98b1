"""The map of segments a business starts with; cells that were changed stay changed."""

from __future__ import annotations

from rapport.insight.models import GroupMargin, SegmentRule
from rapport.insight.rfm.segments import DEFAULT_MAP, DEFAULT_MARGINS


def write_defaults() -> None:
    SegmentRule.objects.bulk_create(
        [
            SegmentRule(recency_band=recency, frequency_band=frequency, segment=segment)
            for (recency, frequency), segment in DEFAULT_MAP.items()
        ],
        ignore_conflicts=True,
    )
    GroupMargin.objects.bulk_create(
        [GroupMargin(scale=scale, thousandths=margin) for scale, margin in DEFAULT_MARGINS.items()],
        ignore_conflicts=True,
    )
