"""What reports and dashboards have in common: deleting and restoring one, and to whom it is mailed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.accounts.queries import active_staff, zone_of
from rapport.core.clock import business_day, utc_now
from rapport.insight.models import Dashboard, ReportMail, Rhythm, SavedReport
from rapport.insight.report_builder import actions
from rapport.insight.report_builder.forms import ColleagueForm, MailForm
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User


@dataclass(frozen=True)
class KeptKind:
    """Reports, or dashboards: `page` is the name of the URL of one, `pages` that of all."""

    model: type[SavedReport] | type[Dashboard]
    page: str
    pages: str


REPORTS = KeptKind(SavedReport, "report", "reports")
DASHBOARDS = KeptKind(Dashboard, "dashboard", "dashboards")


@staff_only()
@require_POST
def delete_kept(request: HttpRequest, public_id: Any, kind: KeptKind) -> HttpResponse:
    user, kept = staff_user(request), _find(request, public_id, kind)
    if not actions.may_change(kept, user):
        raise Http404
    actions.trash(kept, by=user, now=utc_now(), request=request)
    undo_url = reverse(f"{kind.page}_restore", args=[kept.public_id]) if kept.made_by_id == user.pk else ""
    toast(request, _("“%(name)s” is deleted.") % {"name": kept.name}, undo_url=undo_url)
    return HttpResponseRedirect(reverse(kind.pages))


@staff_only()
@require_POST
def restore_kept(request: HttpRequest, public_id: Any, kind: KeptKind) -> HttpResponse:
    user = staff_user(request)
    kept = kind.model.objects.trashed_of(user).filter(public_id=public_id).first()
    if kept is None:
        raise Http404
    try:
        actions.restore(kept, by=user, request=request)
    except actions.ReportRefused as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(reverse(kind.pages))


@staff_only()
@require_POST
def mail_kept(request: HttpRequest, public_id: Any, kind: KeptKind) -> HttpResponse:
    """Mail it to oneself, or no longer, whoever asked for it."""
    user, kept = staff_user(request), _find(request, public_id, kind)
    form = MailForm(request.POST)
    if not form.is_valid():
        raise Http404
    rhythm, today = form.cleaned_data["rhythm"], business_day(utc_now(), zone=zone_of(user))
    actions.set_mail(kept, user, rhythm, by=user, today=today, request=request)
    words = _("%(when)s it will be mailed to you.") if rhythm else _("It is mailed to you no longer.")
    toast(request, words % {"when": Rhythm(rhythm).label if rhythm else ""})
    return HttpResponseRedirect(reverse(kind.page, args=[kept.public_id]))


@staff_only()
@require_POST
def mail_colleague(request: HttpRequest, public_id: Any, kind: KeptKind) -> HttpResponse:
    """Mail it to somebody else who works here, or with no rhythm no longer."""
    user, kept = staff_user(request), _find(request, public_id, kind)
    if not actions.may_mail_others(kept, user):
        raise Http404
    staff = {str(each.public_id): each for each in active_staff()}
    person, rhythm = staff.get(request.POST.get("colleague", "")), request.POST.get("every", "")
    if person is None or rhythm not in ("", *Rhythm.values):
        raise Http404
    today = business_day(utc_now(), zone=zone_of(person))
    try:
        actions.set_mail(kept, person, rhythm, by=user, today=today, request=request)
    except actions.ReportRefused as refusal:
        toast(request, str(refusal), bad=True)
    else:
        words = _("%(when)s it will be mailed to %(name)s.") if rhythm else _("It is mailed to %(name)s no longer.")
        toast(request, words % {"name": person.name, "when": Rhythm(rhythm).label if rhythm else ""})
    return HttpResponseRedirect(reverse(kind.page, args=[kept.public_id]))


def mails_shown(kept: SavedReport | Dashboard, request: HttpRequest, kind: KeptKind) -> dict[str, Any]:
    """What the panel “By mail” shows: one's own rhythm and, for whoever may mail it to others, theirs."""
    user = staff_user(request)
    mails = list(actions.mails_of(kept).select_related("person", "asked_by").order_by("person__name", "pk"))
    mine = next((each for each in mails if each.person_id == user.pk), None)
    may = actions.may_mail_others(kept, user)
    return {
        "form": MailForm(initial={"rhythm": mine.rhythm if mine is not None else ""}),
        "asked_by": mine.asked_by.name if mine is not None and mine.asked_by_id != user.pk else "",
        "own_url": reverse(f"{kind.page}_mail", args=[kept.public_id]),
        "others_url": reverse(f"{kind.page}_mail_colleague", args=[kept.public_id]) if may else "",
        "others": [each for each in mails if _is_for_another(each, user)] if may else [],
        "colleague": _colleague_form(mails, but=user.pk) if may else None,
    }


def _is_for_another(mail: ReportMail, user: User) -> bool:
    """Whether somebody else is mailed it who did not choose so herself."""
    return mail.person.is_active and mail.person_id not in (user.pk, mail.asked_by_id)


def _colleague_form(mails: list[ReportMail], *, but: int) -> ColleagueForm | None:
    has = {but, *(each.person_id for each in mails)}
    found = [(str(each.public_id), each.name) for each in active_staff() if each.pk not in has]
    return ColleagueForm(colleagues=found) if found else None


def _find(request: HttpRequest, public_id: Any, kind: KeptKind) -> SavedReport | Dashboard:
    kept: SavedReport | Dashboard = find_or_404(kind.model.objects.all(), staff_user(request), public_id=public_id)
    return kept
