"""The tables of this room whose rows hang on a customer through a profile."""

from rapport.core.owned import OwnedTable
from rapport.customers.golden import TEXT_FIELDS

OWNED = (
    OwnedTable(
        "customers_profile",
        profile_column="id",
        personal=(*TEXT_FIELDS, "born_on", "external_id", "raw", "custom"),
        remembered="external_id",
    ),
    OwnedTable("customers_identifier", personal=("value_norm",)),
    OwnedTable("customers_touchpoint", personal=("summary",)),
    OwnedTable("customers_interaction", personal=("text",)),
    OwnedTable(
        "customers_contactpoint",
        personal=("value", "value_norm", "street", "postal_code", "city", "region", "country"),
    ),
    OwnedTable("customers_consent", personal=("proof", "wording")),
    OwnedTable("customers_restriction", personal=("note",)),
    OwnedTable("customers_consentrequest", personal=("sent_to",)),
    OwnedTable("customers_relationship", "from_profile_id", "from_customer_id", personal=("role",)),
    OwnedTable("customers_relationship", "to_profile_id", "to_customer_id", personal=("role",)),
)
