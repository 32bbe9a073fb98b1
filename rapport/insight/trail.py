"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Act, TableWords

TABLES = (
    TableWords(
        "insight_segmentrule",
        _("Rule of a segment"),
        {"recency_band": _("Recency"), "frequency_band": _("Frequency"), "segment": _("Segment")},
    ),
)
ACTS = (Act("traits computed", _("Traits computed")),)
