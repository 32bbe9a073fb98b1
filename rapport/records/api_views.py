"""The saved views of a list: what they ask, to be run by their id as `?view=` of the list."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.records.api_reading import count_fetched
from rapport.records.exporting import exported_lists
from rapport.records.models import SavedView

router = Router(tags=["views"])
_MOST = 500


class ViewsAsked(Schema):
    object: str = Described(
        max_length=60, description="Whose list it is: customer, order, product.", examples=["customer"]
    )


class ViewShown(Schema):
    """A view: what it asks of its list, by the names of the list's parameters."""

    id: UUID
    object: str
    name: str
    asked: dict[str, list[str]] = Described(examples=[{"filter": ["city.is:Porto"], "sort": ["-created"]}])
    fields: list[str] | None = Described(description="The fields it shows; null: those of the list.")
    is_shared: bool
    is_mine: bool


@router.get("/views", auth=Bearer(), response=list[ViewShown])
def list_views(request: HttpRequest, asked: Query[ViewsAsked]) -> list[ViewShown]:
    """One's own views of a list and those that are shared. `?view=<id>` at the list asks what the view says."""
    user = staff_user(request)
    of = exported_lists().get(asked.object)
    if of is None:
        raise Http404
    if not user.has_right(of.right):
        raise Problem(403, f"This needs the right {of.right}.", kind="right-missing")
    views = list(SavedView.objects.visible_to(user).filter(object=asked.object).order_by("name", "pk")[:_MOST])
    count_fetched(request, len(views))
    return [
        ViewShown(
            id=each.public_id,
            object=each.object,
            name=each.name,
            asked=each.asked,
            fields=[name.partition(":")[0] for name in each.columns] if each.columns is not None else None,
            is_shared=each.is_shared,
            is_mine=each.made_by_id == user.pk,
        )
        for each in views
    ]
