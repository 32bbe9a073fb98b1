"""What can be done with many orders and products at once."""

from rapport.commerce.permissions import EDIT
from rapport.records.bulk.editing import edit_act, paste_act

BULK_ACTS = tuple(
    make(object_name, EDIT.name) for object_name in ("order", "product") for make in (edit_act, paste_act)
)
