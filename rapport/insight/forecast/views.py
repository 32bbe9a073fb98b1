"""The page of the revenue forecast: what is foretold, and how far that can be trusted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight import queries
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import FORECAST
from rapport.insight.forecast.page import forecast_page
from rapport.insight.lifetime.words import refusal_in_words
from rapport.insight.permissions import VIEW
from rapport.ui.rendering import render_page

KIND = "forecast"


@staff_only(VIEW)
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """The newest forecast that is kept."""
    learned = queries.newest_model(KIND)
    context: dict[str, Any] = {"learned": learned, "state": "unrefreshed"}
    if learned is None:
        context["state"] = "unlearned" if queries.current_snapshot() is not None else "unrefreshed"
    elif learned.is_refused:
        context |= {"state": "refused", "refused": refusal_in_words(learned.report)}
        context["may_import"] = staff_user(request).has_right("records.import")
    else:
        context |= {"state": "shown", "page": forecast_page(learned.report)}
        context["explained"] = explained(FORECAST, learned=(learned.snapshot_folder, KIND))
    return render_page(request, "insight/forecast.html", context)
