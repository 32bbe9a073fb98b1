"""Writes to views of lists, and to what somebody chose for a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Func, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.records.models import ListChoice, RoleView, SavedView
from rapport.records.permissions import SHARE
from rapport.records.saved_views.opening import Asked

if TYPE_CHECKING:
    from rapport.accounts.models import Role, User

LONGEST_NAME = 60
MOST_VIEWS = 200
MOST_PINNED = 12
_COPIES_TRIED = 50


class ViewRefused(ValueError):
    """A view cannot be kept like this."""


def may_change(view: SavedView, user: User) -> bool:
    """Whoever made it; of a shared one also those who may share."""
    return view.made_by_id == user.pk or (view.is_shared and user.has_right(SHARE.name))


def save_view(
    object_name: str,
    *,
    name: str,
    asked: Asked,
    columns: Sequence[str] | None,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> SavedView:
    """Keep what a list is asked under a name; nobody else sees it until it is shared."""
    with acting(by, request, reason="view saved"), _name_once():
        if SavedView.objects.filter(made_by=by, object=object_name, trashed_at=None).count() >= MOST_VIEWS:
            raise ViewRefused(_("You have as many views of this list as there can be. Delete some first."))
        return SavedView.objects.create(
            object=object_name, name=name, asked=asked, columns=None if columns is None else list(columns),
            made_by=by, made_at=now, changed_at=now,
        )  # fmt: skip


def change_view(
    view: SavedView,
    *,
    by: User,
    now: datetime,
    name: str | None = None,
    asked: Asked | None = None,
    columns: Sequence[str] | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Give a view another name, or let it ask for something else; what is not given stays."""
    values = {"name": name, "asked": asked, "columns": None if columns is None else list(columns)}
    changes = {key: value for key, value in values.items() if value is not None}
    with acting(by, request, reason="view changed"), _name_once():
        SavedView.objects.filter(pk=view.pk).update(**changes, changed_at=now)
    view.refresh_from_db()


def copy_view(view: SavedView, *, by: User, now: datetime, request: HttpRequest | None = None) -> SavedView:
    """The same as a view of one's own, under a name that is free."""
    first = _("Copy of %(name)s") % {"name": view.name}
    for number in range(1, _COPIES_TRIED):
        name = first[:LONGEST_NAME] if number == 1 else f"{first[: LONGEST_NAME - 4]} {number}"
        taken = SavedView.objects.filter(made_by=by, object=view.object, name__iexact=name, trashed_at=None)
        if not taken.exists():
            return save_view(
                view.object, name=name, asked=view.asked, columns=view.columns, by=by, now=now, request=request
            )
    raise ViewRefused(_("There are too many copies of this view."))


def set_shared(view: SavedView, shared: bool, *, by: User, request: HttpRequest | None = None) -> None:
    """Let everybody who has the list see the view, or its maker alone: then it is no role's any more, nor others' tab."""
    if view.is_shared == shared:
        return
    with acting(by, request, reason="view shared"):
        SavedView.objects.filter(pk=view.pk).update(is_shared=shared)
        if not shared:
            RoleView.objects.filter(view=view).delete()
            _let_go(view, but=view.made_by_id)
        audit.record(
            "view shared" if shared else "view no longer shared", by=by, request=request, about=str(view.public_id)
        )
    view.is_shared = shared


def set_roles(view: SavedView, roles: Sequence[Role], *, by: User, request: HttpRequest | None = None) -> None:
    """Say for which roles the list opens with this view, which takes the place of the one they had."""
    if roles and not view.is_shared:
        raise ViewRefused(_("Only a shared view can be what a role begins with."))
    with acting(by, request, reason="view of a role"):
        for known in RoleView.objects.filter(view=view).exclude(role__in=roles):
            known.delete()
        for role in roles:
            RoleView.objects.update_or_create(role=role, object=view.object, defaults={"view": view})


def pin_view(view: SavedView, pinned: bool, *, by: User, request: HttpRequest | None = None) -> None:
    """Make the view a tab of one's own list, or no longer."""
    with acting(by, request, reason="view pinned"):
        choice = _choice(by, view.object)
        still = set(SavedView.objects.visible_to(by).filter(pk__in=choice.pinned).values_list("pk", flat=True))
        others = [key for key in choice.pinned if key in still and key != view.pk]
        if pinned and len(others) >= MOST_PINNED:
            raise ViewRefused(_("There is no room for more tabs. Take one away first."))
        choice.pinned = [*others, view.pk] if pinned else others
        choice.save(update_fields=["pinned"])


def open_with(object_name: str, view: SavedView | None, *, by: User, request: HttpRequest | None = None) -> None:
    """Let one's own list open with this view, or without any whatever the role begins with."""
    with acting(by, request, reason="view opened first"):
        choice = _choice(by, object_name)
        choice.opens, choice.opens_plain = view, view is None
        choice.save(update_fields=["opens", "opens_plain"])


def open_as_role(object_name: str, *, by: User, request: HttpRequest | None = None) -> None:
    """Let one's own list open as the role's does."""
    with acting(by, request, reason="view opened first"):
        choice = _choice(by, object_name)
        choice.opens, choice.opens_plain = None, False
        choice.save(update_fields=["opens", "opens_plain"])


def keep_columns(
    object_name: str, columns: Sequence[str] | None, *, by: User, request: HttpRequest | None = None
) -> None:
    """The columns that somebody wants without a view; None for those of the role."""
    with acting(by, request, reason="columns chosen"):
        choice = _choice(by, object_name)
        choice.columns = None if columns is None else list(columns)
        choice.save(update_fields=["columns"])


def forget_view_columns(view: SavedView, *, by: User, now: datetime, request: HttpRequest | None = None) -> None:
    """Let a view have the columns of the role again."""
    with acting(by, request, reason="view changed"):
        SavedView.objects.filter(pk=view.pk).update(columns=None, changed_at=now)


def trash_view(view: SavedView, *, by: User, now: datetime, request: HttpRequest | None = None) -> None:
    """Take a view away from everybody; its maker can have it back for a time."""
    with acting(by, request, reason="view deleted"):
        SavedView.objects.filter(pk=view.pk).update(trashed_at=now)
        RoleView.objects.filter(view=view).delete()
        if view.is_shared:
            audit.record("shared view deleted", by=by, request=request, about=str(view.public_id))


def restore_view(view: SavedView, *, by: User, request: HttpRequest | None = None) -> None:
    with acting(by, request, reason="view restored"), _name_once():
        SavedView.objects.filter(pk=view.pk).update(trashed_at=None)


def _choice(user: User, object_name: str) -> ListChoice:
    ListChoice.objects.get_or_create(user=user, object=object_name)
    return ListChoice.objects.select_for_update().get(user=user, object=object_name)


def _let_go(view: SavedView, *, but: int) -> None:
    """Nobody but the maker has the view as a tab, or opens the list with it."""
    others = ListChoice.objects.exclude(user_id=but)
    others.filter(opens=view).update(opens=None)
    without = Func("pinned", Value(view.pk), function="array_remove", output_field=ArrayField(BigIntegerField()))
    others.filter(pinned__contains=[view.pk]).update(pinned=without)


@contextmanager
def _name_once() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ViewRefused(_("You have a view of this name already.")) from error
