"""The filter builder of a list: rows that are typed, checked, and become the address of the list."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import active_staff, business_zone
from rapport.records.exporting import ExportedList, exported_lists
from rapport.records.filters import Reader, parse_filters
from rapport.records.filters_dates import PERIODS, UNITS
from rapport.records.filters_forms import (
    JOIN_WORDS,
    Builder,
    Line,
    builder_of,
    filters_from,
    take_step,
    typed_builder,
)
from rapport.records.filters_operators import operators_of
from rapport.records.filters_values import ME, MY_TEAM
from rapport.records.lists import SAFE, refuses_unknown_fields
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
    fields = {name: field for name, field in listed.of(user).fields_for(user).items() if field.operators}
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
            return HttpResponseRedirect(_address(listed, builder, [each.parameter for each in asked]))
    else:
        take_step(builder, step)
    return _show(request, listed, builder, fields=fields)


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
    context: dict[str, Any] = {
        "listed": listed,
        "builder": builder,
        "back": _address(listed, builder, builder.was),
        "fields": list(fields.values()),
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


def _address(listed: ExportedList, builder: Builder, texts: list[str]) -> str:
    query = QueryDict(mutable=True)
    for name, value in builder.others:
        query.appendlist(name, value)
    query.setlist("filter", texts)
    asked = query.urlencode(safe=SAFE)
    return f"{reverse(listed.url_name)}?{asked}" if asked else reverse(listed.url_name)


def _list_or_404(request: HttpRequest, name: str) -> ExportedList:
    found = exported_lists().get(name)
    if found is None or not staff_user(request).has_right(found.right):
        raise Http404
    return found
