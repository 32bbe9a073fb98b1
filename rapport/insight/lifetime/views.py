"""The page that says how far lifetime values can be trusted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight import queries
from rapport.insight.behind.rankings import ranking_href
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import LIFETIME
from rapport.insight.lifetime.page import lifetime_page
from rapport.insight.lifetime.words import refusal_in_words
from rapport.insight.permissions import VIEW
from rapport.ui.rendering import render_page

KIND = "clv"


@staff_only(VIEW)
@require_safe
def lifetime(request: HttpRequest) -> HttpResponse:
    """The model in use by its report, as it was when it was learned."""
    learned = queries.newest_model(KIND)
    context: dict[str, Any] = {"learned": learned, "state": "unrefreshed", "list_href": ""}
    if learned is not None and learned.is_refused:
        context |= {"state": "refused", "refused": refusal_in_words(learned.report)}
        context["may_import"] = staff_user(request).has_right("records.import")
    elif learned is not None:
        context |= {"state": "shown", "page": lifetime_page(learned.report)}
        context["list_href"] = ranking_href(staff_user(request), "-expected_value")
        context["explained"] = explained(LIFETIME, learned=(learned.snapshot_folder, KIND))
    return render_page(request, "insight/lifetime.html", context)
