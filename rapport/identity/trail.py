"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Act, ActWord, Reason, TableWords

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
WORDS = (ActWord("others"), ActWord("apart"), ActWord("strays", _("Rows without a customer")))
ACTS = (
    Act("customers merged", _("Customers merged")),
    Act("customer split", _("Customer split")),
    Act("merge taken back", _("Merge taken back")),
    Act("identity.resolve", _("Identity looked at again")),
)
REASONS = (
    Reason("identity.value_blocked", _("Value marked as nobody’s")),
    Reason("identity.value_unblocked", _("Value may join again")),
    Reason("identity.rule_changed", _("Rule of identity changed")),
    Reason("identity.kept_apart", _("Kept apart")),
    Reason("identity.kept_apart_undone", _("No longer kept apart")),
    Reason("identity.resolve", _("Identity looked at again")),
    Reason("identity.customers_merged", _("Customers merged")),
    Reason("identity.customers_split", _("Customer split")),
    Reason("identity.profiles_moved", _("Profiles moved")),
)
