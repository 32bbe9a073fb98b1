"""The tables of this room whose rows hang on a customer through a profile."""

from rapport.core.owned import OwnedTable

OWNED = (
    OwnedTable("work_task", personal=("title", "text", "external_id")),
    OwnedTable("work_comment", personal=("text",)),
    OwnedTable("work_attachment", personal=("name",)),
)
