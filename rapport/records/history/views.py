"""The history of one record, and restoring a value of it; the audit trail of everything, for administrators."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.queries import actors, zone_of
from rapport.audit.actions import heads_file
from rapport.audit.queries import TrailAsked, TrailPage, trail
from rapport.audit.reading import KINDS, acts_of
from rapport.audit.verification import Verification, verify
from rapport.core.clock import end_of_day, utc_now
from rapport.records.history import reading as histories
from rapport.records.history.reading import RestoreRefused
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

_BIGGEST = 2**62


class PlaceForm(forms.Form):
    """Which event a page of the trail begins after."""

    before = forms.IntegerField(required=False, min_value=1, max_value=_BIGGEST)


class RestoreForm(forms.Form):
    """Which value of which event, and over which version."""

    event = forms.IntegerField(min_value=1, max_value=_BIGGEST)
    column = forms.CharField(max_length=200)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class TrailForm(PlaceForm):
    """What the audit page may be narrowed to; anything else in the address is refused."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("Everything")), *KINDS.items()]
    )
    actor = forms.CharField(label=gettext_lazy("Person"), max_length=64, required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    record = forms.CharField(label=gettext_lazy("Address of a record"), max_length=500, required=False)

    def clean_since(self) -> date | None:
        return _of_our_time(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return _of_our_time(self.cleaned_data["until"])


def _of_our_time(day: date | None) -> date | None:
    """Days at either end of the calendar have no neighbor."""
    if day is not None and not 1900 <= day.year <= 2200:
        raise forms.ValidationError(_("There is nothing of that day."))
    return day


@staff_only()
@require_safe
def history(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    of, record = histories.find_history(user, kind, public_id)
    form = PlaceForm(request.GET)
    if not form.is_valid():
        return _refused()
    opened = histories.opened_for(user, of, record)
    lines, before = histories.read_history(user, of, record, opened=opened, before=form.cleaned_data["before"])
    context = {
        "record": record,
        "lines": lines,
        "subject": False,
        "restore": reverse("history_restore", args=[kind, record.public_id]),
        "version": opened.version if opened is not None else 0,
        "next_url": f"?before={before}" if before else "",
        "sees_addresses": user.has_right(ADMINISTER.name),
    }
    return render_page(request, "records/history.html", context)


@staff_only()
@require_POST
def history_restore(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    """What the record said before an event, through what its own form would do."""
    user = staff_user(request)
    of, record = histories.find_history(user, kind, public_id)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return _refused()
    try:
        undo_url = histories.restore_value(of, record, **form.cleaned_data, by=user, now=utc_now(), request=request)
    except RestoreRefused as refusal:
        toast(request, str(refusal), bad=True)
    else:
        toast(request, _("Restored."), undo_url=undo_url)
    return HttpResponseRedirect(reverse("history", args=[kind, record.public_id]))


@staff_only(ADMINISTER)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    return _audit(request, None)


@staff_only(ADMINISTER)
@require_POST
def verify_audit(request: HttpRequest) -> HttpResponse:
    return _audit(request, verify(heads=heads_file()))


def _audit(request: HttpRequest, verification: Verification | None) -> HttpResponse:
    user, form = staff_user(request), TrailForm(request.GET)
    if not form.is_valid():
        return _refused()
    asked = form.cleaned_data
    page, is_unknown = _page(request, asked)
    further = {name: value for name, value in asked.items() if value and name != "before"} | {"before": page.before}
    context = {
        "form": form,
        "asked": asked,
        "is_unknown": is_unknown,
        "lines": histories.lines_of(user, page),
        "next_url": f"?{urlencode(further)}" if page.before else "",
        "people": actors(),
        "verification": verification,
        "subject": True,
        "restore": "",
        "sees_addresses": True,
    }
    return render_page(request, "records/audit.html", context)


def _page(request: HttpRequest, asked: dict[str, Any]) -> tuple[TrailPage, bool]:
    """What was asked for, and whether the address named no record."""
    user = staff_user(request)
    zone = zone_of(user)
    rows, ids = None, list[str]()
    if asked["record"]:
        found = histories.record_at(user, asked["record"])
        if found is None:
            return TrailPage((), None), True
        of, record = found
        rows, ids = of.rows(record), [str(record.public_id)]
    wanted = TrailAsked(
        kind=asked["kind"], acts=acts_of(asked["kind"]) if asked["kind"] else (), actor_id=asked["actor"],
        since=end_of_day(asked["since"] - timedelta(days=1), zone=zone) if asked["since"] else None,
        until=end_of_day(asked["until"], zone=zone) if asked["until"] else None,
        rows=rows, ids=ids, before=asked["before"],
    )  # fmt: skip
    return trail(wanted), False


def _refused() -> HttpResponse:
    return HttpResponseBadRequest("This page cannot be asked for so.", content_type="text/plain")
