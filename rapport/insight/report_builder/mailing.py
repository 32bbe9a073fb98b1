"""Reports and dashboards by mail, each computed as whoever receives it: with the numbers that she would see herself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from smtplib import SMTPException

from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.queries import active_staff, zone_of
from rapport.core import environment
from rapport.core.clock import seen_from
from rapport.insight.dashboards.tiles import A_MAIL, REPORT, Tile, shown_tiles
from rapport.insight.models import Dashboard, ReportMail, Rhythm, SavedReport
from rapport.insight.report_builder.result import Result

MORNING = time(7)
_LINES = 30
_log = logging.getLogger(__name__)


def send_reports(*, now: datetime) -> int:
    """Mail whoever it is due for, once it is morning where she is; says how many mails went out."""
    mails = list(ReportMail.objects.select_related("report", "dashboard", "asked_by").order_by("pk"))
    people = {each.pk: each for each in active_staff(sorted({mail.person_id for mail in mails}))}
    sent = 0
    for mail in mails:
        person = people.get(mail.person_id)
        if person is None:
            continue
        here = seen_from(now, zone_of(person))
        if here.time() < MORNING or not is_due(mail.rhythm, mailed_on=mail.mailed_on, today=here.date()):
            continue
        # said before it is sent: better a mail too few than the same one each hour, or one more by another worker
        if not ReportMail.objects.filter(pk=mail.pk, mailed_on=mail.mailed_on).update(mailed_on=here.date()):
            continue
        model, kept = (SavedReport, mail.report) if mail.report is not None else (Dashboard, mail.dashboard)
        if kept is None or not model.objects.visible_to(person).filter(pk=kept.pk).exists():
            continue
        keys = kept.tiles if isinstance(kept, Dashboard) else [f"{REPORT}{kept.public_id}"]
        tiles = shown_tiles(keys, user=person, at=now, patience=A_MAIL)
        try:
            send_mail(
                " ".join(kept.name.split()), "\n".join(_lines(kept, tiles, asked_by=_other(mail))), None, [person.email]
            )
        except (SMTPException, OSError):
            _log.exception("The report %s could not be mailed to user %s.", kept.public_id, person.pk)
            continue
        sent += 1
    return sent


def is_due(rhythm: str, *, mailed_on: date | None, today: date) -> bool:
    """Whether a morning of the rhythm has come since the last mail: each day, a Monday, the first of a month."""
    newest = {
        Rhythm.DAILY.value: today,
        Rhythm.WEEKLY.value: today - timedelta(days=today.weekday()),
        Rhythm.MONTHLY.value: today.replace(day=1),
    }.get(rhythm)
    return newest is not None and (mailed_on is None or mailed_on < newest)


def _other(mail: ReportMail) -> str:
    """Who asked for it, where that was somebody else."""
    return " ".join(mail.asked_by.name.split()) if mail.asked_by_id != mail.person_id else ""


def _lines(kept: SavedReport | Dashboard, tiles: list[Tile], *, asked_by: str) -> Iterator[str]:
    name = "report" if isinstance(kept, SavedReport) else "dashboard"
    link = environment.origin() + reverse(name, args=[kept.public_id])
    for tile in tiles:
        yield f"{' '.join(str(tile.label).split())}"
        result = tile.shown.result if tile.shown is not None else None
        if result is None:
            yield f"  {tile.refused or (tile.shown.refused if tile.shown is not None else '')}"
        else:
            yield from _numbers(result)
        yield ""
    yield _("With its rows: %(link)s") % {"link": link}
    if asked_by:
        yield _("You are mailed this because %(name)s asked for it. Turn it off on that page.") % {"name": asked_by}
    else:
        yield _("You are mailed this because it was asked for. Turn it off on that page.")


def _numbers(result: Result) -> Iterator[str]:
    yield f"  {result.question.said}"
    for cell in result.cells[-_LINES:] if result.question.dimensions[0].is_time else result.cells[:_LINES]:
        parts = ", ".join(" ".join(each.label.split()) for each in cell.parts)
        yield f"  {parts}: " + "; ".join(result.shown(cell.sums, each) for each in result.question.measures)
    whole = "; ".join(result.shown(result.whole.sums, each) for each in result.question.measures)
    yield f"  {_('Together')}: {whole}"
