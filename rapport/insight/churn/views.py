"""The page of leaving: can I trust this? What was learned, how well it foretold, and from what."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.insight import queries
from rapport.insight.behind.rankings import ranking_href
from rapport.insight.churn.forms import ChurnForm
from rapport.insight.churn.page import churn_page
from rapport.insight.churn.questions import (
    KIND,
    is_being_learned,
    label_of_risks,
    labels_learned,
    newest_learned,
    newest_risks,
)
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import LEAVING
from rapport.insight.permissions import VIEW
from rapport.insight.warehouse.asking import ask_to_learn
from rapport.records.layouts.sight import hidden_names
from rapport.ui.rendering import render_page, unless_known, wants_part
from rapport.ui.toasts import toast

_PAGE = "insight/churn.html"


@staff_only(VIEW)
@require_safe
def churn(request: HttpRequest) -> HttpResponse:
    """While something is being learned the page asks for itself again, until it shows it."""
    learning = is_being_learned()
    page = render_page(request, _PAGE, {"learning": learning, "is_part": wants_part(request), **_shown(request)})
    return unless_known(request, page) if learning and wants_part(request) else page


@staff_only(VIEW)
@require_POST
def churn_learn(request: HttpRequest) -> HttpResponse:
    form = ChurnForm(request.POST, user=staff_user(request))
    if not form.is_valid():
        shown = {"learning": is_being_learned(), "is_part": wants_part(request), **_shown(request), "form": form}
        return render_page(request, _PAGE, shown, status=400)
    question = form.question()
    ask_to_learn(question.said())
    toast(request, _("It is being learned; the page shows what came of it as soon as it is there."))
    return redirect(reverse("churn") + "?" + urlencode({"label": question.label}))


def _shown(request: HttpRequest) -> dict[str, Any]:
    user = staff_user(request)
    empty = ChurnForm(user=user)
    learned_from = [label for label in labels_learned() if label in empty.labels]
    label = request.GET.get("label", learned_from[0] if learned_from else "")
    learned = newest_learned(label) if label in empty.labels else None
    question = learned.report.get("question", {}) if learned is not None else {"label": label}
    shown: dict[str, Any] = {
        "form": ChurnForm(initial=question, user=user),
        "learned": learned,
        "address": request.get_full_path() if request.method == "GET" else reverse("churn"),
        "tabs": [(_said(each, empty), _href(each), each == label, None) for each in learned_from],
        "state": "learned",
        "list_href": "",
    }
    if learned is None:
        shown["state"] = "unlearned" if queries.current_snapshot() is not None else "unrefreshed"
    elif learned.is_refused:
        shown |= {"state": "refused", "refused": _(learned.report["refused"]) % learned.report["figures"]}
    else:
        shown["explained"] = explained(LEAVING, learned=(learned.snapshot_folder, KIND))
        shown["page"] = churn_page(learned.report, hidden=hidden_names(user, "customer"))
        if newest_risks() is not None and label_of_risks() == label:
            shown["list_href"] = ranking_href(user, "-leaving_percent")
    return shown


def _said(label: str, form: ChurnForm) -> str:
    return str(dict(form.fields["label"].choices)[label])  # type: ignore[attr-defined]


def _href(label: str) -> str:
    return reverse("churn") + "?" + urlencode({"label": label})
