"""The tables of this room whose rows hang on a customer through a profile."""

from rapport.core.owned import OwnedTable

OWNED = (OwnedTable("commerce_order", personal=("external_id",)),)
