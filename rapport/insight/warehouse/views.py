"""The lineage page: which number comes from which rows, when, by what, and how that was checked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only
from rapport.insight import queries
from rapport.insight.permissions import VIEW
from rapport.insight.warehouse.lineage import comparisons, marts_made, tables_made
from rapport.ui.rendering import render_page

_PAGE = "insight/lineage.html"


@staff_only(VIEW)
@require_safe
def lineage(request: HttpRequest) -> HttpResponse:
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return render_page(request, _PAGE, {"snapshot": None})
    tables = tables_made(snapshot)
    context = {
        "snapshot": snapshot,
        "tables": tables,
        "marts": marts_made(snapshot),
        "compared": comparisons(),
        "rows": sum(table.rows for table in tables),
        "size": sum(table.size or 0 for table in tables),
        "new_size": sum(table.new_size or 0 for table in tables),
    }
    return render_page(request, _PAGE, context)
