"""Writes the demo company's business, teams and staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from rapport.accounts.models import Business, Role, Team, User


class StaffRow(NamedTuple):
    name: str
    email: str
    role: str
    team: str | None


def write_business(*, name: str, time_zone: str, currency: str, now: datetime) -> None:
    Business.objects.create(id=1, name=name, time_zone=time_zone, currency=currency, set_up_at=now)


def write_staff(teams: Iterable[str], staff: Iterable[StaffRow], *, joined_at: datetime) -> list[int]:
    """The ids of the staff, in their order. Nobody can sign in before a password is given."""
    team_of = {name: Team.objects.create(name=name) for name in teams}
    role_of = {role.name: role for role in Role.objects.all()}
    return [
        User.objects.create_user(
            row.email,
            name=row.name,
            role=role_of[row.role],
            team=team_of[row.team] if row.team else None,
            joined_at=joined_at,
        ).pk
        for row in staff
    ]


def give_passwords(passwords: Mapping[str, str]) -> None:
    """Let the people with these e-mail addresses sign in; only hashes are kept."""
    for user in User.objects.filter(email__in=list(passwords)):
        user.set_password(passwords[user.email])
        user.save(update_fields=["password"])
