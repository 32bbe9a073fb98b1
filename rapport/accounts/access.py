"""The gate: who may enter a view, and which records a person can reach. There is no other way to a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rapport.accounts.models import User
from rapport.accounts.reach import Reach, gripping, has_shares, reach_of, team_of
from rapport.accounts.rights import Grip, Right

__all__ = ["Grip", "Reach", "gripping", "has_shares", "reach_of", "team_of"]

PUBLIC, STAFF, PROGRAM = "public", "staff", "program"
View = TypeVar("View", bound=Callable[..., HttpResponse])


class VisibleQuerySet(models.QuerySet[Any]):
    """A queryset of records with an owner. `owner_field` is the path to the owner's id.

    `shared_as` says by which column what is shared of a kind is found.
    """

    owner_field = "owner_id"
    shared_as: ClassVar[Mapping[str, str]] = {}

    def visible_to(self, user: User) -> Self:
        reach = reach_of(user)
        if reach.everything:
            return self
        seen = models.Q(**{f"{self.owner_field}__in": reach.owner_ids})
        for kind, column in self.shared_as.items():
            if reach.shared_ids(kind):
                seen |= models.Q(**{f"{column}__in": reach.shared_ids(kind)})
        return self.filter(seen)


class RightMissing(PermissionDenied):
    """Somebody's role lacks `right`, or does not reach far enough for it; `why` says the latter."""

    def __init__(self, right: Right, user: User) -> None:
        super().__init__(right.name)
        has_it = right.reaches_everything and right.name in user.role.rights
        self.why = _("“%(right)s” is only for roles that reach all records.") % {"right": right.label} if has_it else ""


class SharedOnly(PermissionDenied):
    """Somebody reaches a record by its having been shared with her alone, and that is not enough for this."""

    def __init__(self) -> None:
        self.why = _("This is shared with you, and not for doing that.")
        super().__init__(self.why)


def refuse_shared(by: object, *, owner_id: int | None) -> None:
    """For acts that give a record away: whoever reaches it by a share alone would make that hers for good."""
    if isinstance(by, User) and not reach_of(by).holds(owner_id):
        raise SharedOnly


class HasVisible(Protocol):
    def visible_to(self, user: User) -> models.QuerySet[Any]: ...


def staff_user(request: HttpRequest) -> User:
    """The signed-in member of the staff; only for views behind `staff_only`."""
    return cast(User, request.user)


def find_or_404(records: HasVisible, user: User, **lookup: Any) -> Any:
    """The one record `user` may see, else the same 404 as for a record that does not exist.

    What she may see, and not do what she is about to do with, is refused as a missing right is.
    """
    record = records.visible_to(user).filter(**lookup).first()
    if record is None:
        if user.grip != Grip.READ and _can_be_read(records, user, lookup):
            raise SharedOnly
        raise Http404
    return record


def _can_be_read(records: HasVisible, user: User, lookup: dict[str, Any]) -> bool:
    grip, user.grip = user.grip, Grip.READ
    try:
        return not reach_of(user).everything and records.visible_to(user).filter(**lookup).exists()
    finally:
        user.grip = grip


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
            staff_user(request).grip = right.grip if right is not None else _grip_of(request)
            return view(request, *args, **kwargs)

        guarded.audience = STAFF  # type: ignore[attr-defined]
        guarded.right = right  # type: ignore[attr-defined]
        return cast(View, guarded)

    return wrap


def _grip_of(request: HttpRequest) -> Grip:
    """A view that names no right asks for one by itself; whatever it is sent for, it is taken to change what it finds."""
    return Grip.READ if request.method in ("GET", "HEAD") else Grip.CHANGE


def refuse_stranger(request: HttpRequest) -> HttpResponse:
    """Send a person to the sign-in page and a program away."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": "/"})
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    return HttpResponse("Sign in first.", status=401, content_type="text/plain")
