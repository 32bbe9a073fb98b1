"""The tables of this room whose rows hang on a customer through a profile."""

from rapport.core.owned import OwnedTable

OWNED = (
    # with whom of the staff it is shared: it goes where the record goes, and stands in no undo's way
    OwnedTable("accounts_share", on_records=True, is_derived=True),
)
