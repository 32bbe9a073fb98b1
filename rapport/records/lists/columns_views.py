"""Choosing the columns of a list: which, in which order, how wide; for a view, or for oneself without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.accounts.access import staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.lists.columns import MOST_COLUMNS, WIDTHS, ListColumn, is_needed, with_head
from rapport.records.lists.querying import refuses_unknown_fields
from rapport.records.models import SavedView
from rapport.records.registry import Field
from rapport.records.saved_views import actions
from rapport.records.saved_views.opening import open_list
from rapport.records.saved_views.views import FORM_METHODS, list_or_404
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast


@dataclass(frozen=True)
class ColumnRow:
    """A field as the form shows it."""

    field: Field
    is_column: bool
    width: str = ""

    @property
    def is_needed(self) -> bool:
        return is_needed(self.field)


@staff_only()
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def columns(request: HttpRequest, object_name: str) -> HttpResponse:
    """One form: each field a column or not, and how wide; its arrow buttons save as they move."""
    user, listed = staff_user(request), list_or_404(request, object_name)
    query = QueryDict(request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode())
    opened = open_list(query, listed.of(user), user=user)
    view, back = opened.view, _with(reverse(listed.url_name), query)
    is_kept = view is None or actions.may_change(view, user)
    if request.method == "POST" and is_kept:
        moved = _save(request, listed.name, view, opened.asked.fields)
        if moved:
            address = _with(reverse("list_columns", args=[listed.name]), query)
            return HttpResponseRedirect(f"{address}#column-{moved}")
        toast(request, _("Saved."))
        return HttpResponseRedirect(back)
    context = {
        "listed": listed,
        "view": view,
        "is_kept": is_kept,
        "rows": _rows(opened.columns, opened.asked.fields),
        "widths": list(WIDTHS.items()),
        "most": MOST_COLUMNS,
        "query": query.urlencode(),
        "back": back,
    }
    return render_page(request, "records/columns.html", context, status=403 if request.method == "POST" else 200)


def _rows(chosen: Sequence[ListColumn], fields: Mapping[str, Field]) -> list[ColumnRow]:
    """The columns in their order, then what else could be one."""
    names = {each.field.name for each in chosen}
    return [ColumnRow(each.field, True, each.width) for each in chosen] + [
        ColumnRow(each, False) for each in fields.values() if each.name not in names
    ]


def _save(request: HttpRequest, object_name: str, view: SavedView | None, fields: Mapping[str, Field]) -> str:
    """Keep what the form says; the name of the column that was moved, if one was."""
    user, posted = staff_user(request), request.POST
    kept: list[str] | None = None
    if "reset" not in posted:
        wanted = set(posted.getlist("column"))
        names = [name for name in dict.fromkeys(posted.getlist("order")) if name in fields]
        names = [name for name in names if name in wanted or is_needed(fields[name])]
        chosen = [ListColumn(fields[name], _width(posted.get(f"width-{name}", ""))) for name in _moved(names, request)]
        kept = [each.kept for each in with_head(chosen, fields)]
    if view is None:
        actions.keep_columns(object_name, kept, by=user, request=request)
    elif kept is None:
        actions.forget_view_columns(view, by=user, now=utc_now(), request=request)
    else:
        actions.change_view(view, columns=kept, by=user, now=utc_now(), request=request)
    moved = posted.get("up", "") or posted.get("down", "")
    return moved if moved in fields else ""


def _width(text: str) -> str:
    return text if text in WIDTHS else ""


def _moved(names: list[str], request: HttpRequest) -> list[str]:
    """The order after the arrow that was pressed, if one was."""
    for way, step in (("up", -1), ("down", 1)):
        name = request.POST.get(way, "")
        if name in names:
            at = names.index(name)
            other = at + step
            if 0 <= other < len(names):
                names[at], names[other] = names[other], names[at]
    return names


def _with(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path
