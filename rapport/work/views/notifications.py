"""The inbox: what somebody is told, read, put off, and whether it is mailed too."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts import mail
from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import zone_of
from rapport.core.clock import utc_now
from rapport.records.command_log.noting import undo_url
from rapport.records.record_kinds import find_record
from rapport.ui.formats import day
from rapport.ui.rendering import render_page, unless_known
from rapport.ui.toasts import toast
from rapport.work import digest, following, inbox, queries, snoozing
from rapport.work.permissions import VIEW
from rapport.work.views.returning import to_record


@staff_only(VIEW)
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    user, asked = staff_user(request), request.GET
    try:
        box = inbox.read_box(user, now=utc_now(), name=asked.get("box") or inbox.UNREAD, after=asked.get("after", ""))
    except queries.UnknownNarrowing as error:
        raise Http404 from error
    path = reverse("notifications")
    context = {
        "box": box,
        "tabs": [(label, f"{path}?box={name}", box.name == name) for name, label in inbox.BOXES.items()],
        "daily_mail": digest.wants_mail(user),
        "mail_works": mail.is_configured(),
    }
    return render_page(request, "work/notifications.html", context)


@staff_only(VIEW)
@require_safe
def notification_count(request: HttpRequest) -> HttpResponse:
    """The figure beside the menu's entry, which asks for it again while the page is seen."""
    user = staff_user(request)
    count = inbox.count_waiting(user, now=utc_now())
    said = f"{inbox.MOST_COUNTED}+" if count > inbox.MOST_COUNTED else str(count)
    context = {"count": count, "said": said}
    return unless_known(request, render_page(request, "work/notification_count.html", context, block="count"))


@staff_only(VIEW)
@require_POST
def notification_read(request: HttpRequest) -> HttpResponse:
    is_read = "unread" not in request.POST
    inbox.mark_read(staff_user(request), _asked(request), now=utc_now(), is_read=is_read, request=request)
    return _back(request)


@staff_only(VIEW)
@require_POST
def notification_read_all(request: HttpRequest) -> HttpResponse:
    count = inbox.mark_all_read(staff_user(request), now=utc_now(), request=request)
    toast(request, ngettext("%(count)s marked as read.", "%(count)s marked as read.", count) % {"count": count})
    return _back(request)


@staff_only(VIEW)
@require_POST
def notification_snooze(request: HttpRequest) -> HttpResponse:
    instant = _until(request)
    if instant is None:
        toast(request, _("Nothing was put off: choose a day that lies ahead."), bad=True)
        return _back(request)
    command = inbox.snooze(staff_user(request), _asked(request), until=instant, now=utc_now(), request=request)
    if command is not None:
        toast(request, _put_off(instant), undo_url=undo_url(command))
    return _back(request)


@staff_only(VIEW)
@require_POST
def task_snooze(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Puts the task off for oneself."""
    user = staff_user(request)
    task = queries.find_task(user, public_id)
    instant = _until(request)
    if instant is None:
        toast(request, _("Nothing was put off: choose a day that lies ahead."), bad=True)
        return _back(request, "today")
    command = inbox.snooze_task(user, task, until=instant, now=utc_now(), request=request)
    toast(request, _put_off(instant), undo_url=undo_url(command))
    return _back(request, "today")


@staff_only(VIEW)
@require_POST
def notification_mail(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("daily_mail") == "on"
    digest.choose_mail(staff_user(request), wanted=wanted, now=utc_now(), request=request)
    toast(request, _("You get a mail each morning.") if wanted else _("You get no mail."))
    return _back(request)


@staff_only(VIEW)
@require_POST
def record_follow(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    record = find_record(user, kind, public_id)
    is_on = request.POST.get("follow") != "off"
    command = following.follow(record, by=user, now=utc_now(), is_on=is_on, request=request)
    told = _("You are told of what is said here.") if is_on else _("You are told no more, unless somebody names you.")
    toast(request, told, undo_url=undo_url(command))
    return to_record(record)


def _until(request: HttpRequest) -> datetime | None:
    zone = zone_of(staff_user(request))
    try:
        return snoozing.until(request.POST.get("until") or snoozing.TOMORROW, now=utc_now(), zone=zone)
    except snoozing.UnknownDay:
        return None


def _put_off(instant: datetime) -> str:
    return _("Put off until %(day)s.") % {"day": day(instant.astimezone(timezone.get_current_timezone()).date())}


def _asked(request: HttpRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("id")[: inbox.PAGE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back(request: HttpRequest, otherwise: str = "notifications") -> HttpResponse:
    """To the page of the form, where that is one of these two."""
    target = request.POST.get("next", "")
    known = (reverse("notifications"), reverse("today"))
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.partition("?")[0] in known
    return HttpResponseRedirect(target if ours else reverse(otherwise))
