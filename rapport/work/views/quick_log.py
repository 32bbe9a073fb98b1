"""Logging a contact in one line from anywhere: with whom, what it says, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import business_zone
from rapport.core.clock import utc_now
from rapport.records.command_log.noting import undo_url
from rapport.records.record_kinds import find_record
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast
from rapport.work import logging_contacts
from rapport.work.actions import AssigneeCannotSee
from rapport.work.forms import QuickLogForm
from rapport.work.models import Task
from rapport.work.naming import read_task_line
from rapport.work.permissions import EDIT
from rapport.work.presenting import due_words
from rapport.work.sentences import LONGEST
from rapport.work.views.returning import TO_TODAY, asked_back

if TYPE_CHECKING:
    from rapport.accounts.models import User


@staff_only(EDIT)
@require_safe
def quick_log(request: HttpRequest) -> HttpResponse:
    """The line, and with whom it was; where one only can be meant, straight to what follows."""
    user = staff_user(request)
    text, whom = request.GET.get("text", "").strip()[:LONGEST], request.GET.get("whom", "").strip()
    sentence = logging_contacts.read_line(text, by=user, now=utc_now())
    found = logging_contacts.records_named(whom or sentence.whom, by=user)
    if text and len(found) == 1:
        return HttpResponseRedirect(on_record(found[0].kind, found[0].public_id, text))
    choices = [(record, on_record(record.kind, record.public_id, text)) for record in found]
    context = {"text": text, "whom": whom or sentence.whom, "choices": choices}
    return render_page(request, "work/quick_log.html", context)


def on_record(kind: str, public_id: Any, text: str) -> str:
    return f"{reverse('quick_log_on', args=[kind, public_id])}?{urlencode({'text': text})}"


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def quick_log_on(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    """The line about this record; what it says, to be looked at and changed before it is kept; to htmx the part beneath it."""
    user, now = staff_user(request), utc_now()
    record = find_record(user, kind, public_id)
    try:
        log = logging_contacts.log_of(record, by=user)
    except logging_contacts.UnableToLog as error:
        raise PermissionDenied from error
    asked = request.POST if request.method == "POST" else request.GET
    sentence = logging_contacts.read_line(asked.get("text", ""), by=user, now=now)
    opened = logging_contacts.opening(sentence, log)
    is_line = request.method == "POST" and "kind" not in request.POST
    if is_line and sentence.has_task and not {"task", "plain"} & set(request.POST):  # sent before it could be looked at
        return HttpResponseRedirect(f"{on_record(kind, public_id, asked['text'])}{_and_back(request)}")
    form = QuickLogForm(_posted(request, opened), kinds=log.kinds, initial=opened)
    if form.is_valid():
        try:
            task, noted = logging_contacts.keep_line(record, form.cleaned_data, by=user, now=now, request=request)
        except AssigneeCannotSee as refusal:
            form.add_error("task", _("%(name)s may not see what this is about.") % {"name": refusal.assignee.name})
        else:
            words = _kept_in_words(task, form.cleaned_data["task"], by=user, now=now)
            toast(request, words, undo_url=undo_url(noted))
            return HttpResponseRedirect(reverse("today") if asked_back(request) == TO_TODAY else record.url)
    context = {
        "record": record, "form": form, "back": asked_back(request), "sentence": sentence, "opened": opened,
        "kind_label": dict(log.kinds).get(opened["kind"], ""), "when": logging_contacts.when_words(sentence),
        "line": read_task_line(opened["task"], by=user),
    }  # fmt: skip
    if wants_part(request) and request.method != "POST":
        return render_page(request, "work/quick_log_preview.html", context, block="preview")
    is_empty = is_line or (request.method != "POST" and not sentence.text)
    template = "work/quick_log_line.html" if is_empty else "work/quick_log_on.html"
    return render_page(request, template, context, status=422 if form.errors else 200)


def _kept_in_words(task: Task | None, line: str, *, by: User, now: datetime) -> str:
    due = due_words(task, now=now, zone=business_zone()) if task is not None else ""
    said = _("Logged, and a task added, due %(day)s.") % {"day": due} if due else _("Logged.")
    return f"{said} {read_task_line(line, by=by).note}".strip()


def _posted(request: HttpRequest, opened: dict[str, Any]) -> dict[str, Any] | None:
    """What was sent; a line alone says by itself of what kind the contact was."""
    if request.method != "POST":
        return None
    sent = {"kind": opened["kind"], **request.POST.dict()}
    return {name: sent[name] for name in ("kind", "text") if name in sent} if "plain" in sent else sent


def _and_back(request: HttpRequest) -> str:
    return "&back=today" if asked_back(request) == TO_TODAY else ""
