"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import Impersonal, PersonalTable

_PAIR = "(t.one_id = any(%(profiles)s) or t.other_id = any(%(profiles)s))"
_STAFF = "who of the staff"
PERSONAL = (
    PersonalTable("identity_link", belongs=_PAIR, personal=("reason",)),
    PersonalTable("identity_neverpair", belongs=_PAIR, personal=("reason",)),
    PersonalTable(
        "identity_membership",
        belongs="(t.customer_id = any(%(customers)s) or t.home_id = any(%(customers)s))",
        personal=("kinds",),
    ),
    PersonalTable("identity_blockedvalue", belongs="lower(t.value) = any(%(addresses)s)", personal=("value", "note")),
)
IMPERSONAL = (
    Impersonal("identity_doubt", "one of a few fixed words", ("reason",)),
    Impersonal("identity_link", _STAFF, ("made_by", "undone_by")),
    Impersonal("identity_neverpair", _STAFF, ("made_by", "undone_by")),
)
