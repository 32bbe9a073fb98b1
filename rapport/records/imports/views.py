"""The imports' pages: the list, and one import from its file to its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.audit import actions as audit
from rapport.core.bodies import takes_body
from rapport.core.clock import utc_now
from rapport.core.files import FileTooLarge
from rapport.records.exporting.lists import every_list
from rapport.records.imports import actions, queries
from rapport.records.imports.converting import take_in
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.forms import KEPT, NOT_TAKEN, FileForm, answers_from, must_be_seen_first
from rapport.records.imports.importing import importers
from rapport.records.imports.planning import DATE_ORDERS, DECIMALS, AnswerInvalid, Plan
from rapport.records.imports.presenting import (
    encoding_name,
    figures,
    offered_encodings,
    refused_summary,
    stage_words,
    state_chip,
    what_follows,
)
from rapport.records.imports.problems import refused_rows_as_csv
from rapport.records.imports.remembering import answer_as_before, answered_like
from rapport.records.imports.undoing import undo_obstacles
from rapport.records.layouts.sight import hidden_names
from rapport.records.models import Import, ImportState
from rapport.records.permissions import FIELDS, IMPORT
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_UPLOADED = 2 << 30
SHOWN_PROBLEMS = 50
LISTED = 100
_FORM_AROUND = 1 << 20


@takes_body(at_most=MOST_UPLOADED + _FORM_AROUND)
@staff_only(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    form = FileForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            return _begin(request, form)
        status = 422
    listed = Import.objects.visible_to(user).select_related("started_by").order_by("-pk")[:LISTED]
    context = {"form": form, "imports": [(job, state_chip(job)) for job in listed], "presets": importers().values()}
    return render_page(request, "records/imports.html", context, status=status)


def _begin(request: HttpRequest, form: FileForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    try:
        stored = take_in(file.chunks(), at_most=MOST_UPLOADED)
    except (FileTooLarge, FileRefused) as refusal:
        form.add_error("file", refusal.in_words(_) if isinstance(refusal, FileRefused) else str(refusal))
        listed = [
            (job, state_chip(job)) for job in Import.objects.visible_to(staff_user(request)).order_by("-pk")[:LISTED]
        ]
        context = {"form": form, "imports": listed, "presets": importers().values()}
        return render_page(
            request, "records/imports.html", context, status=422 if isinstance(refusal, FileRefused) else 413
        )
    job = actions.begin_import(stored, file_name=file.name or "file", by=staff_user(request), now=utc_now())
    try:
        actions.answer_import(job, {})
        answer_as_before(job, known=Import.objects.visible_to(staff_user(request)))
    except FileRefused as refusal:
        actions.note_failure(job, refusal.in_words(_))
    return _to(job)


@staff_only(IMPORT)
@require_GET
def show_import(request: HttpRequest, public_id: Any) -> HttpResponse:
    job = _find(request, public_id)
    if job.state == ImportState.DRAFT:
        return _show_draft(request, job)
    return render_page(request, "records/import.html", _state_of(job) | {"list_href": _list_href(request, job)})


def _list_href(request: HttpRequest, job: Import) -> str:
    """The list that holds what came in, for who sees it."""
    importer = importers().get(job.importer)
    listed = every_list().get(importer.object) if importer is not None else None
    if job.state != ImportState.DONE or listed is None or not staff_user(request).has_right(listed.right):
        return ""
    return reverse(listed.url_name)


def _state_of(job: Import) -> dict[str, Any]:
    return {
        "job": job,
        "chip": state_chip(job),
        "stage": stage_words(job),
        "follows": what_follows(job, now=utc_now()),
        "figures": figures(job),
        "problems": queries.first_problems(job, at_most=SHOWN_PROBLEMS),
        "refused": queries.problem_lines(job),
        "refused_summary": refused_summary(job),
        "importer": importers().get(job.importer),
    }


def _show_draft(request: HttpRequest, job: Import, *, error: str = "", status: int = 200) -> HttpResponse:
    plan: Plan | None = None
    try:
        plan = actions.plan_of(job)
    except FileRefused as refusal:
        error = error or refusal.in_words(_)
    except AnswerInvalid as refusal:
        error = error or str(refusal)
    context = _state_of(job) | {"plan": plan, "error": error or job.failure}
    context["columns"] = _columns(plan, staff_user(request)) if plan else []
    importer = plan.importer if plan is not None else None
    context["makes_fields"] = (
        importer is not None and importer.takes_own_fields and staff_user(request).has_right(FIELDS.name)
    )
    if plan is not None:
        context |= {
            "asked": {question.name: question for question in plan.questions},
            "sources": plan.importer.sources.known() if plan.importer else [],
            "writings": {"dates": DATE_ORDERS, "decimal": DECIMALS},
            "presets": [(name, item.label) for name, item in importers().items()],
            "like": answered_like(job, known=Import.objects.visible_to(staff_user(request))),
            "encodings": offered_encodings(),
            "sheets": job.looked.get(f"{job.file_digest} sheets", {}).get("found", []),
            "encoding": encoding_name(plan.answers.get("encoding", "")),
        }
    return render_page(request, "records/draft.html", context, status=status)


@dataclass(frozen=True)
class _Column:
    """One column of the file: its name, what stands in it, where it goes, where it could go."""

    position: int
    name: str
    examples: str
    goes_to: str
    choices: list[tuple[str, Any]]


def _columns(plan: Plan, user: User) -> list[_Column]:
    if plan.importer is None or plan.header is None:
        return []
    places = {position: name for name, position in plan.answers["mapping"].items()}
    keep = set(plan.answers.get("keep", ()))
    hidden = hidden_names(user, plan.importer.object) - set(places.values())
    targets = [(column.name, column.label) for column in plan.importer.columns if column.name not in hidden]
    choices = [(NOT_TAKEN, _("Not taken")), (KEPT, _("Kept as it is")), *targets]
    return [
        _Column(
            position,
            name,
            _examples(plan, position),
            KEPT if position in keep else places.get(position, NOT_TAKEN),
            choices,
        )
        for position, name in enumerate(plan.header.names)
    ]


def _examples(plan: Plan, position: int) -> str:
    cells = [row[position].strip() for row in plan.sample if position < len(row) and row[position].strip()]
    return " · ".join(cell[:40] for cell in dict.fromkeys(cells))[:120]


@staff_only(IMPORT)
@require_POST
def answer(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Keep the answers; with the button's name, check or start."""
    job = _find(request, public_id)
    if job.state != ImportState.DRAFT:
        return _to(job)
    try:
        answers = answers_from(request.POST, job)
        looks_new = must_be_seen_first(answers, job)
        is_new = "header" not in job.answers
        plan = actions.answer_import(job, answers, by=staff_user(request))
        if is_new and "header" in job.answers:
            plan = answer_as_before(job, known=Import.objects.visible_to(staff_user(request))) or plan
        actions.note_failure(job, "")
        if not looks_new and ("check" in request.POST or "start" in request.POST):
            with transaction.atomic():
                actions.start_import(job, plan, by=staff_user(request), dry_run="check" in request.POST)
                actions.queue_import(job)
    except FileRefused as refusal:
        return _show_draft(request, job, error=refusal.in_words(_), status=422)
    except (AnswerInvalid, actions.NotReady) as refusal:
        job.refresh_from_db()
        if job.state != ImportState.DRAFT:
            return _to(job)  # the same page was sent twice, and the other one was faster
        return _show_draft(request, job, error=str(refusal), status=422)
    return _to(job)


