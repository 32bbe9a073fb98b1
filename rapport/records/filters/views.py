"""The filter builder of a list: rows that are typed, checked, and become the address of the list."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import active_staff, business_zone
from rapport.records.exporting.lists import ExportedList, every_list
from rapport.records.filters.conditions import Reader, parse_filters
from rapport.records.filters.dates import PERIODS, UNITS
from rapport.records.filters.forms import (
    JOIN_WORDS,
    Builder,
    Line,
    builder_of,
    filters_from,
    take_step,
    typed_builder,
)
from rapport.records.filters.operators import operators_of
from rapport.records.filters.values import ME, MY_TEAM
from rapport.records.list_uses import USE, ListUse, find_use
from rapport.records.lists.querying import SAFE, count_rows, read_request, refuses_unknown_fields
from rapport.records.registry import Field
from rapport.ui.rendering import render_page

_MOST_PEOPLE = 200


@staff_only()
@require_safe
@refuses_unknown_fields
def build_filter(request: HttpRequest, list_name: str) -> HttpResponse:
    """Show the filter of a list as rows, change them step by step, and lead back to the list with what they ask for."""
    user = staff_user(request)
    listed = _list_or_404(request, list_name)
    fields = {name: field for name, field in listed.of(user).fields_to_ask(user).items() if field.operators}
    reader = Reader(user, business_zone())
    step = request.GET.get("step", "")
    if "builder" not in request.GET:
        builder = _asked_for(request.GET, fields=fields, reader=reader)
        return _show(request, listed, builder, fields=fields)
    builder = typed_builder(request.GET, fields=fields, reader=reader)
    if step == "apply":
        found = filters_from(builder, fields=fields, reader=reader)
        if not builder.has_errors:
            asked = parse_filters([each.parameter for each in found], fields=fields, reader=reader)
            return HttpResponseRedirect(_leads_to(request, listed, builder, [each.parameter for each in asked]))
    else:
        take_step(builder, step)
    return _show(request, listed, builder, fields=fields)


@staff_only()
@require_safe
@refuses_unknown_fields
def count_filter(request: HttpRequest, list_name: str) -> HttpResponse:
    """How many fit what is typed so far, as the list would count them; nothing as long as that is not whole."""
    user = staff_user(request)
    listed = _list_or_404(request, list_name)
    of = listed.of(user)
    fields = {name: field for name, field in of.fields_to_ask(user).items() if field.operators}
    builder = typed_builder(request.GET, fields=fields, reader=Reader(user, business_zone()))
    found = filters_from(builder, fields=fields, reader=Reader(user, business_zone()))
    count = None
    if not builder.has_errors:
        query = QueryDict(mutable=True)
        query.setlist("filter", [each.parameter for each in found])
        count = count_rows(read_request(query, of, user=user))
    return render(request, "records/filter_count.html", {"count": count})


def _asked_for(query: QueryDict, *, fields: dict[str, Field], reader: Reader) -> Builder:
    """What the list is asked already, and a first row where that is nothing; `add` begins one with its field."""
    builder = builder_of(parse_filters(query.getlist("filter"), fields=fields, reader=reader), query)
    added = fields.get(query.get("add", ""))
    if added is not None or not builder.count:
        builder.groups[0].lines.append(Line(added, operators_of(added)[0] if added is not None else None, is_new=True))
    return builder


def _show(request: HttpRequest, listed: ExportedList, builder: Builder, *, fields: dict[str, Field]) -> HttpResponse:
    lines = [line for group in builder.groups for line in group.lines]
    for line in lines:
        if line.field is not None and line.operator is None:
            line.operator = line.operators[0]
    use = find_use(staff_user(request), listed.name, dict(builder.others).get(USE, ""))
    context: dict[str, Any] = {
        "listed": listed,
        "builder": builder,
        "back": _address(listed, builder, builder.was, use=use) if builder.was or use is None else reverse(use.home),
        "use": use,
        "fields": [field for field in fields.values() if field.offered],
        "joins": JOIN_WORDS,
        "periods": PERIODS,
        "units": UNITS,
        "me": ME,
        "my_team": MY_TEAM,
        "people": active_staff()[:_MOST_PEOPLE] if any(line.takes == "people" for line in lines) else [],
    }
    return render_page(
        request, "records/filter.html", context, block="builder", status=422 if builder.has_errors else 200
    )


def _leads_to(request: HttpRequest, listed: ExportedList, builder: Builder, texts: list[str]) -> str:
    """The list, or the page for which the builder was opened."""
    use = find_use(staff_user(request), listed.name, dict(builder.others).get(USE, ""))
    return _address(listed, builder, texts, use=use)


def _address(listed: ExportedList, builder: Builder, texts: list[str], *, use: ListUse | None = None) -> str:
    query = QueryDict(mutable=True)
    for name, value in builder.others:
        if name != USE:
            query.appendlist(name, value)
    query.setlist("filter", texts)
    asked, path = query.urlencode(safe=SAFE), reverse(use.url_name if use is not None else listed.url_name)
    return f"{path}?{asked}" if asked else path


def _list_or_404(request: HttpRequest, name: str) -> ExportedList:
    found = every_list().get(name)
    if found is None or not staff_user(request).has_right(found.right):
        raise Http404
    return found
