"""With whom one record is shared: the page that says so, shares it, and takes that back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import SHARE
from rapport.accounts.queries import active_staff, business_zone, team_tree
from rapport.core.clock import end_of_day, utc_now
from rapport.records.command_log.noting import undo_url
from rapport.records.record_kinds import FoundRecord, find_record, record_kinds
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast
from rapport.work.sharing import UnableToShare, find_share, share_record, shares_of, stop_sharing
from rapport.work.sharing_forms import ShareForm


@staff_only(SHARE)
@require_http_methods(["GET", "HEAD", "POST"])
def record_sharing(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    record = find_record(user, kind, public_id)
    if not record_kinds()[record.kind].is_shareable:
        raise Http404
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        people=active_staff(),
        teams=team_tree(),
        without=user,
        now=now,
    )
    if form.is_valid():
        said = form.cleaned_data
        ends_at = end_of_day(said["until"], zone=business_zone()) if said["until"] else None
        try:
            share, command = share_record(
                record, said["whom"], may_edit=said["may"] == "edit", ends_at=ends_at, by=user, now=now, request=request
            )
        except UnableToShare as refusal:
            form.add_error("whom", str(refusal))
        else:
            toast(request, _("Shared with %(name)s.") % {"name": _name(share)}, undo_url=undo_url(command))
            return _to_page(record)
    context = {
        "record": record,
        "note": record_kinds()[record.kind].share_note,
        "shares": [(share, share.ends_at is not None and share.ends_at <= now) for share in shares_of(record)],
        "form": form,
    }
    return render_page(request, "work/sharing.html", context, status=422 if form.errors else 200)


@staff_only(SHARE)
@require_POST
def share_end(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    share, record = find_share(user, public_id)
    command = stop_sharing(share, record, by=user, now=utc_now(), request=request)
    if command is not None:
        toast(request, _("No longer shared with %(name)s.") % {"name": _name(share)}, undo_url=undo_url(command))
    return _to_page(record)


def _name(share: Any) -> str:
    return str((share.person or share.team).name)


def _to_page(record: FoundRecord) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("record_sharing", args=[record.kind, record.public_id]))
