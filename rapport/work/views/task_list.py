"""Tasks as a list like all others: table, groups, board, calendar, with filters and saved views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.records.lists.page import answer_aside, build_list
from rapport.records.lists.querying import refuses_unknown_fields
from rapport.ui.rendering import render_page, wants_part
from rapport.work.lists import TASKS
from rapport.work.permissions import VIEW


@staff_only(VIEW)
@require_safe
@refuses_unknown_fields
def task_list(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    aside = answer_aside(request, TASKS, user=user)
    if aside is not None:
        return aside
    context = {"list": build_list(request, TASKS, user=user), "is_part": wants_part(request)}
    return render_page(request, "work/task_list.html", context, block="results")
