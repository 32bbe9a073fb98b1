"""The pages of reports that somebody puts together: all of them, one with its numbers, putting one together, its file."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.audit import actions as audit
from rapport.core.clock import utc_now
from rapport.insight.models import SavedReport
from rapport.insight.report_builder import actions
from rapport.insight.report_builder.files import CSV, KINDS, PDF, XLSX, as_csv, as_xlsx
from rapport.insight.report_builder.forms import KeepForm
from rapport.insight.report_builder.kept_views import REPORTS, mails_shown
from rapport.insight.report_builder.page import shown_report
from rapport.insight.report_builder.questions import (
    CHARTS,
    MOST_MEASURES,
    MOST_TOP,
    OF,
    UNITS,
    Question,
    kept_query,
    query_of,
    read_question,
    sources_for,
)
from rapport.insight.report_builder.result import answer
from rapport.insight.report_builder.tally import ReportTooLarge
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute
from rapport.records.list_uses import USE
from rapport.records.lists.querying import SAFE, refuses_unknown_fields
from rapport.records.permissions import EXPORT, SHARE
from rapport.records.registry import UnknownField
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

FORM_METHODS = ["GET", "HEAD", "POST"]
REPORT = "report"
_NOT_KEPT = ("builder", "step", USE, REPORT)


@staff_only()
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    visible = list(SavedReport.objects.visible_to(user).select_related("made_by").order_by("name", "pk"))
    context = {
        "mine": [each for each in visible if each.made_by_id == user.pk],
        "others": [each for each in visible if each.made_by_id != user.pk],
        "trashed": list(SavedReport.objects.trashed_of(user).order_by("-trashed_at")[:20]),
        "sources": list(sources_for(user).values()),
    }
    return render_page(request, "insight/reports.html", context)


@staff_only()
@require_safe
@refuses_unknown_fields
def show_report(request: HttpRequest, public_id: Any) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    report = _find(request, public_id)
    question, refused = _question_of(report, request)
    context = {
        "report": report,
        "may_change": actions.may_change(report, user),
        "may_export": user.has_right(EXPORT.name),
        "mails": mails_shown(report, request, REPORTS),
        "shown": shown_report(question, at=now) if question is not None else None,
        "refused": refused,
    }
    return render_page(request, "insight/report.html", context)


@staff_only()
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def new_report(request: HttpRequest) -> HttpResponse:
    """Put a report together: what the address asks is shown below; posted, it is kept under a name."""
    query, kept = _query(request), request.GET.get(REPORT, "")
    if kept:  # the filter builder leads here, also from a report that is being changed
        return HttpResponseRedirect(f"{_change_url(request, kept)}?{query.urlencode(safe=SAFE)}")
    if not query.get(OF):
        sources = list(sources_for(staff_user(request)).values())
        return render_page(request, "insight/report_of.html", {"sources": sources})
    return _build(request, query, None)


@staff_only()
@require_http_methods(FORM_METHODS)
@refuses_unknown_fields
def change_report(request: HttpRequest, public_id: Any) -> HttpResponse:
    report = _find(request, public_id)
    if not actions.may_change(report, staff_user(request)):
        raise Http404
    query = _query(request)
    return _build(request, query if query.get(OF) else kept_query(report.asked), report)


@staff_only(EXPORT)
@require_safe
def report_file(request: HttpRequest, public_id: Any) -> HttpResponse:
    """The report as a file of its reader's own view; who took it is in the trail."""
    user, report, kind = staff_user(request), _find(request, public_id), request.GET.get("format", CSV)
    question, _refused = _question_of(report, request)
    if kind not in KINDS or question is None:
        raise Http404
    try:
        body = _written(report, question, kind, at=utc_now())
    except (ReportTooLarge, SnapshotMissing, UnableToCompute) as refusal:
        toast(request, str(refusal), bad=True)
        return HttpResponseRedirect(reverse("report", args=[report.public_id]))
    audit.record(
        "report exported", by=user, request=request, about=str(report.public_id),
        values={"report": report.name, "format": kind},
    )  # fmt: skip
    name = slugify(report.name, allow_unicode=False) or "report"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(body, content_type=KINDS[kind], headers=headers)


