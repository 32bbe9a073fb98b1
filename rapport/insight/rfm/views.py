"""The worth page: who the best and the worst customers are, and how that moves."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.commerce.permissions import VIEW as SEE_ORDERS
from rapport.insight import queries
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import WORTH
from rapport.insight.long_answers import NothingYet
from rapport.insight.models import Snapshot
from rapport.insight.permissions import VIEW
from rapport.insight.reports import NotYetMade
from rapport.insight.rfm.computing import Question
from rapport.insight.rfm.forms import WorthForm
from rapport.insight.rfm.page import worth_href, worth_page
from rapport.insight.waiting import render_coming
from rapport.insight.warehouse.asking import ask_for_refresh
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute
from rapport.ui.toasts import toast

_PAGE = "insight/worth.html"


@staff_only(VIEW)
@require_safe
def worth(request: HttpRequest) -> HttpResponse:
    """While a refresh is under way, or the worker makes what is asked, the page asks for itself again."""
    refreshing = queries.refresh_is_under_way()
    shown, status = _shown(request)
    return render_coming(request, _PAGE, {"refreshing": refreshing, **shown}, waits=refreshing, status=status)


@staff_only(VIEW)
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    if ask_for_refresh():
        toast(request, _("The numbers are being refreshed; the page shows the new ones as soon as they are there."))
    else:
        toast(request, _("A refresh is waiting already; the page shows the new numbers as soon as they are there."))
    return redirect("worth")


def _shown(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """What the page shows, and the status of the answer."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return {"state": "unrefreshed"}, 200
    if not snapshot.counts.get("orders"):
        return {"state": "empty", "may_import": staff_user(request).has_right("records.import")}, 200
    try:
        return _numbers(request, snapshot)
    except (SnapshotMissing, UnableToCompute) as failure:
        return {"state": "failed", "failure": str(failure)}, 503


def _numbers(request: HttpRequest, snapshot: Snapshot) -> tuple[dict[str, Any], int]:
    run = queries.newest_run()
    usual = queries.usual_question(snapshot, run)
    form = WorthForm({name: request.GET.get(name, "") for name in WorthForm.base_fields} | _unsaid(request, usual))
    question = Question(**(form.asked() or usual))
    status = 200 if form.is_valid() else 400
    context: dict[str, Any] = {
        "form": form,
        "shown": form.shown(),
        "snapshot": snapshot,
        "question": question,
        "listed_as_of": run.as_of if run is not None else None,
        "is_ahead": run is not None and question.as_of > run.as_of,
        "look_from": lambda day: worth_href(as_of=day, monetary=question.monetary),
        "known_until": usual["as_of"],
    }
    try:
        page = worth_page(
            snapshot,
            question=question,
            run=run,
            rules=queries.segment_rules(),
            sees_orders=staff_user(request).has_right(SEE_ORDERS.name),
        )
    except NotYetMade:
        return context | {"state": "coming"}, status
    except NothingYet as nothing:
        return context | {"state": "before", "oldest": nothing.oldest}, status
    context |= {"state": "shown", "page": page, "explained": explained(WORTH)}
    context["visible"] = queries.visible_buyers(staff_user(request)) if page.can_be_listed else None
    return context, status


def _unsaid(request: HttpRequest, usual: dict[str, Any]) -> dict[str, Any]:
    """What is asked where nothing is said; the compared day follows."""
    return {name: usual[name] for name in ("as_of", "monetary") if not request.GET.get(name)}
