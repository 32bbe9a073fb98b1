"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import Impersonal, PersonalTable

_PAIR = "(t.one_id = any(%(profiles)s) or t.other_id = any(%(profiles)s))"
# of one whose profiles are gone it is known by whose page went on
_MERGE = (
    f"({_PAIR} or t.keep_id = any(%(customers)s)"
    " and not exists (select from customers_profile p where p.id in (t.one_id, t.other_id)))"
)
# one that a merge of hers took back goes with the merge, whoever it is about
_NEVER = f"({_PAIR} or t.undone_link_id in (select t.id from identity_link t where {_MERGE}))"  # noqa: S608
_STAFF = "who of the staff"
PERSONAL = (
    PersonalTable("identity_neverpair", belongs=_NEVER, personal=("reason",)),
    PersonalTable("identity_link", belongs=_MERGE, personal=("reason",)),
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
