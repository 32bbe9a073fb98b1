"""Settings: what somebody can see, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.queries import nobody_in, role_list, staff_list
from rapport.records.record_kinds import record_kinds
from rapport.ui.rendering import render_page
from rapport.work.seeing import answer_about, overview_of, record_at
from rapport.work.sharing_forms import SeeingForm


@staff_only(ADMINISTER)
@require_safe
def seeing(request: HttpRequest) -> HttpResponse:
    """Of whom, and of one record or of every kind: asked by address, so that an answer can be sent on."""
    user = staff_user(request)
    form = SeeingForm(request.GET or None, people=staff_list(), roles=role_list())
    context: dict[str, Any] = {"form": form, "person": None, "record": None}
    if form.is_valid():
        person = form.cleaned_data["whom"]
        person = person if hasattr(person, "email") else nobody_in(person)
        link = form.cleaned_data["link"]
        record = record_at(user, link) if link else None
        if link and record is None:
            form.add_error("link", SeeingForm.NO_RECORD)
        elif record is not None:
            context |= {"record": record, "answer": answer_about(person, record.kind, record.id, reader=user)}
        context["person"] = person
        context["kinds"] = [overview_of(person, kind) for kind in record_kinds().values()] if not link else []
    return render_page(request, "work/seeing.html", context, status=422 if form.is_bound and form.errors else 200)
