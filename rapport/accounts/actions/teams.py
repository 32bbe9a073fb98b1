"""Teams and their tree."""

from __future__ import annotations

from django.db.models.deletion import ProtectedError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.actions.standing import Refused, unique_name
from rapport.accounts.models import Business, Team, User
from rapport.core.acting import acting


class TeamLoop(Refused):
    def __init__(self) -> None:
        super().__init__(_("A team cannot be below itself."))


class TeamInUse(Refused):
    def __init__(self) -> None:
        super().__init__(_("People, teams or invitations still belong to this team. Move them first."))


def save_team(
    team: Team | None, *, name: str, parent: Team | None, by: User, request: HttpRequest | None = None
) -> Team:
    """Make or change a team; one change of the tree at a time, so that two moves cannot close a circle."""
    with acting(by, request, reason="team"), unique_name():
        list(Business.objects.select_for_update())
        if team is None:
            return Team.objects.create(name=name, parent=parent)
        _refuse_loop(team, parent)
        team.name, team.parent = name, parent
        team.save(update_fields=["name", "parent"])
        return team


def remove_team(team: Team, *, by: User, request: HttpRequest | None = None) -> None:
    try:
        with acting(by, request, reason="team"):
            team.delete()
    except ProtectedError as error:
        raise TeamInUse from error


def _refuse_loop(team: Team, parent: Team | None) -> None:
    above = {row.pk: row.parent_id for row in Team.objects.all()}
    step = parent.pk if parent is not None else None
    while step is not None:
        if step == team.pk:
            raise TeamLoop
        step = above.get(step)
