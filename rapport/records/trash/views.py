"""The page of the trash: bringing back, and ending before the time."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.accounts.access import Grip, gripping, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.trash.declaring import Bin, Handling, Trashed, TrashRefused, bins_of, purge_of
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

_SHOWN = 100


@staff_only()
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    groups = [
        (each, list(each.rows(user, _SHOWN + 1)), _may_restore(request, each), purge_of(user, each.kind) is not None)
        for each in bins_of(user)
    ]
    context = {
        "groups": [(each, rows[:_SHOWN], len(rows) > _SHOWN, may, ends) for each, rows, may, ends in groups if rows]
    }
    return render_page(request, "records/trash.html", context)


@staff_only()
@require_POST
def trash_restore(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found, thing = _find(request, kind, public_id)
    if not _may_restore(request, found):
        raise PermissionDenied
    try:
        with gripping(user, Grip.CHANGE):
            is_back = found.restore(public_id, Handling(user, utc_now(), request))
        if is_back:
            toast(request, _("%(name)s is back.") % {"name": thing.name})
    except TrashRefused as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse("trash"))


@staff_only()
@require_http_methods(["GET", "HEAD", "POST"])
def trash_purge(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    """Say that there is no way back; and then do it."""
    user = staff_user(request)
    found, thing = _find(request, kind, public_id)
    purge = purge_of(user, kind)
    if purge is None:
        raise PermissionDenied
    if request.method != "POST":
        return render_page(request, "records/trash_purge.html", {"bin": found, "thing": thing, "purge": purge})
    try:
        with gripping(user, Grip.HOLD):
            is_gone = purge.purge(public_id, Handling(user, utc_now(), request))
        if is_gone:
            toast(request, _("It is gone for good."))
    except TrashRefused as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse("trash"))


def _may_restore(request: HttpRequest, each: Bin) -> bool:
    return not each.restore_right or staff_user(request).has_right(each.restore_right)


def _find(request: HttpRequest, kind: str, public_id: Any) -> tuple[Bin, Trashed]:
    user = staff_user(request)
    found = next((each for each in bins_of(user) if each.kind == kind), None)
    thing = found.find(user, public_id) if found is not None else None
    if found is None or thing is None:
        raise Http404
    return found, thing
