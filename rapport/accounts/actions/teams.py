"""Teams and their tree."""

from __future__ import annotations

from django.db.models.deletion import ProtectedError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.actions.standing import Refused, unique_name
from rapport.accounts.models import Business, Team, User
from rapport.core.acting import acting

DEEPEST = 12  # levels of the tree: more than any business has, few enough to walk and to show


class TeamTooDeep(Refused):
    def __init__(self) -> None:
        super().__init__(_("Teams go at most %(levels)s levels deep.") % {"levels": DEEPEST})


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
            _refuse_depth(None, parent)
            return Team.objects.create(name=name, parent=parent)
        _refuse_loop(team, parent)
        _refuse_depth(team, parent)
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
    if parent is not None and team.pk in _line(_parents(), parent.pk):
        raise TeamLoop


def _refuse_depth(team: Team | None, parent: Team | None) -> None:
    """The team with everything below it must fit under its parent."""
    above = _parents()
    lines = (_line(above, pk) for pk in above) if team is not None else ()
    below = max((line.index(team.pk) for line in lines if team is not None and team.pk in line), default=0)
    if parent is not None and len(_line(above, parent.pk)) + 1 + below > DEEPEST:
        raise TeamTooDeep


def _line(above: dict[int, int | None], pk: int | None) -> list[int]:
    """A team and those above it, nearest first."""
    line: list[int] = []
    while pk is not None:
        line.append(pk)
        pk = above.get(pk)
    return line


def _parents() -> dict[int, int | None]:
    return dict(Team.objects.values_list("pk", "parent_id"))
