"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import HoldsFiles, Impersonal

HOLDS_FILES = (HoldsFiles("work_attachment", "digest"),)
_FIXED = "one of a few fixed words"
IMPERSONAL = (
    Impersonal(
        "work_task", "fixed words, and the day until which the staff is to do it", ("record_kind", "state", "due_on")
    ),
    Impersonal("work_comment", _FIXED, ("record_kind",)),
    Impersonal("work_attachment", "fixed words, and the hash of the content", ("record_kind", "media_type", "digest")),
)
