"""The tables of this room whose rows hang on a customer through a profile; all of them are computed."""

from rapport.core.owned import OwnedTable

OWNED = (
    OwnedTable("identity_doubt", "one_id", "one_customer_id", is_derived=True),
    OwnedTable("identity_doubt", "other_id", "other_customer_id", is_derived=True),
    OwnedTable("identity_sharedvalue", personal=("value_norm",), is_derived=True),
    OwnedTable("identity_saidbefore", personal=("said",), is_derived=True),
)
