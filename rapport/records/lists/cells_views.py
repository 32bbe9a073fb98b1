"""Giving a record another value from a board or a calendar: the form that the key, the menu and the drag all send."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.accounts.access import Grip, SharedOnly, gripping, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.command_log.noting import undo_url
from rapport.records.exporting.lists import ExportedList
from rapport.records.lists.board import Board, Card, cards_of
from rapport.records.lists.calendar import Calendar
from rapport.records.lists.cells import (
    CellChanged,
    CellRefused,
    can_change,
    change_value,
    find_key,
    options_of,
    value_now,
)
from rapport.records.lists.page import ListPage, list_page_of
from rapport.records.lists.querying import ListRequest, read_request, refuses_unknown_fields
from rapport.records.lists.ways import AS, BOARD, BY, CALENDAR
from rapport.records.registry import Field, FieldKind
from rapport.records.saved_views.views import FORM_METHODS, list_or_404
from rapport.ui.formats import day
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast

_LONGEST = 200


@staff_only()
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def cell(request: HttpRequest, object_name: str, public_id: UUID, field_name: str) -> HttpResponse:
    """Ask for the value, and write it where it is still `was`; `query` says which board or calendar it is shown on."""
    user, listed = staff_user(request), list_or_404(request, object_name)
    of = listed.of(user)
    field = of.fields_for(user).get(field_name)
    if field is None:
        raise Http404
    key = find_key(user, object_name, public_id)
    if not can_change(user, object_name, field):
        raise PermissionDenied
    with gripping(user, Grip.CHANGE):
        if not _is_seen(user, object_name, public_id):
            raise SharedOnly
    query = QueryDict((request.POST if request.method == "POST" else request.GET).get("query", ""), mutable=True)
    if request.method != "POST":
        return _ask(request, listed, key, public_id, field, query)
    to, was = (request.POST.get(name, "").strip()[:_LONGEST] for name in ("to", "was"))
    current, status = to, 200
    try:
        command = change_value(of, key, field, to=to, was=was, by=user, now=utc_now(), request=request)
    except CellChanged as conflict:
        current, status = conflict.current, 409
        said = _("Somebody else changed this meanwhile: %(field)s is %(value)s. Nothing of yours was saved.")
        toast(request, said % {"field": field.label, "value": _in_words(user, object_name, field, current)}, bad=True)
    except CellRefused as refusal:
        current, status = was, 422
        if not wants_part(request):
            return _ask(request, listed, key, public_id, field, query, refused=str(refusal))
        toast(request, str(refusal), bad=True)
    else:
        name = _card(_around(listed, field, query, user), key).name
        values = {"name": name, "field": field.label, "value": _in_words(user, object_name, field, to)}
        if command is not None:
            toast(request, _("%(name)s: %(field)s is %(value)s.") % values, undo_url=undo_url(command))
    if not wants_part(request):
        return HttpResponseRedirect(_back(listed, query))
    return _moved(request, listed, key, public_id, field, query, now=current, status=status)


def _ask(
    request: HttpRequest,
    listed: ExportedList,
    key: int,
    public_id: UUID,
    field: Field,
    query: QueryDict,
    *,
    refused: str = "",
) -> HttpResponse:
    user = staff_user(request)
    was = value_now(listed.of(user), key, field)
    options = options_of(user, listed.name, field, held=was)
    if options and was not in dict(options):
        options = [(was, _in_words(user, listed.name, field, was)), *options]
    context = {
        "listed": listed,
        "field": field,
        "name": _card(_around(listed, field, query, user), key).name,
        "was": was,
        "options": options,
        "query": query.urlencode(),
        "back": _back(listed, query),
        "action": reverse("cell", args=[listed.name, public_id, field.name]),
        "refused": refused,
        "is_part": wants_part(request),
    }
    return render_page(request, "records/cell.html", context, block="form", status=422 if refused else 200)


def _moved(
    request: HttpRequest,
    listed: ExportedList,
    key: int,
    public_id: UUID,
    field: Field,
    query: QueryDict,
    *,
    now: str,
    status: int,
) -> HttpResponse:
    """The pieces of the board or the calendar that are other now."""
    user = staff_user(request)
    query.pop("after", None)
    page: ListPage = list_page_of(_shown_by(field, query), reverse(listed.url_name), listed.of(user), user=user)
    context = {
        "list": page,
        "card": _card(page.asked, key, page) if _is_seen(user, listed.name, public_id) else None,
        "public_id": public_id,
        "now": now,
        "refused": status != 200,
    }
    return render_page(request, "records/cell_moved.html", context, block="moved", status=status)


def _is_seen(user: Any, object_name: str, public_id: UUID) -> bool:
    """Whether she sees the record: what she has just given away, or may only read, is not there for her."""
    try:
        find_key(user, object_name, public_id)
    except Http404:
        return False
    return True


def _around(listed: ExportedList, field: Field, query: QueryDict, user: Any) -> ListRequest:
    return read_request(_shown_by(field, QueryDict()), listed.of(user), user=user)


def _shown_by(field: Field, query: QueryDict) -> QueryDict:
    """What is asked of the list, looked at by this field."""
    shown = query.copy()
    is_day = field.kind in (FieldKind.DATE, FieldKind.INSTANT)
    shown[AS], shown[BY] = CALENDAR if is_day else BOARD, field.name
    return shown


def _card(asked: ListRequest, key: int, page: ListPage | None = None) -> Card:
    looked = page.looked if page is not None else None
    facts = looked.facts if isinstance(looked, (Board, Calendar)) else ()
    by = asked.way.by
    assert by is not None
    holder = looked.holder if isinstance(looked, Board) else None
    found = cards_of(asked, [key], facts, by, holder).get(key)
    if found is None:
        raise Http404
    return found


def _in_words(user: Any, object_name: str, field: Field, value: str) -> str:
    if not value:
        return _("nothing")
    if field.kind is FieldKind.DATE:
        return day(date.fromisoformat(value))
    labels = dict(options_of(user, object_name, field, held=value))
    return str(labels.get(value, value if field.kind is not FieldKind.PERSON else _("somebody else")))


def _back(listed: ExportedList, query: QueryDict) -> str:
    path = reverse(listed.url_name)
    return f"{path}?{query.urlencode()}" if query else path
