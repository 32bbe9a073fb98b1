"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import Eraser, Impersonal
from rapport.segments.forgetting import collect_segments, forget_in_segments

ERASERS = (
    Eraser(
        "segments", forget_in_segments, holds=(("segments_segment", ("name", "note", "definition")),),
        collect=collect_segments,
    ),
)  # fmt: skip
IMPERSONAL = (
    Impersonal("segments_segmentstate", "why all of a segment cannot be computed", ("problem",)),
    Impersonal("segments_memberbatch", "counts of all who are in a segment"),
)
