"""A list as a page shows it: rows, count, links that sort, filter and go on, and the choices of the filter menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.queries import business_zone
from rapport.records.bulk import BulkAct, acts_for
from rapport.records.exporting import exported_lists
from rapport.records.filters import Filter, Operator, Reader, operators_of, parse_filter
from rapport.records.lists import Count, ListedObject, ListRequest, Page, count_rows, fetch_page, read_request
from rapport.records.permissions import EXPORT
from rapport.records.registry import Field, FieldKind, UnknownField
from rapport.ui.formats import number
from rapport.ui.rendering import wants_part
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

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The columns as ui.table takes them."""
        return [self._head(column) for column in self.columns]

    def _head(self, column: Field) -> dict[str, Any]:
        head: dict[str, Any] = {
            "label": column.label,
            "numeric": column.kind in _NUMERIC,
            "wide_only": column.wide_only,
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

    def url(self, *, without: Filter | None = None, **changes: str | None) -> str:
        query = self.asked.parameters(without=without, **changes)
        return f"{self.path}?{query}" if query else self.path

    def add_url(self, *filters: str) -> str:
        """The same list with further filters, as they stand in a URL."""
        parts = [self.asked.parameters(), *(f"filter={text}" for text in filters)]
        return f"{self.path}?{'&'.join(part for part in parts if part)}"

    @property
    def export_url(self) -> str:
        """Where this list, as it is narrowed and sorted, is made a file; nothing for who may not."""
        user = self.asked.user
        if self.asked.of.name not in exported_lists() or not user.has_right(EXPORT.name):
            return ""
        query = self.asked.parameters()
        path = reverse("export_new", args=[self.asked.of.name])
        return f"{path}?{query}" if query else path

    @cached_property
    def acts(self) -> list[BulkAct]:
        """What its reader may do with many rows; without any the rows have no boxes."""
        return acts_for(self.asked.user, self.asked.of.name)

    @property
    def next_url(self) -> str:
        return self.url(after=self.page.next_cursor) if self.page.next_cursor else ""

    @cached_property
    def filterable(self) -> list[tuple[Field, list[Operator], list[tuple[str, Any]] | None]]:
        """(field, comparisons, choices) for the filter menu, which is filled without JavaScript."""
        fields = self.asked.fields.values()
        return [
            (field, operators_of(field), field.choices() if field.choices is not None else None)
            for field in fields
            if field.operators
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
    asked = read_request(request.GET, of, user=user)
    fields = asked.fields
    shown = tuple(field for field in fields.values() if field.default_column)
    needed = [*shown, *(fields[name] for name in columns if name in fields and fields[name] not in shown)]
    return ListPage(
        asked, fetch_page(asked, columns=needed), count_rows(asked), shown, request.path, wants_part(request)
    )


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
        parse_filter(text, fields=of.fields_for(user), reader=Reader(user, business_zone()))
    except UnknownField as refusal:
        toast(request, str(refusal), bad=True)
    else:
        query.appendlist("filter", text)
    return HttpResponseRedirect(f"{request.path}?{query.urlencode(safe=':,')}")
