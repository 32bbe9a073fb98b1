"""What imports and exports hold of a person, and how they forget her."""

from rapport.core.personal import Eraser, HoldsFiles, Impersonal
from rapport.records.forgetting import collect_copies, forget_person

HOLDS_FILES = (HoldsFiles("records_import", "file_digest"), HoldsFiles("records_export", "file_digest"))
ERASERS = (
    Eraser(
        "imports",
        forget_person,
        holds=(
            ("records_importproblem", ("column", "value", "reason", "row")),
            ("records_importundo", ("previous",)),
            ("records_import", ("file_name", "failure", "looked")),
            ("records_export", ("query", "file_name", "failure")),
            ("records_selection", ("query",)),
        ),
        collect=collect_copies,
    ),
)
_FIXED = "fixed words, counts and hashes"
IMPERSONAL = (
    Impersonal("records_import", "columns of a file, answers about it, and who of the staff asked",
               ("importer", "file_digest", "answers", "state", "stage", "counts", "actor_label")),
    Impersonal("records_importchunk", _FIXED),
    Impersonal("records_importproblem", _FIXED, ("code",)),
    Impersonal("records_importundo", "the name of a table", ("table_name",)),
    Impersonal("records_export", _FIXED, ("list_name", "columns", "file_format", "state", "file_digest")),
    Impersonal("records_selection", "ids of rows", ("object", "rows")),
    Impersonal("records_bulkrun", _FIXED),
    Impersonal("records_bulkitem", "ids of rows, and fixed words", ("keys", "state", "reason", "undo")),
    Impersonal("records_customfield", "how the business names fields of its own"),
    Impersonal("records_fieldlayout", "which fields a role sees"),
)  # fmt: skip
