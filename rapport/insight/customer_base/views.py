"""The page of the customer base: five lenses on customers, and the same on products."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight import queries
from rapport.insight.behind.links import leads_to_lists
from rapport.insight.customer_base.cohorts_page import cohort_choices, cohorts_part, followed_part, whole_part
from rapport.insight.customer_base.computing import BASE, BaseAnswers
from rapport.insight.customer_base.forms import BaseForm, usual_answers
from rapport.insight.customer_base.moves import moves_part
from rapport.insight.customer_base.page import change_part, spread_part, tiles
from rapport.insight.customer_base.periods import CUSTOMERS, PRODUCTS, BaseQuestion
from rapport.insight.customer_base.words import listed_as
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import BASE as MEANING
from rapport.insight.long_answers import NothingYet, answer_page
from rapport.insight.models import Snapshot
from rapport.insight.permissions import VIEW
from rapport.insight.queries import COMPARED_MONTHS, months_before
from rapport.insight.reports import NotYetMade
from rapport.insight.waiting import render_coming
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute

_PAGE = "insight/customer_base.html"


@staff_only(VIEW)
@require_safe
def customer_base(request: HttpRequest) -> HttpResponse:
    shown, status = _shown(request)
    return render_coming(request, _PAGE, {"refreshing": queries.refresh_is_under_way(), **shown}, status=status)


def _shown(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """What the page shows, and the status of the answer."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return {"state": "unrefreshed"}, 200
    if not snapshot.counts.get("orders"):
        return {"state": "empty", "may_import": staff_user(request).has_right("records.import")}, 200
    try:
        return _lenses(request, snapshot)
    except (SnapshotMissing, UnableToCompute) as failure:
        return {"state": "failed", "failure": str(failure)}, 503


def _lenses(request: HttpRequest, snapshot: Snapshot) -> tuple[dict[str, Any], int]:
    run = queries.newest_run()
    day = queries.usual_question(snapshot, run)["as_of"]
    usual = usual_answers(day, period=request.GET.get("period", ""))
    form = BaseForm(usual | {name: request.GET[name] for name in usual if request.GET.get(name)})
    question = form.question()
    said = form.cleaned_data if question is not None else usual
    asked = question or BaseQuestion(as_of=day)
    status = 200 if question is not None else 400
    context: dict[str, Any] = {
        "form": form,
        "shown": said if question is not None else {name: form[name].value() for name in form.fields},
        "snapshot": snapshot,
        "question": asked,
        "tabs": _tabs(said, asked),
        "look_from": lambda day: _href({**said, "as_of": day}),
        "known_until": day,
        "cohort_choices": [("", "—"), *([(said["cohort"], said["cohort"])] if said["cohort"] else [])],
    }
    try:
        found = answer_page(BASE, asked, snapshot=snapshot, rules=queries.segment_rules())
    except NotYetMade:
        return context | {"state": "coming"}, status
    except NothingYet as nothing:
        return context | {"state": "before", "oldest": nothing.oldest}, status
    return context | {"state": "shown"} | _found(request, found, asked, said), status


def _found(request: HttpRequest, found: BaseAnswers, asked: BaseQuestion, said: dict[str, Any]) -> dict[str, Any]:
    report, moves, newest = found.report, found.moves, found.newest_order_on
    listed = leads_to_lists(staff_user(request), listed_as(asked))
    return {
        "report": report,
        "tiles": tiles(report, asked, listed=listed),
        "spread": spread_part(report, asked, listed=listed),
        "change": change_part(report, asked, listed=listed),
        "followed": followed_part(report, asked, chosen=said["cohort"], listed=listed),
        "side_by_side": cohorts_part(report, asked, measure=said["measure"], listed=listed),
        "whole": whole_part(report, asked, listed=listed),
        "moves": moves_part(moves, since=asked.last_before, listed=listed) if moves is not None else None,
        "cohort_choices": cohort_choices(report["cohorts"]["cohorts"], asked.grain),
        "explained": explained(MEANING),
        "visible": queries.visible_buyers(staff_user(request)) if listed and asked.of == CUSTOMERS else None,
        "orders_ended_on": newest if newest and newest < months_before(asked.as_of, COMPARED_MONTHS) else None,
    }


def _tabs(said: dict[str, Any], question: BaseQuestion) -> list[tuple[str, str, bool]]:
    return [
        (label, _href({**said, "of": of, "cohort": ""}), question.of == of)
        for of, label in ((CUSTOMERS, _("Customers")), (PRODUCTS, _("Products")))
    ]


def _href(said: dict[str, Any]) -> str:
    return reverse("customer_base") + "?" + urlencode({name: value for name, value in said.items() if value})
