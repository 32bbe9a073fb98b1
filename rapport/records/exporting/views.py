"""The pages of an export: what is wanted, how far it is, the file."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.audit import actions as audit
from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.records.exporting import actions as exporting_actions
from rapport.records.exporting.lists import CSV, XLSX, ExportedList, columns_offered, exported_lists, read_query
from rapport.records.layouts.sight import in_order
from rapport.records.lists.page import ListPage
from rapport.records.lists.querying import Page, count_rows, refuses_unknown_fields
from rapport.records.models import Export, ExportState
from rapport.records.permissions import EXPORT
from rapport.ui.rendering import render_page

_KINDS = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@staff_only(EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
@refuses_unknown_fields
def new_export(request: HttpRequest, list_name: str) -> HttpResponse:
    """Choose columns and the kind of file for a list as its page shows it, search and filters included."""
    user = staff_user(request)
    exported = _list_or_404(request, list_name)
    query, wanted = _asked_of(request)
    error = ""
    if request.method == "POST":
        try:
            export = exporting_actions.begin_export(
                exported, query=query, columns=request.POST.getlist("column"), file_format=request.POST.get("format", ""),
                with_mark="mark" in request.POST, by=user, now=utc_now(), request=request,
            )  # fmt: skip
            return HttpResponseRedirect(reverse("export", args=[export.public_id]))
        except exporting_actions.UnableToExport as refusal:
            error = str(refusal)
    asked = read_query(exported, query, user=user)
    shown = ListPage(asked, Page([]), count_rows(asked), (), reverse(exported.url_name))
    context = {
        "exported": exported,
        "query": query,
        "how_many": shown.how_many,
        "asked": asked,
        "back": shown.url(),
        "fields": in_order(columns_offered(asked), wanted or ()),
        "chosen": set(wanted) if wanted is not None else None,
        "error": error,
    }
    return render_page(request, "records/export_new.html", context, status=422 if error else 200)


@staff_only(EXPORT)
@require_GET
def show_export(request: HttpRequest, public_id: Any) -> HttpResponse:
    export = _find(request, public_id)
    exported = exported_lists()[export.list_name]
    back = reverse(exported.url_name) + (f"?{export.query}" if export.query else "")
    context = {"export": export, "exported": exported, "back": back, "is_done": export.state == ExportState.DONE}
    return render_page(request, "records/export.html", context)


@staff_only(EXPORT)
@require_GET
def download_export(request: HttpRequest, public_id: Any) -> HttpResponse:
    export = _find(request, public_id)
    stored = StoredFile(export.file_digest, export.file_size)
    if export.state != ExportState.DONE or not stored.path.exists() or not exporting_actions.may_still_be_read(export):
        raise Http404
    audit.record("export read", by=staff_user(request), request=request, about=str(export.public_id))
    response = FileResponse(
        stored.path.open("rb"), as_attachment=True, filename=export.file_name, content_type=_KINDS[export.file_format]
    )
    return cast(HttpResponse, response)


@staff_only(EXPORT)
@require_POST
def cancel_export(request: HttpRequest, public_id: Any) -> HttpResponse:
    export = _find(request, public_id)
    exporting_actions.cancel_export(export)
    return HttpResponseRedirect(reverse("export", args=[export.public_id]))


def _asked_of(request: HttpRequest) -> tuple[str, list[str] | None]:
    """What the list is asked, and the columns that are wanted: those of the list, until the form says which."""
    if request.method == "POST":
        return request.POST.get("query", ""), request.POST.getlist("column")
    query = request.GET.copy()
    wanted = query.pop("columns", None)
    return query.urlencode(), str(wanted[-1]).split(",") if wanted else None


def _list_or_404(request: HttpRequest, name: str) -> ExportedList:
    exported = exported_lists().get(name)
    if exported is None or not staff_user(request).has_right(exported.right):
        raise Http404(_("There is no such list."))
    return exported


def _find(request: HttpRequest, public_id: Any) -> Export:
    """One's own; and only as long as the right to the list lasts."""
    export: Export = find_or_404(Export.objects.all(), staff_user(request), public_id=public_id)
    _list_or_404(request, export.list_name)
    return export
