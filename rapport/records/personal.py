"""What imports and exports hold of a person, and how they forget her."""

from rapport.core.personal import Eraser, HoldsFiles, Impersonal, PersonalTable
from rapport.records.imports.forgetting import collect_copies, forget_person
from rapport.records.saved_views.forgetting import collect_views, forget_in_views

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
    Eraser("views of lists", forget_in_views, holds=(("records_savedview", ("name", "asked")),), collect=collect_views),
)
PERSONAL = (
    PersonalTable(
        "records_command",
        "t.customer_id = any(%(customers)s) or exists (select from jsonb_array_elements_text(t.arguments -> 'customers') c (id)"
        " where c.id::bigint = any(%(customers)s))",
        ("arguments",),
    ),
    PersonalTable(
        "records_bulkitem",
        "exists (select from records_bulkrun b join records_selection s on s.id = b.selection_id where b.id = t.run_id"
        " and s.object = 'customer' and (t.keys ->> 0)::bigint = any(%(customers)s))",
        ("undo", "wanted"),
        emptied={"undo": "'{}'", "wanted": "'{}'"},
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
    Impersonal("records_bulkitem", "ids of rows, and fixed words", ("keys", "state", "reason")),
    Impersonal("records_tag", "words that a business has for its records"),
    Impersonal("records_customfield", "how the business names fields of its own"),
    Impersonal("records_fieldlayout", "which fields a role sees"),
    Impersonal("records_command", "names of acts, of programs, and kinds of records", ("action", "record_kind", "through")),
    Impersonal("records_savedview", "the name of a list, and names of its fields", ("object", "columns")),
    Impersonal("records_listchoice", "names of lists and fields, and ids of views"),
    Impersonal("records_roleview", "names of lists, and ids of views"),
)  # fmt: skip
