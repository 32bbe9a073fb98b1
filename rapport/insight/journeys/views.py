"""The journeys page: a process map of what customers do one after another."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight import queries
from rapport.insight.behind.links import CUSTOMER, leads_to_lists
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import JOURNEYS
from rapport.insight.journeys.computing import JourneyQuestion
from rapport.insight.journeys.forms import JourneysForm, usual_answers
from rapport.insight.journeys.page import journeys_page
from rapport.insight.long_answers import NothingYet
from rapport.insight.models import Snapshot
from rapport.insight.permissions import VIEW
from rapport.insight.reports import NotYetMade
from rapport.insight.rfm.page import customers_href
from rapport.insight.waiting import render_coming
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute


@staff_only(VIEW)
@require_safe
def journeys(request: HttpRequest) -> HttpResponse:
    snapshot = queries.current_snapshot()
    if snapshot is None:
        context, status = {"state": "unrefreshed"}, 200
    else:
        try:
            context, status = _shown(request, snapshot)
        except (SnapshotMissing, UnableToCompute) as failure:
            context, status = {"state": "failed", "failure": str(failure)}, 503
    return render_coming(request, "insight/journeys.html", context, status=status)


def _shown(request: HttpRequest, snapshot: Snapshot) -> tuple[dict[str, Any], int]:
    run = queries.newest_run()
    usual = usual_answers(queries.usual_question(snapshot, run)["as_of"])
    form = JourneysForm(usual | {name: request.GET[name] for name in usual if request.GET.get(name)})
    asked = form.asked()
    question = asked or JourneyQuestion(as_of=usual["as_of"])
    context: dict[str, Any] = {
        "form": form,
        "shown": form.cleaned_data if asked else {name: form[name].value() for name in form.fields},
        "snapshot": snapshot,
        "question": question,
        "known_until": usual["as_of"],
    }
    status = 200 if asked else 400
    if question.as_of > usual["as_of"]:
        return context | {"state": "ahead"}, status
    listed = leads_to_lists(staff_user(request), CUSTOMER)
    try:
        page = journeys_page(
            snapshot, question=question, rules=queries.segment_rules(), share=form.share, listed=listed
        )
    except NotYetMade:
        return context | {"state": "coming"}, status
    except NothingYet as nothing:
        return context | {"state": "before", "oldest": nothing.oldest}, status
    if page is None:
        return {"state": "empty", "may_import": staff_user(request).has_right("records.import")}, 200
    is_listed = listed and run is not None and run.as_of == question.as_of and question.segment
    context |= {
        "state": "shown",
        "page": page,
        "explained": explained(JOURNEYS),
        "list_href": customers_href(f"segment.is:{question.segment}") if is_listed else "",
    }
    return context, status
