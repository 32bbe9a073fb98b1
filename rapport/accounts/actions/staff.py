"""Who belongs to the staff: inviting, joining, changing, deactivating."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts import links
from rapport.accounts.actions.standing import Refused, keeping_an_administrator
from rapport.accounts.api_tokens import end_tokens_of
from rapport.accounts.models import Invitation, Role, Team, User
from rapport.audit.actions import record
from rapport.core.acting import SystemActor, acting

OPEN_FOR = timedelta(days=7)
JOINING = SystemActor("joining")


class AlreadyOnStaff(Refused):
    def __init__(self) -> None:
        super().__init__(_("Somebody with this address is on the staff already."))


class NotActive(Refused):
    def __init__(self) -> None:
        super().__init__(_("Only people who can sign in get a link to a new password."))


class InvitationClosed(Refused):
    """Used, withdrawn, expired, or never made: the four look the same from outside."""

    def __init__(self) -> None:
        super().__init__(_("This link does not work any more. Ask for a new invitation."))


def invite(
    *,
    email: str,
    name: str,
    role: Role,
    team: Team | None,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> tuple[Invitation, str]:
    """Invite somebody; an earlier invitation to the same address stops working. Returns the link, which is not stored."""
    email = User.objects.normalize_email(email).lower()
    token = links.new_token()
    with acting(by, request, reason="invitation"):
        if User.objects.filter(email=email).exists():
            raise AlreadyOnStaff
        Invitation.objects.filter(email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            email=email, name=name, role=role, team=team, token_hash=links.hash_of(token), invited_by=by,
            invited_at=now, expires_at=now + OPEN_FOR,
        )  # fmt: skip
    return invitation, links.join_link(token)


def withdraw_invitation(invitation: Invitation, *, by: User, request: HttpRequest | None = None) -> None:
    with acting(by, request, reason="invitation withdrawn"):
        Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()


def accept_invitation(
    token: str, *, name: str, password: str, now: datetime, request: HttpRequest | None = None
) -> User:
    """Join the staff; of two that use the same link at once one gets in."""
    with acting(JOINING, request, reason="invitation accepted"):
        invitation = Invitation.objects.select_for_update(of=("self",)).filter(token_hash=links.hash_of(token)).first()
        if invitation is None or not invitation.is_open(now=now):
            raise InvitationClosed
        if User.objects.filter(email=invitation.email).exists():
            raise InvitationClosed
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        user = User.objects.create_user(
            invitation.email, password, name=name, role=invitation.role, team=invitation.team, joined_at=now
        )
        record("joined", by=user, request=request, about=str(user.pk))
    return user


def change_member(member: User, *, role: Role, team: Team | None, by: User, request: HttpRequest | None = None) -> None:
    """Another role or team; with another role every open session of the member ends."""
    with acting(by, request, reason="staff"), keeping_an_administrator():
        member.role, member.team = role, team
        member.save(update_fields=["role", "team"])


def set_member_active(member: User, active: bool, *, by: User, request: HttpRequest | None = None) -> None:
    """Let a member in, or out: a deactivated one is signed out with the next request, and links made before are void."""
    with acting(by, request, reason="reactivated" if active else "deactivated"), keeping_an_administrator():
        shut_out = F("times_deactivated") + (0 if active else 1)
        User.objects.filter(pk=member.pk).exclude(is_active=active).update(is_active=active, times_deactivated=shut_out)
        member.refresh_from_db(fields=["is_active", "times_deactivated"])
        if not active:
            end_tokens_of(member)


def mint_password_link(member: User, *, by: User, request: HttpRequest | None = None) -> str:
    """A one-time link to hand over by another way than mail."""
    if not member.is_active:
        raise NotActive
    with acting(by, request, reason="password link"):
        member.reset_asked_at = None
        member.save(update_fields=["reset_asked_at"])
        record("password link made", by=by, request=request, about=str(member.pk))
    return links.password_link(member)
