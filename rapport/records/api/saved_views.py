"""The saved views of a list: what they ask, to be run by their id as `?view=` of the list, and keeping them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from rapport.accounts.access import find_or_404, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.core.clock import utc_now
from rapport.records.api.reading import Strict, count_fetched, invalid, mark_of, tell_version, version_matched
from rapport.records.exporting.lists import every_list
from rapport.records.lists.columns import MOST_COLUMNS
from rapport.records.lists.querying import ListedObject, read_request
from rapport.records.models import SavedView
from rapport.records.permissions import SHARE
from rapport.records.registry import UnknownField
from rapport.records.saved_views import actions
from rapport.records.saved_views.opening import Asked, asked_in

if TYPE_CHECKING:
    from rapport.accounts.models import User

router = Router(tags=["views"])
_MOST = 500
_MOST_PARTS = 100
_Text = Annotated[str, StringConstraints(max_length=2_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=actions.LONGEST_NAME, strip_whitespace=True)]
Columns = Annotated[list[Annotated[str, StringConstraints(max_length=80)]], Described(max_length=MOST_COLUMNS)]


class ViewsAsked(Schema):
    object: str = Described(
        max_length=60, description="Whose list it is: customer, order, product, task.", examples=["customer"]
    )


class AskedByView(Strict):
    """What a list is asked, by the names of its parameters."""

    filter: list[_Text] = Described([], max_length=_MOST_PARTS, examples=[["city.is:Porto"]])
    sort: str = Described("", max_length=100, examples=["-created"])
    q: str = Described("", max_length=200)


_WHOLE = AskedByView(filter=[], sort="", q="")


class NewView(Strict):
    object: str = Described(
        max_length=60, description="Whose list it is: customer, order, product, task.", examples=["customer"]
    )
    name: Name = Described(examples=["In Porto"])
    asked: AskedByView | None = Described(None, description="null: the whole list.")
    fields: Columns | None = Described(None, description="The fields it shows; null: those of the list.")
    is_shared: bool = Described(False, description="Whether all who have the list have it; needs records.share.")


class ViewChanges(Strict):
    """What is to change; what is not sent stays."""

    name: Name | None = Described(None, examples=["In Porto"])
    asked: AskedByView | None = None
    fields: Columns | None = Described(None, description="null: those of the list.")
    is_shared: bool | None = None


class ViewShown(Schema):
    """A view: what it asks of its list, by the names of the list's parameters."""

    id: UUID
    version: int = Described(description="The ETag of the view is this number in quotation marks.")
    object: str
    name: str
    asked: dict[str, list[str]] = Described(
        examples=[{"filter": ["city.is:Porto"], "sort": ["-created"]}],
        description="Nothing, where it asks of a field that the owner of the token does not see.",
    )
    fields: list[str] | None = Described(description="The fields it shows; null: those of the list.")
    is_shared: bool
    is_mine: bool
    is_trashed: bool


@router.get("/views", auth=Bearer(), response=list[ViewShown])
def list_views(request: HttpRequest, asked: Query[ViewsAsked]) -> list[ViewShown]:
    """One's own views of a list and those that are shared. `?view=<id>` at the list asks what the view says."""
    user = staff_user(request)
    _list_of(user, asked.object)
    views = list(SavedView.objects.visible_to(user).filter(object=asked.object).order_by("name", "pk")[:_MOST])
    count_fetched(request, len(views))
    return [_shown(each, user) for each in views]


@router.post("/views", auth=Bearer(), response={201: ViewShown})
def create_view(request: HttpRequest, response: HttpResponse, body: NewView) -> ViewShown:
    """Keep what a list is asked under a name: for oneself, or for all who have the list."""
    user = staff_user(request)
    of = _list_of(user, body.object)
    if body.is_shared:
        _refuse_sharing(user)
    asked, columns = _asked(of, body.asked or _WHOLE, user), _columns(of, body.fields, user)
    try:
        made = actions.save_view(
            body.object, name=_said(body.name), asked=asked, columns=columns, by=user, now=utc_now(), request=request
        )
        actions.set_shared(made, body.is_shared, by=user, request=request)
    except actions.ViewRefused as refusal:
        raise _refused(refusal) from refusal
    response["Location"] = reverse("api_get_view", args=[made.public_id])
    return _told(response, made, user)


@router.get("/views/{uuid:view_id}", auth=Bearer(), response=ViewShown)
def get_view(request: HttpRequest, response: HttpResponse, view_id: UUID) -> ViewShown:
    """One view."""
    user = staff_user(request)
    return _told(response, _find(user, view_id), user)