def _build(request: HttpRequest, query: QueryDict, report: SavedReport | None) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    question = read_question(query, user=user)
    may_share = user.has_right(SHARE.name)
    initial = {"name": report.name, "is_shared": report.is_shared} if report is not None else {}
    form = KeepForm(request.POST if request.method == "POST" else None, may_share=may_share, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = _keep(request, report, question, form, now=now)
        except actions.ReportRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            toast(request, _("Saved as “%(name)s”.") % {"name": kept.name})
            return HttpResponseRedirect(reverse("report", args=[kept.public_id]))
    here = reverse("report_change", args=[report.public_id]) if report is not None else reverse("report_new")
    context = {
        "report": report,
        "question": question,
        "shown": shown_report(question, at=now),
        "form": form,
        "here": here,
        "back": reverse("report", args=[report.public_id]) if report is not None else reverse("reports"),
        "filter_url": _filter_url(question, report),
        "units": list(UNITS.items()),
        "charts": list(CHARTS.items()),
        "most_measures": MOST_MEASURES,
        "tops": [(each, str(each)) for each in sorted({5, 8, 12, 20, 30, MOST_TOP, question.top})],
    }
    return render_page(request, "insight/report_build.html", context, status=422 if form.errors else 200)


def _keep(
    request: HttpRequest, report: SavedReport | None, question: Question, form: KeepForm, *, now: datetime
) -> SavedReport:
    user, name = staff_user(request), form.cleaned_data["name"]
    with transaction.atomic():
        if report is None:
            report = actions.save_report(name=name, asked=question.kept, by=user, now=now, request=request)
        else:
            actions.change_report(report, name=name, asked=question.kept, by=user, now=now, request=request)
        if "is_shared" in form.cleaned_data:
            actions.set_shared(report, form.cleaned_data["is_shared"], by=user, request=request)
    return report


def _filter_url(question: Question, report: SavedReport | None) -> str:
    """The filter builder of the list behind it, which leads back here; a mart has none."""
    if question.source.listed is None:
        return ""
    query = query_of(question.parameters).copy()
    query[USE] = "report_new"
    if report is not None:
        query[REPORT] = str(report.public_id)
    return f"{reverse('filter_build', args=[question.source.name])}?{query.urlencode(safe=SAFE)}"


def _question_of(report: SavedReport, request: HttpRequest) -> tuple[Question | None, str]:
    """What it asks; where its reader may not name all of it, why not: then nothing is shown, never more than she may see."""
    try:
        return read_question(kept_query(report.asked), user=staff_user(request)), ""
    except UnknownField as refusal:
        return None, str(refusal)


def _written(report: SavedReport, question: Question, kind: str, *, at: datetime) -> bytes:
    result = answer(question, at=at)
    if kind == XLSX:
        return as_xlsx(result, title=report.name)
    if kind == PDF:
        from rapport.insight.report_builder.pdf import as_pdf  # noqa: PLC0415 - takes a moment to load, and is seldom asked for

        return as_pdf(result, title=report.name)
    return as_csv(result)


def _change_url(request: HttpRequest, text: str) -> str:
    try:
        report = _find(request, UUID(text))
    except ValueError as error:
        raise Http404 from error
    return reverse("report_change", args=[report.public_id])


def _query(request: HttpRequest) -> QueryDict:
    text = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    query = query_of(text).copy()
    for name in _NOT_KEPT:
        query.pop(name, None)
    return query


def _find(request: HttpRequest, public_id: Any) -> SavedReport:
    report: SavedReport = find_or_404(SavedReport.objects.all(), staff_user(request), public_id=public_id)
    return report
