"""Who may enter the views that allauth brings; a name that is not listed here stays closed."""

from __future__ import annotations

from django.urls import ResolverMatch

from rapport.accounts.access import PUBLIC, STAFF

AUDIENCES = {
    "account_login": PUBLIC,
    "account_logout": STAFF,
    "account_reauthenticate": STAFF,
    "account_change_password": STAFF,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "mfa_authenticate": PUBLIC,
    "mfa_login_webauthn": PUBLIC,
    "mfa_index": STAFF,
    "mfa_reauthenticate": STAFF,
    "mfa_activate_totp": STAFF,
    "mfa_deactivate_totp": STAFF,
    "mfa_generate_recovery_codes": STAFF,
    "mfa_view_recovery_codes": STAFF,
    "mfa_download_recovery_codes": STAFF,
    "mfa_list_webauthn": STAFF,
    "mfa_add_webauthn": STAFF,
    "mfa_remove_webauthn": STAFF,
    "mfa_edit_webauthn": STAFF,
    "mfa_reauthenticate_webauthn": STAFF,
}


def audience_of(match: ResolverMatch | None) -> str | None:
    return AUDIENCES.get(match.url_name or "") if match is not None else None
