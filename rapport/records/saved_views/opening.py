"""Which view a list is opened with, and what of it its reader may name: a view never shows more than the list would."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.http import Http404, QueryDict

from rapport.records.lists.columns import ListColumn, columns_kept, with_asked
from rapport.records.lists.querying import ListedObject, ListRequest, read_request
from rapport.records.models import SavedView
from rapport.records.registry import Field, FieldKind, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

VIEW, PLAIN, AFTER, SINCE = "view", "all", "after", "since"
Asked = dict[str, list[str]]

_CHOICE = """
select c.columns, c.pinned, c.opens_id, coalesce(c.opens_plain, false), r.view_id
  from (select 1) one
  left join records_listchoice c on c.user_id = %s and c.object = %s
  left join records_roleview r on r.role_id = %s and r.object = %s
"""

_OF_SIZE = (FieldKind.NUMBER, FieldKind.MONEY, FieldKind.DATE)
_TOLD_BY_FILTER = ("is", "on", "empty")


@dataclass(frozen=True)
class Choice:
    """What a person, or else the role, has chosen for a list."""

    columns: list[str] | None = None
    pinned: tuple[int, ...] = ()
    opens: int | None = None


@dataclass(frozen=True)
class Opened:
    """A list as it was opened: what is asked, with which columns, from which view, and how much of that was left out."""

    asked: ListRequest
    columns: tuple[ListColumn, ...]
    view: SavedView | None = None
    is_changed: bool = False
    left_out: int = 0
    pinned: tuple[SavedView, ...] = ()
    opens: SavedView | None = None
    has_own_columns: bool = False

    @property
    def kept_columns(self) -> list[str] | None:
        """The columns as they are kept with a view; None while nobody has chosen any."""
        return [each.kept for each in self.columns] if self.has_own_columns else None


def open_list(query: QueryDict, of: ListedObject, *, user: User) -> Opened:
    """Read the address of a list. A view alone asks what it says; with anything beside it the address says all.

    Raises UnknownField for what somebody asks and may not; what only a view asks is left out.
    """
    choice = choice_of(user, of.name)
    known = _views_of(choice, query, of.name, user)
    opens = known.get(choice.opens) if choice.opens is not None else None
    view = _view_asked(query, known, opens)
    if view is None:
        asked, left_out, is_changed = read_request(query, of, user=user), 0, False
    else:
        fitting, left_out = fitting_query(view.asked, of, user=user)
        saved = read_request(fitting, of, user=user)
        as_saved = not set(query) - {VIEW, SINCE}
        asked = saved if as_saved else read_request(query, of, user=user)
        is_changed = not as_saved and asked_in(asked) != asked_in(saved)
    kept = view.columns if view is not None else choice.columns
    columns, hidden = columns_kept(kept, asked.fields)
    if kept is None:
        columns = with_asked(columns, asked_by(asked))
    left_out += hidden if view is not None else 0
    pinned = tuple(known[key] for key in choice.pinned if key in known)
    return Opened(asked, columns, view, is_changed, left_out, pinned, opens, kept is not None)


def asked_by(asked: ListRequest) -> list[Field]:
    """The fields by which a list is ordered, and those of whose size or day something is asked."""
    by_size = [
        each.field
        for each in asked.conditions
        if each.field.kind in _OF_SIZE and each.operator.name not in _TOLD_BY_FILTER
    ]
    return [each for each in (asked.sort, *by_size) if each.asks is None]


def choice_of(user: User, object_name: str) -> Choice:
    with connection.cursor() as cursor:
        cursor.execute(_CHOICE, [user.pk, object_name, user.role_id, object_name])
        columns, pinned, own, is_plain, of_role = cursor.fetchone()
    return Choice(columns, tuple(pinned or ()), None if is_plain else own or of_role)


def fitting_query(asked: Mapping[str, list[str]], of: ListedObject, *, user: User) -> tuple[QueryDict, int]:
    """The parts of a view that its reader may name, and how many of them were left out."""
    whole = _query(asked)
    if _can_be_read(whole, of, user):
        return whole, 0
    fitting, left_out = QueryDict(mutable=True), 0
    for name, value in _parts(asked):
        wider = fitting.copy()
        wider.appendlist(name, value)
        if _can_be_read(wider, of, user):
            fitting = wider
        else:
            left_out += 1
    return fitting, left_out


def asked_in(asked: ListRequest) -> Asked:
    """What is asked as it is kept with a view, the order among it."""
    return asked_of(asked.parameters(sort=asked.sort_parameter))


def asked_of(query: str) -> Asked:
    return {name: [str(value) for value in values] for name, values in QueryDict(query).lists()}


def view_or_404(user: User, object_name: str, text: str) -> SavedView:
    """A view that `user` may see, by the id in an address; any other is as one that is not there."""
    try:
        public_id = uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
    found = SavedView.objects.visible_to(user).filter(object=object_name, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _views_of(choice: Choice, query: QueryDict, object_name: str, user: User) -> dict[int, SavedView]:
    """The views that the page names, by their keys, with the one that was asked for."""
    wanted = {*choice.pinned, *(() if choice.opens is None else (choice.opens,))}
    known = SavedView.objects.visible_to(user).filter(object=object_name, pk__in=wanted) if wanted else ()
    found = {each.pk: each for each in known}
    text = query.get(VIEW, PLAIN)
    if text != PLAIN and all(str(each.public_id) != text for each in found.values()):
        asked = view_or_404(user, object_name, text)
        found[asked.pk] = asked
    return found


def _view_asked(query: QueryDict, known: Mapping[int, SavedView], opens: SavedView | None) -> SavedView | None:
    if VIEW not in query:
        return None if query else opens
    return next((each for each in known.values() if str(each.public_id) == query[VIEW]), None)


def _can_be_read(query: QueryDict, of: ListedObject, user: User) -> bool:
    try:
        read_request(query, of, user=user)
    except UnknownField:
        return False
    return True


def _query(asked: Mapping[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in _parts(asked):
        query.appendlist(name, value)
    return query


def _parts(asked: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in asked.items() for value in values)
