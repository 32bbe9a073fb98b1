"""The tables of this room whose rows hang on a customer through a profile."""

from rapport.core.owned import OwnedTable
from rapport.customers.golden import TEXT_FIELDS

OWNED = (
    OwnedTable("customers_profile", profile_column="id", personal=(*TEXT_FIELDS, "born_on", "external_id", "raw")),
    OwnedTable("customers_identifier", personal=("value_norm",)),
    OwnedTable("customers_touchpoint", personal=("summary",)),
    OwnedTable("customers_interaction", personal=("text",)),
)