@router.patch("/views/{uuid:view_id}", auth=Bearer(), response=ViewShown)
def update_view(request: HttpRequest, response: HttpResponse, view_id: UUID, body: ViewChanges) -> ViewShown:
    """Change what is sent and leave the rest: of one's own, and of a shared one with records.share. Needs If-Match."""
    user, now, sent = staff_user(request), utc_now(), body.model_fields_set
    view = _changeable(user, view_id)
    version_matched(request, _version(view))
    of = _list_of(user, view.object)
    if body.is_shared is not None and body.is_shared != view.is_shared:
        _refuse_sharing(user)
    asked = _asked(of, body.asked, user) if body.asked is not None else None
    columns = _columns(of, body.fields, user)
    name = _said(body.name) if body.name is not None else None
    try:
        if {"name", "asked", "fields"} & sent:
            actions.change_view(view, name=name, asked=asked, columns=columns, by=user, now=now, request=request)
        if "fields" in sent and columns is None:
            actions.forget_view_columns(view, by=user, now=now, request=request)
        if body.is_shared is not None:
            actions.set_shared(view, body.is_shared, by=user, request=request)
    except actions.ViewRefused as refusal:
        raise _refused(refusal) from refusal
    view.refresh_from_db()
    return _told(response, view, user)


@router.delete("/views/{uuid:view_id}", auth=Bearer(), response=ViewShown)
def delete_view(request: HttpRequest, response: HttpResponse, view_id: UUID) -> ViewShown:
    """Take a view away from everybody. Whoever made it can have it back: `POST /views/{id}/restore`."""
    user = staff_user(request)
    view = _changeable(user, view_id)
    actions.trash_view(view, by=user, now=utc_now(), request=request)
    view.refresh_from_db()
    return _told(response, view, user)


@router.post("/views/{uuid:view_id}/restore", auth=Bearer(), response=ViewShown)
def restore_view(request: HttpRequest, response: HttpResponse, view_id: UUID) -> ViewShown:
    """Bring a view of one's own back; one that is there stays as it is."""
    user = staff_user(request)
    view = SavedView.objects.filter(made_by=user, public_id=view_id).first()
    if view is None:
        raise Http404
    _list_of(user, view.object)
    try:
        actions.restore_view(view, by=user, request=request)
    except actions.ViewRefused as refusal:
        raise _refused(refusal) from refusal
    view.refresh_from_db()
    return _told(response, view, user)


def _list_of(user: User, name: str) -> ListedObject:
    of = every_list().get(name)
    if of is None:
        raise Http404
    if not user.has_right(of.right):
        raise Problem(403, f"This needs the right {of.right}.", kind="right-missing")
    return of.of(user)


def _find(user: User, view_id: UUID) -> SavedView:
    """A view that `user` sees, of a list that she has; any other is as one that is not there."""
    view: SavedView = find_or_404(SavedView.objects.all(), user, public_id=view_id)
    listed = every_list().get(view.object)
    if listed is None or not user.has_right(listed.right):
        raise Http404
    return view


def _changeable(user: User, view_id: UUID) -> SavedView:
    view = _find(user, view_id)
    if not actions.may_change(view, user):
        _refuse_sharing(user)
    return view


def _refuse_sharing(user: User) -> None:
    if not user.has_right(SHARE.name):
        raise Problem(403, f"This needs the right {SHARE.name}.", kind="right-missing")


def _asked(of: ListedObject, asked: AskedByView, user: User) -> Asked:
    """As it is kept; raises Problem 400 for what the registry does not know."""
    query = QueryDict(mutable=True)
    query.setlist("filter", list(asked.filter))
    for name in ("sort", "q"):
        if getattr(asked, name):
            query[name] = _said(getattr(asked, name))
    try:
        return asked_in(read_request(query, of, user=user))
    except UnknownField as error:
        raise Problem(400, str(error)) from error


def _columns(of: ListedObject, names: Sequence[str] | None, user: User) -> list[str] | None:
    """Names of fields that `user` sees, each once."""
    if names is None:
        return None
    known, wanted = of.fields_for(user), list(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise invalid([{"name": "body.fields", "message": "There is no field of this name."}])
    return wanted


def _said(text: str) -> str:
    return text.replace("\0", "")


def _refused(refusal: Exception) -> Problem:
    return Problem(409, str(refusal), kind="view-refused")


def _version(view: SavedView) -> int:
    return mark_of([view.name, view.asked, view.columns, view.is_shared, view.trashed_at is None])


def _told(response: HttpResponse, view: SavedView, user: User) -> ViewShown:
    tell_version(response, _version(view))
    return _shown(view, user)


def _can_ask(view: SavedView, of: ListedObject, user: User) -> bool:
    query = QueryDict(mutable=True)
    for name, values in view.asked.items():
        query.setlist(name, values)
    try:
        read_request(query, of, user=user)
    except UnknownField:
        return False
    return True


def _shown(view: SavedView, user: User) -> ViewShown:
    """Of a shared view that asks what is hidden from `user`, not what it asks; of its fields, those that she sees."""
    of = _list_of(user, view.object)
    known = of.fields_for(user)
    names = [name.partition(":")[0] for name in view.columns] if view.columns is not None else None
    return ViewShown(
        id=view.public_id,
        version=_version(view),
        object=view.object,
        name=view.name,
        asked=view.asked if _can_ask(view, of, user) else {},
        fields=[name for name in names if name in known] if names is not None else None,
        is_shared=view.is_shared,
        is_mine=view.made_by_id == user.pk,
        is_trashed=view.trashed_at is not None,
    )
