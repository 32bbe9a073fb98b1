"""The tables of this room are about the staff, whose data is kept for their work and not as customers."""

from rapport.core.personal import Impersonal

_STAFF = "about the staff"
IMPERSONAL = (
    Impersonal("accounts_business", "about the business itself"),
    Impersonal("accounts_user", _STAFF),
    Impersonal("accounts_team", _STAFF),
    Impersonal("accounts_role", _STAFF),
    Impersonal("accounts_invitation", _STAFF),
    Impersonal("accounts_sharedvalue", "counts of attempts to sign in, by hashes; gone when they expire"),
    Impersonal("accounts_apitoken", _STAFF),
    Impersonal("accounts_apitokenhour", "counts of rows that programs fetched"),
    Impersonal(
        "accounts_apianswer",
        "answers to programs, sealed with a token of which only the hash is kept; gone after a day",
    ),
    Impersonal("accounts_share", "one of a few fixed words", ("record_kind",)),
    Impersonal("account_emailaddress", "not used"),
    Impersonal("account_emailconfirmation", "not used"),
    Impersonal("mfa_authenticator", _STAFF),
    Impersonal("auth_group", "not used"),
    Impersonal("auth_permission", "not used"),
    Impersonal("django_content_type", "names of tables"),
    Impersonal("django_migrations", "names of migrations"),
)
