"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Act, Reason, TableWords

_PAIR = {
    "reason": _("Reason"), "made_at": _("Made"), "made_by": _("Made by"), "undone_at": _("Taken back"),
    "undone_by": _("Taken back by"),
}  # fmt: skip
_ENDS = ("one_id", "other_id", "keep_id", "undone_link_id")
TABLES = (
    TableWords(
        "identity_identifierrule",
        _("Rule of identity"),
        {
            "kind": _("Kind"), "priority": _("Priority"), "most_customers": _("Most customers"), "joins": _("Joins"),
            "typed_joins": _("Joins what staff type"),
        },
    ),
    TableWords("identity_blockedvalue", _("Value of nobody"), {"value": _("Value"), "note": _("Note")}),
    TableWords("identity_link", _("Merge"), _PAIR, left_out=_ENDS),
    TableWords("identity_neverpair", _("Two who are not the same"), _PAIR, left_out=_ENDS),
)  # fmt: skip
ACTS = (
    Act("customers merged", _("Customers merged")),
    Act("customer split", _("Customer split")),
    Act("merge taken back", _("Merge taken back")),
    Act("identity.resolve", _("Identity looked at again")),
)
REASONS = (
    Reason("identity.customers_merged", _("Customers merged")),
    Reason("identity.customers_split", _("Customer split")),
    Reason("identity.profiles_moved", _("Profiles moved")),
)
