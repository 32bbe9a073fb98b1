"""The tables of this room whose rows hang on a customer through a profile."""

from rapport.core.owned import OwnedTable

OWNED = (
    OwnedTable(
        "commerce_order",
        personal=("external_id", "custom"),
        # amounts stay, for the books; nothing leads from them to whoever bought
        emptied={
            "external_id": "'erased-' || gen_random_uuid()",
            "profile_id": "null",
            "customer_id": "null",
            "custom": "'{}'",
        },
        remembered="external_id",
    ),
)
