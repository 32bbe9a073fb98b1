"""The page of today: what one has to do, with one key for each of done, put off, and log."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import business_zone
from rapport.core.clock import business_day, utc_now
from rapport.records.record_kinds import record_kinds
from rapport.ui.rendering import render_page
from rapport.work.day import day_of
from rapport.work.permissions import EDIT, VIEW


@staff_only(VIEW)
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    return show_today(request)


def show_today(request: HttpRequest) -> HttpResponse:
    """The whole page, or to htmx the lists alone."""
    user, now, zone = staff_user(request), utc_now(), business_zone()
    context = {
        "day": day_of(user, now=now, zone=zone),
        "today": business_day(now, zone=zone),
        "tomorrow": business_day(now, zone=zone) + timedelta(days=1),
        "may_edit_work": user.has_right(EDIT.name),
        "may_log": {kind.name for kind in record_kinds().values() if kind.log is not None},
    }
    return render_page(request, "work/today.html", context, block="day")
