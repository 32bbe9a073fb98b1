"""What the tables of this room hold of a person besides what hangs on her profiles."""

from rapport.core.personal import Impersonal, PersonalTable
from rapport.customers.golden import TEXT_FIELDS

PERSONAL = (
    PersonalTable(
        "customers_customer",
        belongs="t.id = any(%(customers)s)",
        personal=(*TEXT_FIELDS, "born_on", "custom", "provenance", "sort_key", "search", "tags", "tags_alone"),
    ),
    PersonalTable(
        "customers_standingaction", belongs="t.customer_id = any(%(customers)s)", personal=("rule",), key="customer_id"
    ),
)
_LABELS = "names and labels that the business gives its own settings"
IMPERSONAL = (
    Impersonal("customers_source", "names of systems that files come from"),
    Impersonal("customers_purpose", _LABELS),
    Impersonal("customers_standingrun", "counts of a whole pass"),
    Impersonal("customers_derivation", "counts of a whole pass, and who of the staff"),
    Impersonal("customers_fieldrule", _LABELS),
    Impersonal("customers_fieldpriority", _LABELS),
    Impersonal("customers_customer", "one of a few fixed words", ("kind",)),
    Impersonal("customers_profile", "one of a few fixed words", ("kind",)),
    Impersonal("customers_touchpoint", "one of a few fixed words", ("kind", "channel", "direction")),
    Impersonal("customers_interaction", "one of a few fixed words", ("kind",)),
    Impersonal("customers_contactpoint", "one of a few fixed words", ("kind", "label")),
    Impersonal("customers_relationship", "a fixed word, and when it began and ended", ("kind", "since", "until")),
    Impersonal("customers_consent", "fixed words, and who of the staff", ("purpose", "channel", "status", "origin", "recorded_by")),
    Impersonal("customers_restriction", "fixed words, and who of the staff", ("ground", "set_by", "lifted_by")),
    Impersonal("customers_actionanswer", "the name of a rule, and a fixed word", ("rule", "answer")),
    Impersonal(
        "customers_consentrequest", "fixed words, the question, the hash of a random token, and who of the staff",
        ("purpose", "channel", "wording", "token_hash", "asked_by"),
    ),
)  # fmt: skip
