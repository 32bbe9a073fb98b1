"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import Eraser, HoldsFiles, Impersonal
from rapport.work.notifying import forget_notifications

HOLDS_FILES = (HoldsFiles("work_attachment", "digest"),)
_FIXED = "one of a few fixed words"
ERASERS = (Eraser("notifications", forget_notifications),)
IMPERSONAL = (
    Impersonal("work_follower", "fixed words, and who of the staff", ("record_kind",)),
    Impersonal("work_notification", "points at comments, tasks and shares and says nothing itself"),
    Impersonal(
        "work_task",
        "fixed words, and the day until which the staff is to do it",
        ("record_kind", "state", "due_on", "remind_field"),
    ),
    Impersonal("work_comment", _FIXED, ("record_kind",)),
    Impersonal("work_attachment", "fixed words, and the hash of the content", ("record_kind", "media_type", "digest")),
)
