"""What the tables of this room and of the libraries beneath hold of a person."""

from rapport.core.personal import Eraser, HoldsFiles, Impersonal
from rapport.privacy.erasing_elsewhere import forget_in_libraries

HOLDS_FILES = (HoldsFiles("privacy_personexport", "file_digest"),)
ERASERS = (
    Eraser(
        "jobs and sessions",
        forget_in_libraries,
        holds=(("procrastinate_jobs", ("args", "queueing_lock", "lock")), ("django_session", ("session_data",))),
    ),
    # the values behind the trail go one by one, after everything else; the chain over their digests stays
    Eraser("trail", lambda person: {}, holds=(("audit_value", ("values", "salt")),)),
)
_WORDS = "fixed words, digests and counts"
IMPERSONAL = (
    Impersonal("privacy_erasure", _WORDS),
    Impersonal("privacy_suppression", "keyed hashes"),
    Impersonal("privacy_retentionrule", "names of rules"),
    Impersonal("privacy_retentionrun", "names of rules"),
    Impersonal("privacy_personexport", "fixed words and a digest; the row goes with the person"),
    Impersonal("audit_event", "who of the staff did what to which row; digests", ()),
    Impersonal("procrastinate_jobs", "names of tasks", ("queue_name", "task_name")),
    Impersonal("procrastinate_events", _WORDS),
    Impersonal("procrastinate_workers", _WORDS),
    Impersonal("procrastinate_periodic_defers", "names of tasks"),
    Impersonal("django_session", "random keys", ("session_key",)),
    Impersonal("demo_demobuild", "days"),
)
