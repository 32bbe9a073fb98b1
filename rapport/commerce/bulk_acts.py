"""What can be done with many orders and products at once."""

from rapport.commerce.permissions import EDIT
from rapport.records.bulk_editing import edit_act

BULK_ACTS = (edit_act("order", EDIT.name), edit_act("product", EDIT.name))
