"""Where a form leads back to: the list, or the page of the record that it was sent from."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from rapport.accounts.access import staff_user
from rapport.records.record_kinds import FoundRecord, find_record

TO_LIST, TO_RECORD, TO_TASK, TO_TODAY = "tasks", "record", "task", "today"


def asked_back(request: HttpRequest) -> str:
    """Where the form, or the button that undoes, says that it belongs."""
    return request.POST.get("back") or request.GET.get("back") or ""


def to_record(record: FoundRecord, part: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(record.part_url(part) if part else record.url)


def to_tasks() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("tasks"))


def to_today() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("today"))


def record_asked(request: HttpRequest) -> FoundRecord | None:
    """The record that a form names by kind and public id, through the gate; None where it names none."""
    kind, public_id = request.POST.get("on", ""), request.POST.get("on_id", "")
    return find_record(staff_user(request), kind, _uuid(public_id)) if kind else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
