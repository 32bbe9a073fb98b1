"""Writes to reports and dashboards that somebody keeps, and to whom they are mailed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.insight.models import Dashboard, ReportMail, Rhythm, SavedReport
from rapport.records.permissions import SHARE

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_NAME = 60
MOST_KEPT = 200
MOST_TILES = 24
KeptT = TypeVar("KeptT", SavedReport, Dashboard)


class ReportRefused(ValueError):
    """A report or a dashboard cannot be kept like this."""


def may_change(kept: SavedReport | Dashboard, user: User) -> bool:
    """Whoever made it; of a shared one also those who may share."""
    return kept.made_by_id == user.pk or (kept.is_shared and user.has_right(SHARE.name))


def may_mail_others(kept: SavedReport | Dashboard, user: User) -> bool:
    """Whoever may share, what is shared: everybody sees it, each with her own numbers."""
    return kept.is_shared and user.has_right(SHARE.name)


def save_report(
    *, name: str, asked: Mapping[str, Sequence[str]], by: User, now: datetime, request: HttpRequest | None = None
) -> SavedReport:
    """Keep what a report asks under a name; nobody else sees it until it is shared."""
    with acting(by, request, reason="report saved"), _name_once():
        _refuse_too_many(SavedReport, by)
        return SavedReport.objects.create(name=name, asked=asked, made_by=by, made_at=now, changed_at=now)


def change_report(
    report: SavedReport,
    *,
    name: str,
    asked: Mapping[str, Sequence[str]] | None,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> None:
    """Another name, or another question; what is not given stays."""
    changes = {"name": name, "changed_at": now} | ({} if asked is None else {"asked": asked})
    with acting(by, request, reason="report saved"), _name_once():
        SavedReport.objects.filter(pk=report.pk).update(**changes)
    report.refresh_from_db()


def save_dashboard(
    *, name: str, tiles: Sequence[str], by: User, now: datetime, request: HttpRequest | None = None
) -> Dashboard:
    with acting(by, request, reason="dashboard saved"), _name_once():
        _refuse_too_many(Dashboard, by)
        return Dashboard.objects.create(
            name=name, tiles=list(tiles)[:MOST_TILES], made_by=by, made_at=now, changed_at=now
        )


def change_dashboard(
    dashboard: Dashboard,
    *,
    by: User,
    now: datetime,
    name: str | None = None,
    tiles: Sequence[str] | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Another name, or other tiles in another order; what is not given stays."""
    values = {"name": name, "tiles": None if tiles is None else list(dict.fromkeys(tiles))}
    changes = {key: value for key, value in values.items() if value is not None}
    if len(changes.get("tiles", ())) > MOST_TILES:
        raise ReportRefused(_("A dashboard has at most %(count)s tiles.") % {"count": MOST_TILES})
    with acting(by, request, reason="dashboard saved"), _name_once():
        Dashboard.objects.filter(pk=dashboard.pk).update(**changes, changed_at=now)
    dashboard.refresh_from_db()


def set_shared(kept: KeptT, shared: bool, *, by: User, request: HttpRequest | None = None) -> None:
    """Let everybody see it, each with what she may see, or its maker alone: then nobody else is mailed it any more."""
    if kept.is_shared == shared:
        return
    with acting(by, request, reason="report shared"):
        type(kept).objects.filter(pk=kept.pk).update(is_shared=shared)
        if not shared:
            mails_of(kept).exclude(person_id=kept.made_by_id).delete()
        said = "report shared" if shared else "report no longer shared"
        audit.record(said, by=by, request=request, about=str(kept.public_id))
    kept.is_shared = shared


def trash(kept: SavedReport | Dashboard, *, by: User, now: datetime, request: HttpRequest | None = None) -> None:
    """Take it away from everybody; its maker can have it back for a time. Nobody is mailed it meanwhile."""
    with acting(by, request, reason="report deleted"):
        type(kept).objects.filter(pk=kept.pk).update(trashed_at=now)


def restore(kept: SavedReport | Dashboard, *, by: User, request: HttpRequest | None = None) -> None:
    with acting(by, request, reason="report restored"), _name_once():
        type(kept).objects.filter(pk=kept.pk).update(trashed_at=None)


def set_mail(
    kept: SavedReport | Dashboard,
    person: User,
    rhythm: str,
    *,
    by: User,
    today: date,
    request: HttpRequest | None = None,
) -> None:
    """Mail it to a person in a rhythm, or with no rhythm no longer. Another's is set by who may share, and once shared;
    what somebody chose for herself nobody else changes. What is done for another is in the trail."""
    is_own = person.pk == by.pk
    if not is_own and not may_mail_others(kept, by):
        raise ReportRefused(_("Share it first: only what is shared can be mailed to others."))
    if not is_own and rhythm and not person.is_active:
        raise ReportRefused(_("Only who works here can be mailed it."))
    with acting(by, request, reason="report mailed"):
        before = mails_of(kept).filter(person=person).first()
        _refuse_what_is_hers(before, person, rhythm, by=by)
        mails_of(kept).filter(person=person).exclude(rhythm=rhythm).delete()
        if rhythm in Rhythm.values:
            of = {"report": kept} if isinstance(kept, SavedReport) else {"dashboard": kept}
            ReportMail.objects.get_or_create(
                person=person, **of, defaults={"rhythm": rhythm, "asked_by": by, "mailed_on": today}
            )
        was_asked_by_another = before is not None and before.asked_by_id != person.pk
        if (rhythm and not is_own) or (not rhythm and was_asked_by_another):
            said = "report mailed to" if rhythm else "report no longer mailed to"
            values = {"report": kept.name, "to": person.email} | ({"rhythm": rhythm} if rhythm else {})
            audit.record(said, by=by, request=request, about=str(kept.public_id), values=values)


def _refuse_what_is_hers(before: ReportMail | None, person: User, rhythm: str, *, by: User) -> None:
    """What is mailed already is not asked for again by others, nor do they turn off what somebody chose for herself."""
    if before is None or person.pk == by.pk:
        return
    if rhythm:
        raise ReportRefused(_("It is mailed to %(name)s already.") % {"name": person.name})
    if before.asked_by_id == person.pk:
        raise ReportRefused(_("%(name)s chose this, and turns it off on this page.") % {"name": person.name})


def mails_of(kept: SavedReport | Dashboard) -> QuerySet[ReportMail, ReportMail]:
    if isinstance(kept, SavedReport):
        return ReportMail.objects.filter(report=kept)
    return ReportMail.objects.filter(dashboard=kept)


def _refuse_too_many(model: type[KeptT], by: User) -> None:
    if model.objects.filter(made_by=by, trashed_at=None).count() >= MOST_KEPT:
        raise ReportRefused(_("You keep as many as there can be. Delete some first."))


@contextmanager
def _name_once() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ReportRefused(_("You have one of this name already.")) from error
