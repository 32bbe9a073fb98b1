"""The named segments, and the map from recency and frequency bands to them that a business starts with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Segment(models.TextChoices):
    """Best to worst, the order in which pages list them."""

    CHAMPIONS = "champions", _("Champions")
    LOYAL = "loyal", _("Loyal")
    PROMISING = "promising", _("Promising")
    NEW = "new", _("New")
    NEEDS_ATTENTION = "needs_attention", _("Needs attention")
    AT_RISK = "at_risk", _("At risk")
    HIBERNATING = "hibernating", _("Hibernating")


NOT_YET = "not_yet"  # what the segment of a customer was before the first purchase
BANDS = (1, 2, 3, 4, 5)
MONETARY_CHOICES = [("average", _("Average purchase")), ("total", _("Total of purchases"))]
CHIP_LABELS = {Segment.CHAMPIONS: _("Champion")}
TONES = {
    Segment.CHAMPIONS: "good",
    Segment.LOYAL: "good",
    Segment.PROMISING: "accent",
    Segment.NEW: "accent",
    Segment.NEEDS_ATTENTION: "warn",
    Segment.AT_RISK: "bad",
    Segment.HIBERNATING: "plain",
}

_C, _L, _P, _N = Segment.CHAMPIONS, Segment.LOYAL, Segment.PROMISING, Segment.NEW
_A, _R, _H = Segment.NEEDS_ATTENTION, Segment.AT_RISK, Segment.HIBERNATING

# one row per frequency band, most frequent first; in each row recency bands 1 (long ago) to 5 (just now)
_MAP = {
    5: (_R, _R, _L, _C, _C),
    4: (_R, _R, _L, _L, _L),
    3: (_R, _R, _A, _P, _P),
    2: (_H, _H, _A, _P, _P),
    1: (_H, _H, _A, _N, _N),
}

DEFAULT_MAP: dict[tuple[int, int], str] = {
    (recency, frequency): row[recency - 1].value for frequency, row in _MAP.items() for recency in BANDS
}

# how far beyond the edge of a band somebody changes into another, in thousandths of a band: 200 are 4 % of all customers
DEFAULT_MARGINS = {"recency": 200, "frequency": 200}
