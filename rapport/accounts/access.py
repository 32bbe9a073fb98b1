"""The gate: who may enter a view, and which records a person can reach. There is no other way to a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, Self, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rapport.accounts.models import Scope, User
from rapport.accounts.rights import Right
from rapport.core.remembering import remembered

PUBLIC, STAFF, PROGRAM = "public", "staff", "program"
View = TypeVar("View", bound=Callable[..., HttpResponse])

_TEAM_MEMBERS = """
with recursive below as (
    select id from accounts_team where id = %s
    union select t.id from accounts_team t join below b on t.parent_id = b.id
)
select u.id from accounts_user u join below b on u.team_id = b.id
"""


@dataclass(frozen=True)
class Reach:
    """Whose records somebody can reach: everybody's, or those of the listed owners."""

    everything: bool
    owner_ids: tuple[int, ...] = ()


def reach_of(user: User) -> Reach:
    """How far `user`'s role reaches now; a person who is no longer active reaches nothing."""
    if not user.is_active:
        return Reach(everything=False)
    if user.role.scope == Scope.ALL:
        return Reach(everything=True)
    if user.role.scope == Scope.TEAM and user.team_id is not None:
        return Reach(everything=False, owner_ids=tuple(sorted(team_of(user))))
    return Reach(everything=False, owner_ids=(user.pk,))


def team_of(user: User) -> frozenset[int]:
    """Keys of the user and of everybody in her team and the teams below it."""
    team = user.team_id
    if team is None:
        return frozenset({user.pk})
    return remembered(("accounts.team_members", team), lambda: _members_below(team)) | {user.pk}


def _members_below(team_id: int) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(_TEAM_MEMBERS, [team_id])
        return frozenset(row[0] for row in cursor.fetchall())


class VisibleQuerySet(models.QuerySet[Any]):
    """A queryset of records with an owner. `owner_field` is the path to the owner's id."""

    owner_field = "owner_id"

    def visible_to(self, user: User) -> Self:
        reach = reach_of(user)
        if reach.everything:
            return self
        return self.filter(**{f"{self.owner_field}__in": reach.owner_ids})


class RightMissing(PermissionDenied):
    """Somebody's role lacks `right`, or does not reach far enough for it; `why` says the latter."""

    def __init__(self, right: Right, user: User) -> None:
        super().__init__(right.name)
        has_it = right.reaches_everything and right.name in user.role.rights
        self.why = _("“%(right)s” is only for roles that reach all records.") % {"right": right.label} if has_it else ""


class HasVisible(Protocol):
    def visible_to(self, user: User) -> models.QuerySet[Any]: ...


def staff_user(request: HttpRequest) -> User:
    """The signed-in member of the staff; only for views behind `staff_only`."""
    return cast(User, request.user)


def find_or_404(records: HasVisible, user: User, **lookup: Any) -> Any:
    """The one record `user` may see, else the same 404 as for a record that does not exist."""
    record = records.visible_to(user).filter(**lookup).first()
    if record is None:
        raise Http404
    return record


def public(view: View) -> View:
    """Declare that anybody may call this view."""
    view.audience = PUBLIC  # type: ignore[attr-defined]
    return view


def staff_only(right: Right | None = None) -> Callable[[View], View]:
    """Declare that only signed-in staff, with `right` where one is named, may call this view."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return refuse_stranger(request)
            if right is not None and not staff_user(request).has_right(right.name):
                raise RightMissing(right, staff_user(request))
            return view(request, *args, **kwargs)

        guarded.audience = STAFF  # type: ignore[attr-defined]
        guarded.right = right  # type: ignore[attr-defined]
        return cast(View, guarded)

    return wrap


def refuse_stranger(request: HttpRequest) -> HttpResponse:
    """Send a person to the sign-in page and a program away."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": "/"})
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    return HttpResponse("Sign in first.", status=401, content_type="text/plain")
