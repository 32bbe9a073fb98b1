"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import Impersonal, PersonalTable

PERSONAL = (
    PersonalTable(
        "commerce_orderline",
        belongs="t.order_id in (select o.id from commerce_order o where o.customer_id = any(%(customers)s))",
        personal=("description",),
        emptied={"description": "''"},
    ),
)
IMPERSONAL = (
    Impersonal("commerce_product", "what we sell"),
    Impersonal(
        "commerce_order",
        "fixed words, and the day that was promised; kept for the books",
        ("kind", "channel", "currency", "promised_on"),
    ),
)