@staff_only(IMPORT)
@require_POST
def cancel(request: HttpRequest, public_id: Any) -> HttpResponse:
    job = _find(request, public_id)
    if actions.cancel_import(job, by=staff_user(request), request=request):
        toast(request, _("The import stops after the part it is at. What is in by then can be undone."))
    return _to(job)


@staff_only(IMPORT)
@require_POST
def go_on(request: HttpRequest, public_id: Any) -> HttpResponse:
    job = _find(request, public_id)
    with transaction.atomic():
        if actions.continue_import(job, by=staff_user(request), request=request):
            actions.queue_import(job)
    return _to(job)


@staff_only(IMPORT)
@require_POST
def discard(request: HttpRequest, public_id: Any) -> HttpResponse:
    actions.discard_draft(_find(request, public_id))
    return HttpResponseRedirect(reverse("imports"))


@staff_only(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Say what would happen, then do it."""
    job = _find(request, public_id)
    if not job.can_be_undone:
        return _to(job)
    obstacles = undo_obstacles(job)
    if request.method == "POST" and not obstacles:
        actions.ask_for_undo(job, by=staff_user(request), request=request)
        return _to(job)
    context = _state_of(job) | {"obstacles": obstacles}
    return render_page(request, "records/undo.html", context, status=409 if request.method == "POST" else 200)


@staff_only(IMPORT)
@require_GET
def refused_rows(request: HttpRequest, public_id: Any) -> HttpResponse:
    job = _find(request, public_id)
    audit.record("refused rows read", by=staff_user(request), request=request, about=str(job.public_id))
    name = job.file_name.removesuffix(".gz").removesuffix(".csv")
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)[:80]
    streamed = StreamingHttpResponse(
        refused_rows_as_csv(job),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{plain}.refused.csv"'},
    )
    return cast(HttpResponse, streamed)


def _find(request: HttpRequest, public_id: Any) -> Import:
    job: Import = find_or_404(Import.objects.select_related("started_by"), staff_user(request), public_id=public_id)
    return job


def _to(job: Import) -> HttpResponse:
    return HttpResponseRedirect(reverse("import", args=[job.public_id]))
