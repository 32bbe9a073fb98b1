"""The tables of this room whose rows hang on a customer through a profile."""

from django.utils.translation import gettext_lazy as _

from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import ORDER
from rapport.core.owned import ByHand, OwnedTable

# an order of a source that has no profile of the customer hangs on one of another source, which says nothing
_NOT_OF_ITS_SOURCE = (
    "not exists (select from customers_profile p where p.id = t.profile_id and p.source_id = t.source_id)"
)

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
        by_hand=ByHand(
            _("Orders"),
            "t.external_id",
            where=f"t.import_id is null and {_NOT_OF_ITS_SOURCE}",
            right=VIEW.name,
            touchpoint_kinds=("order", "delivery"),
            record_kind=ORDER,
        ),
    ),
)
