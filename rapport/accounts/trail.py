"""What the trail calls what this room writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Role, Team, User
from rapport.audit.reading import DENIALS, PROGRAMS, SIGN_INS, Act, ActWord, Reason, RowNames, TableWords


def _people(_user: Any, ids: Collection[int]) -> Mapping[int, str]:
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))


def _roles(_user: Any, ids: Collection[int]) -> Mapping[int, str]:
    return dict(Role.objects.filter(pk__in=ids).values_list("pk", "name"))


def _teams(_user: Any, ids: Collection[int]) -> Mapping[int, str]:
    return dict(Team.objects.filter(pk__in=ids).values_list("pk", "name"))


NAMES = (
    RowNames("accounts_user", _people),
    RowNames("accounts_role", _roles),
    RowNames("accounts_team", _teams),
)
TABLES = (
    TableWords(
        "accounts_business",
        _("Business"),
        {"name": _("Name"), "time_zone": _("Time zone"), "currency": _("Currency"), "set_up_at": _("Set up")},
    ),
    TableWords("accounts_team", _("Team"), {"name": _("Name"), "parent_id": _("Belongs to")}),
    TableWords("accounts_role", _("Role"), {"name": _("Name"), "scope": _("Reaches"), "rights": _("Rights")}),
    TableWords(
        "accounts_user",
        _("Member of the staff"),
        {
            "email": _("E-mail"), "name": _("Name"), "role_id": _("Role"), "team_id": _("Team"), "is_active": _("Active"),
            "times_deactivated": _("Times deactivated"), "time_zone": _("Time zone"),
            "has_keyboard_keys": _("Keyboard shortcuts"), "joined_at": _("Joined"),
            "reset_asked_at": _("Asked for a new password"),
        },
        left_out=("password", "last_login"),
    ),
    TableWords(
        "accounts_invitation",
        _("Invitation"),
        {
            "email": _("E-mail"), "name": _("Name"), "role_id": _("Role"), "team_id": _("Team"),
            "invited_by_id": _("Invited by"), "invited_at": _("Invited"), "expires_at": _("Open until"),
            "accepted_at": _("Accepted"),
        },
    ),
    TableWords(
        "accounts_share",
        _("Share"),
        {
            "record_kind": _("Of"), "customer_id": _("Customer"), "person_id": _("With"), "team_id": _("With the team"),
            "may_edit": _("May change it"), "ends_at": _("Until"), "shared_by_id": _("Shared by"),
            "shared_at": _("Shared"),
        },
        left_out=("record_id", "profile_id"),
    ),
    TableWords(
        "accounts_apitoken",
        _("Token of a program"),
        {
            "name": _("Name"), "owner_id": _("Owner"), "rights": _("Rights"), "rows_an_hour": _("Rows an hour"),
            "made_at": _("Made"), "expires_at": _("Good until"), "ended_at": _("Ended"),
        },
    ),
)  # fmt: skip
WORDS = (ActWord("email", _("E-mail")), ActWord("method", _("Asked as")), ActWord("path", _("Address")))
ACTS = (
    Act("sign-in", _("Signed in"), SIGN_INS),
    Act("failed sign-in", _("Sign-in failed"), SIGN_INS),
    Act("sign-out", _("Signed out"), SIGN_INS),
    Act("joined", _("Joined"), SIGN_INS),
    Act("password changed", _("Password changed"), SIGN_INS),
    Act("password link made", _("Link for a new password made"), SIGN_INS),
    *(
        Act(f"two-factor: {name}", label, SIGN_INS)
        for name, label in (
            ("totp activated", _("Authenticator app set up")),
            ("totp deactivated", _("Authenticator app removed")),
            ("recovery codes generated", _("Recovery codes made")),
            ("webauthn added", _("Security key added")),
            ("webauthn removed", _("Security key removed")),
        )
    ),
    Act("two-factor: reset", _("Second factors taken away by an administrator"), SIGN_INS),
    Act("e-mail changed", _("Address to sign in with changed by an administrator"), SIGN_INS),
    Act("denied", _("Denied"), DENIALS),
    Act("api rows used up", _("Rows of the hour used up by a program"), PROGRAMS),
    Act("set-up", _("Set up")),
)
REASONS = (
    Reason("set-up", _("Set up")),
    Reason("profile", _("Own profile changed")),
    Reason("password", _("Password changed")),
    Reason("password reset asked", _("New password asked for")),
    Reason("password link", _("Link for a new password made")),
    Reason("role", _("Role changed")),
    Reason("team", _("Team changed")),
    Reason("invitation", _("Invited")),
    Reason("invitation withdrawn", _("Invitation withdrawn")),
    Reason("invitation accepted", _("Invitation accepted")),
    Reason("staff", _("Member of the staff changed")),
    Reason("e-mail changed", _("Address to sign in with changed")),
    Reason("two-factor: reset", _("Second factors taken away")),
    Reason("reactivated", _("Let in again")),
    Reason("deactivated", _("Shut out")),
    Reason("accounts.shared", _("Shared")),
    Reason("accounts.unshared", _("No longer shared")),
    Reason("defaults", _("Defaults")),
    Reason("api token made", _("Token made")),
    Reason("api token ended", _("Token ended")),
)
