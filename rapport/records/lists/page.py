"""A list as a page shows it: rows, count, links that sort, filter and go on, and the choices of the filter menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.queries import business_zone, staff_list
from rapport.core.clock import utc_now
from rapport.core.remembering import remembered
from rapport.records.bulk.acts import BulkAct, acts_for
from rapport.records.exporting.lists import exported_lists
from rapport.records.filters.conditions import Filter, Operator, Reader, operators_of, parse_filter
from rapport.records.list_uses import ListUse, uses_for
from rapport.records.lists.changes import changes_between, mark_of, rows_changed
from rapport.records.lists.editing import editable_fields
from rapport.records.lists.looked import Looked, WayLinks, kept_of, look_at, place_of
from rapport.records.lists.querying import Count, ListedObject, ListRequest, Page, Row, count_rows, fetch_page
from rapport.records.models import SavedView
from rapport.records.permissions import EXPORT
from rapport.records.registry import Field, FieldKind, UnknownField
from rapport.records.saved_views.actions import may_change
from rapport.records.saved_views.opening import PLAIN, SINCE, VIEW, Opened, open_list
from rapport.ui.formats import number
from rapport.ui.rendering import unless_known, wants_part
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

_NUMERIC = (FieldKind.NUMBER, FieldKind.MONEY)


@dataclass(frozen=True)
class ListPage:
    asked: ListRequest
    page: Page
    count: Count
    columns: tuple[Field, ...]
    path: str
    is_part: bool = False
    opened: Opened | None = None
    looked: Looked | None = None
    after: str = ""

    @property
    def ways(self) -> WayLinks:
        """How else it can be looked at, and the links of how it is."""
        return WayLinks(self)

    @property
    def view(self) -> SavedView | None:
        """The saved view that the list was opened with."""
        return self.opened.view if self.opened is not None else None

    @property
    def is_kept_as_view(self) -> bool:
        """Whether its reader can keep what is asked in the view it came from."""
        return self.view is not None and may_change(self.view, self.asked.user)

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The columns as ui.table takes them."""
        widths = {each.field.name: each.width for each in self.opened.columns} if self.opened is not None else {}
        return [{**self._head(column), "width": widths.get(column.name, "")} for column in self.columns]

    def _head(self, column: Field) -> dict[str, Any]:
        head: dict[str, Any] = {
            "label": column.label,
            "numeric": column.kind in _NUMERIC,
            "wide_only": column.wide_only,
            "name": column.name,
            "typed": column.name in self.typed,
        }
        if not column.sortable:
            return head
        current = column.name == self.asked.sort.name
        if current:
            head["direction"] = "descending" if self.asked.descending else "ascending"
        starts_down = column.kind in (*_NUMERIC, FieldKind.DATE, FieldKind.INSTANT)
        down = not self.asked.descending if current else starts_down
        wanted = f"-{column.name}" if down else column.name
        head["sort"] = self.url(sort=None if wanted == self.asked.of.default_sort else wanted)
        return head

    def parameters(self, *, without: Filter | None = None, **changes: str | None) -> str:
        """What the list asks as a query string, with changes. Within a view it says everything, the order too."""
        if self.view is not None:
            sort = changes.get("sort") or self._sort_of(changes)
            return self.asked.parameters(without=without, **{**changes, "sort": sort, VIEW: str(self.view.public_id)})
        query = self.asked.parameters(without=without, **changes)
        opens = self.opened.opens if self.opened is not None else None
        return query or (f"{VIEW}={PLAIN}" if opens is not None else "")

    def _sort_of(self, changes: dict[str, str | None]) -> str:
        return self.asked.of.default_sort if "sort" in changes else self.asked.sort_parameter

    def url(self, *, without: Filter | None = None, **changes: str | None) -> str:
        return self._at(self.parameters(without=without, **changes))

    def url_with(self, changes: Mapping[str, str | None]) -> str:
        """The same list with these parameters, None for none."""
        return self._at(self.parameters(without=None, **changes))

    def _at(self, query: str) -> str:
        return f"{self.path}?{query}" if query else self.path

    def add_url(self, *filters: str) -> str:
        """The same list with further filters, as they stand in a URL."""
        parts = [self.parameters(), *(f"filter={text}" for text in filters)]
        return self._at("&".join(part for part in parts if part))

    @property
    def plain_url(self) -> str:
        """The whole list, whatever view it opens with."""
        opens = self.opened is not None and self.opened.opens is not None
        return f"{self.path}?{VIEW}={PLAIN}" if opens else self.path

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What forms that ask the list for something else have to say besides: the view and the order."""
        way = kept_of(self.asked.way.parameters, self.looked)
        if self.view is not None:
            return [(VIEW, str(self.view.public_id)), ("sort", self.asked.sort_parameter), *way]
        plain = self.asked.sort_parameter == self.asked.of.default_sort
        return way if plain else [("sort", self.asked.sort_parameter), *way]

    def tabs(self, ready: Sequence[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        """Ready-made narrowings, each with its filter as in an address, and then the views that are pinned."""
        asked = "&".join(each.parameter for each in self.asked.filters)
        pinned = self.opened.pinned if self.opened is not None else ()
        way = "".join(f"&{name}={value}" for name, value in self.asked.way.parameters.items() if value is not None)
        return [(label, self._narrowed_to(text, way), self.view is None and asked == text) for label, text in ready] + [
            (each.name, f"{self.path}?{VIEW}={each.public_id}", each == self.view) for each in pinned
        ]

    def _narrowed_to(self, text: str, way: str) -> str:
        """A ready-made narrowing, looked at in the same way."""
        if text:
            return f"{self.path}?filter={text}{way}"
        return f"{self.path}?{way[1:]}" if way else self.plain_url

    def beside_url(self, url_name: str) -> str:
        """A page about this list that is told what it asks."""
        query = self.parameters()
        path = reverse(url_name, args=[self.asked.of.name])
        return f"{path}?{query}" if query else path

    @property
    def view_url(self) -> str:
        """The page of the view, told what the list asks where that is something else by now."""
        if self.view is None:
            return ""
        path = reverse("list_view", args=[self.view.public_id])
        return f"{path}?{self.parameters()}" if self.opened is not None and self.opened.is_changed else path

    @property
    def changes_url(self) -> str:
        """Where a page that stays open asks whether its rows are still what it shows."""
        if self.opened is None or self.asked.after is not None:
            return ""
        if self.looked is not None:
            return self.url_with({**place_of(self.looked), SINCE: "".join(self.looked.marks)})
        return self._asking_since()

    @property
    def part_changes_url(self) -> str:
        """The same for rows that were loaded behind those of the first page."""
        return self._asking_since(after=self.after) if self.after and self.looked is None else ""

    def _asking_since(self, **changes: str | None) -> str:
        if self.opened is None:
            return ""
        query, mark = self.parameters(without=None, **changes), mark_of(self.page.rows, self.opened.columns)
        return f"{self.path}?{f'{query}&' if query else ''}{SINCE}={mark}"

    @property
    def export_url(self) -> str:
        """Where this list, as it is narrowed and sorted, is made a file; nothing for who may not."""
        user = self.asked.user
        if self.asked.of.name not in exported_lists() or not user.has_right(EXPORT.name):
            return ""
        query = [
            part
            for part in (self.asked.parameters(), f"columns={','.join(each.name for each in self.columns)}")
            if part
        ]
        return f"{reverse('export_new', args=[self.asked.of.name])}?{'&'.join(query)}"

    @cached_property
    def uses(self) -> list[ListUse]:
        """What its reader may make of the list."""
        return uses_for(self.asked.user, self.asked.of.name)

    def use_url(self, use: ListUse) -> str:
        says: dict[str, Any] = {"sort": None, **dict(use.says)}
        query = self.asked.parameters(**says)
        return f"{reverse(use.url_name)}?{query}" if query else reverse(use.url_name)

    @cached_property
    def acts(self) -> list[BulkAct]:
        """What its reader may do with many rows; without any the rows have no boxes."""
        return acts_for(self.asked.user, self.asked.of.name)

    @cached_property
    def typed(self) -> frozenset[str]:
        """The fields that its reader may write in it."""
        return frozenset(editable_fields(self.asked.user, self.asked.of.name)) if self.acts else frozenset()

    @property
    def next_url(self) -> str:
        return self.url(after=self.page.next_cursor) if self.page.next_cursor else ""

    @cached_property
    def filterable(self) -> list[tuple[Field, list[Operator], list[tuple[str, Any]] | None]]:
        """(field, comparisons, choices) for the filter menu, which is filled without JavaScript."""
        fields = self.asked.of.fields_to_ask(self.asked.user).values()
        return [
            (
                field,
                [operator for operator in operators_of(field) if operator.is_plain],
                field.choices() if field.choices is not None else None,
            )
            for field in fields
            if any(operator.is_plain for operator in operators_of(field))
        ]

    @property
    def how_many(self) -> str:
        """The count in words."""
        shown = number(self.count.number)
        if self.count.is_exact:
            return shown
        return (
            _("about %(count)s") % {"count": shown}
            if self.count.is_estimate
            else _("more than %(count)s") % {"count": shown}
        )

    @property
    def summary(self) -> str:
        """What the foot of the list says."""
        if self.count.too_many_hits:
            return _("More than %(count)s found. Narrow the search.") % {"count": number(self.count.number)}
        last = self.page.passed + len(self.page.rows)
        values = {"first": number(self.page.passed + 1), "last": number(last), "count": self.how_many}
        place = _("%(first)s–%(last)s of %(count)s") % values
        return _("%(place)s · sorted by %(field)s") % {"place": place, "field": str(self.asked.sort.label).lower()}


def build_list(request: HttpRequest, of: ListedObject, *, user: User, columns: Sequence[str] = ()) -> ListPage:
    """Read what the address asks of the list and fetch it. `columns` adds values that the page needs beside its columns."""
    return list_page_of(request.GET, request.path, of, user=user, columns=columns, is_part=wants_part(request))


def list_page_of(
    query: QueryDict,
    path: str,
    of: ListedObject,
    *,
    user: User,
    columns: Sequence[str] = (),
    is_part: bool = False,
) -> ListPage:
    """The list at `path` as `query` asks for it."""
    opened = open_list(query, of, user=user)
    looked = look_at(opened, query, now=utc_now())
    page = _fetch(opened, columns=columns) if looked is None else Page([])
    shown = tuple(column.field for column in opened.columns)
    count, after = count_rows(opened.asked), query.get("after", "")
    return ListPage(opened.asked, page, count, shown, path, is_part, opened, looked, after)


def _fetch(opened: Opened, *, columns: Sequence[str] = ()) -> Page:
    fields = opened.asked.fields
    shown = [column.field for column in opened.columns]
    needed = [*shown, *(fields[name] for name in columns if name in fields and fields[name] not in shown)]
    page = fetch_page(opened.asked, columns=needed)
    people = [field.name for field in shown if field.kind is FieldKind.PERSON]
    for row in page.rows if people else ():
        _name_people(row, people)
    return page


def _name_people(row: Row, columns: Sequence[str]) -> None:
    names = remembered("records.people", lambda: {each.pk: each.name for each in staff_list()})
    for column in columns:
        row.values[column] = names.get(row.values[column])


def answer_aside(request: HttpRequest, of: ListedObject, *, user: User) -> HttpResponse | None:
    """What the address of a list is asked besides the page: whether it has changed, and what the filter menu sends."""
    return _tell_changes(request, of, user=user) or follow_filter_form(request, of, user=user)


def _tell_changes(request: HttpRequest, of: ListedObject, *, user: User) -> HttpResponse | None:
    """How many rows are not what the page shows that asks; what it shows stays until somebody wants the new."""
    query = request.GET.copy()
    before = query.pop(SINCE, None)
    if before is None:
        return None
    opened = open_list(query, of, user=user)
    looked = look_at(opened, query, now=utc_now())
    rows = _fetch(opened).rows if looked is None else []
    now = mark_of(rows, opened.columns) if looked is None else "".join(looked.marks)
    found = changes_between(str(before[-1]), now)
    shows = f"{request.path}?{query.urlencode(safe=':,')}" if query else request.path
    context = {
        "number": found, "asks": request.get_full_path(), "shows": shows, "is_table": looked is None,
        "is_behind": opened.asked.after is not None, "changed": rows_changed(str(before[-1]), now, rows),
    }  # fmt: skip
    return unless_known(request, render(request, "records/list_changes.html", context))


def follow_filter_form(request: HttpRequest, of: ListedObject, *, user: User) -> HttpResponse | None:
    """The filter menu sends field, operator and value apart; the list's own address has them as one filter.

    A value that does not fit leads back to the list as it was, with a word about it.
    """
    query = request.GET.copy()
    if "field" not in query:
        return None
    text = f"{query.get('field', '')}.{query.get('operator', '')}:{','.join(query.getlist('value'))}"
    for part in ("field", "operator", "value", *(() if query.get("q") else ("q",))):
        query.pop(part, None)
    try:
        parse_filter(text, fields=of.fields_to_ask(user), reader=Reader(user, business_zone()))
    except UnknownField as refusal:
        toast(request, str(refusal), bad=True)
    else:
        query.appendlist("filter", text)
    return HttpResponseRedirect(f"{request.path}?{query.urlencode(safe=':,')}")
