"""The page of contracts: how long do customers keep them, and can I trust this?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight import queries
from rapport.insight.contracts.computing import kept_retention
from rapport.insight.contracts.forms import ContractsForm
from rapport.insight.contracts.page import contracts_page, unmet_words
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import CONTRACTS
from rapport.insight.lifetime.words import refusal_in_words
from rapport.insight.models import Snapshot
from rapport.insight.permissions import VIEW
from rapport.insight.reports import reports
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute
from rapport.ui.rendering import render_page

_ASKED = ("began", "ended", "every")


@staff_only(VIEW)
@require_safe
def contracts(request: HttpRequest) -> HttpResponse:
    """Learned from the two fields that are named, as far as whoever asks sees them."""
    said = {name: request.GET[name] for name in _ASKED if request.GET.get(name)}
    form = ContractsForm(said or None, user=staff_user(request))
    snapshot = queries.current_snapshot()
    context: dict[str, Any] = {
        "form": form,
        "shown": {name: said.get(name, "") for name in _ASKED},
        "snapshot": snapshot,
    }
    status = 200
    if snapshot is None:
        context["state"] = "unrefreshed"
    elif len(form.days) < 2:
        context["state"] = "no_fields"
    elif not form.is_bound:
        context["state"] = "unasked"
    elif not form.is_valid():
        context["state"], status = "wrong", 400
    else:
        try:
            context |= _learned(snapshot, form)
        except (SnapshotMissing, UnableToCompute) as failure:
            context |= {"state": "failed", "failure": str(failure)}
            status = 503
    return render_page(request, "insight/contracts.html", context, status=status)


def _learned(snapshot: Snapshot, form: ContractsForm) -> dict[str, Any]:
    as_of = queries.usual_question(snapshot, queries.newest_run())["as_of"]
    with reports(snapshot, rules=queries.segment_rules()) as answers:
        report = kept_retention(answers, as_of=as_of, asked=form.question())
    if "refused" in report:
        return {"state": "refused", "refused": refusal_in_words(report), "as_of": as_of}
    return {
        "state": "shown",
        "page": contracts_page(report),
        "explained": explained(CONTRACTS),
        "unmet": unmet_words(report["met_no_renewal"]),
        "as_of": as_of,
    }
