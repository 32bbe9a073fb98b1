"""Writes the demo company's business, teams, staff and their programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from rapport.accounts.links import hash_of, new_token
from rapport.accounts.models import ApiToken, ApiTokenHour, Business, Role, Team, User
from rapport.core.acting import acting


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


def write_token(
    name: str,
    *,
    rights: Sequence[str],
    made_at: datetime,
    days: int,
    rows: int,
    by: User,
    now: datetime,
    is_ended: bool,
) -> None:
    """A program that acts for `by`, and what it fetched in this hour. Nobody knows its text, so nobody can use it."""
    with acting(by, reason="api token made"):
        token = ApiToken.objects.create(
            name=name, owner=by, token_hash=hash_of(new_token()), rights=sorted(rights), made_at=made_at,
            expires_at=made_at + timedelta(days=days), ended_at=now if is_ended else None,
        )  # fmt: skip
        hour = now.replace(minute=0, second=0, microsecond=0)
        ApiTokenHour.objects.create(token=token, hour=hour, rows=rows, last_at=now)
