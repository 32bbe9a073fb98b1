"""What other rooms may ask about the business and its staff."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.db.models import Count
from django.shortcuts import get_object_or_404

from rapport.accounts.links import hash_of
from rapport.accounts.models import Business, Invitation, Role, Team, User
from rapport.accounts.standard_roles import ADMINISTRATOR
from rapport.core.remembering import remembered

UTC_ZONE = ZoneInfo("UTC")


class NotSetUp(RuntimeError):
    """The business has not been set up yet, so it has no currency."""

    def __init__(self) -> None:
        super().__init__("The business is not set up yet. Open /setup/ in a browser, or run `rapport setup`.")


def business() -> Business | None:
    """The one business, or None before set-up."""
    return remembered("accounts.business", Business.objects.first)


def business_zone() -> ZoneInfo:
    """The time zone in which the business counts its days; UTC before set-up."""
    found = business()
    return ZoneInfo(found.time_zone) if found is not None else UTC_ZONE


def zone_of(person: User) -> ZoneInfo:
    """The time zone in which somebody reads and writes: her own, else that of the business."""
    return ZoneInfo(person.time_zone) if person.time_zone else business_zone()


def business_currency() -> str:
    """The reporting currency's ISO 4217 code; raises NotSetUp before set-up."""
    found = business()
    if found is None:
        raise NotSetUp
    return found.currency


def active_staff(ids: Sequence[int] | None = None) -> list[User]:
    """Everybody who works here now by name, or those of them with the given ids."""
    found = User.objects.filter(is_active=True).select_related("role").order_by("name", "pk")
    return list(found if ids is None else found.filter(pk__in=ids))


def staff_by_id(ids: Collection[int]) -> list[User]:
    """Those of the staff, gone ones too, with these keys, and their teams, by name."""
    return list(User.objects.filter(pk__in=ids).select_related("team", "role").order_by("name", "pk"))


def nobody_in(role: Role) -> User:
    """Somebody who is not there, with this role and no team: what she would see is what the role alone opens."""
    return User(name=role.name, role=role, is_active=True)


def staff_named(public_ids: Sequence[UUID]) -> list[User]:
    """Those of the staff, gone ones too, who have these public ids, by name."""
    return list(User.objects.filter(public_id__in=public_ids).order_by("name", "pk"))


def public_ids_of(ids: Collection[int]) -> dict[int, UUID]:
    """How people on the staff are named outside, by key."""
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "public_id")) if ids else {}


@dataclass(frozen=True)
class TeamRow:
    """A team in the order of the tree, with how deep it stands and how many people it has."""

    team: Team
    depth: int
    people: int


def open_invitation(token: str, *, now: datetime) -> Invitation | None:
    found = Invitation.objects.filter(token_hash=hash_of(token)).first()
    return found if found is not None and found.is_open(now=now) else None


def waiting_invitations() -> list[Invitation]:
    return list(
        Invitation.objects.filter(accepted_at=None)
        .select_related("role", "team", "invited_by__role")
        .order_by("-invited_at")
    )


def invitation_or_404(public_id: UUID) -> Invitation:
    return get_object_or_404(Invitation, public_id=public_id, accepted_at=None)


def staff_list() -> list[User]:
    return list(User.objects.select_related("role", "team").order_by("-is_active", "name", "id"))


def member_or_404(public_id: UUID) -> User:
    return get_object_or_404(User.objects.select_related("role", "team"), public_id=public_id)


def actors() -> list[tuple[str, str]]:
    """(id, name) of everybody on the staff, as the audit trail names them."""
    return [(user.actor_id, user.name) for user in User.objects.order_by("name", "id")]


def team_tree() -> list[TeamRow]:
    people = dict(User.objects.filter(is_active=True).values_list("team_id").annotate(count=Count("id")).order_by())
    below: dict[int | None, list[Team]] = {}
    for team in Team.objects.order_by("name"):
        below.setdefault(team.parent_id, []).append(team)
    return list(_walk(below, None, 0, people))


def _walk(
    below: dict[int | None, list[Team]], parent: int | None, depth: int, people: dict[int, int]
) -> Iterator[TeamRow]:
    for team in below.get(parent, []):
        yield TeamRow(team, depth, people.get(team.pk, 0))
        yield from _walk(below, team.pk, depth + 1, people)


def team_or_404(public_id: UUID) -> Team:
    return get_object_or_404(Team.objects.select_related("parent"), public_id=public_id)


def role_list() -> list[Role]:
    """Every role, with `people`: how many on the staff have it."""
    people = dict(User.objects.filter(is_active=True).values_list("role_id").annotate(count=Count("id")).order_by())
    roles = list(Role.objects.order_by("name"))
    for role in roles:
        role.people = people.get(role.pk, 0)  # type: ignore[attr-defined]
    return roles


def role_or_404(public_id: UUID) -> Role:
    return get_object_or_404(Role, public_id=public_id)


def is_fixed(role: Role) -> bool:
    return role.name == ADMINISTRATOR


def second_factors(user: User) -> list[str]:
    """The kinds of second factor somebody has set up: totp, webauthn, recovery_codes."""
    return sorted(set(Authenticator.objects.filter(user=user).values_list("type", flat=True)))
