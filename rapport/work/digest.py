"""A mail each morning with what waits in the inbox, for those who asked for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.core.mail import send_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.accounts.queries import active_staff, zone_of
from rapport.core import environment
from rapport.core.acting import acting
from rapport.core.clock import seen_from
from rapport.work.inbox import PAGE, Group, grouped
from rapport.work.models import Notification, NotificationSetting
from rapport.work.permissions import VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User

MORNING = time(7)
_LOOKS_BACK = timedelta(days=7)
_log = logging.getLogger(__name__)


def wants_mail(user: User) -> bool:
    return NotificationSetting.objects.filter(person=user, daily_mail=True).exists()


def choose_mail(user: User, *, wanted: bool, now: datetime, request: HttpRequest | None = None) -> None:
    """What is told from now on is mailed, or nothing more."""
    with acting(user, request, reason="work.daily_mail_chosen"):
        NotificationSetting.objects.update_or_create(person=user, defaults={"daily_mail": wanted, "mailed_at": now})


def send_digests(*, now: datetime) -> int:
    """Mail those for whom it is morning and who have not been mailed today; says how many mails went out."""
    settings = {each.person_id: each for each in NotificationSetting.objects.filter(daily_mail=True)}
    return sum(_send(person, settings[person.pk], now=now) for person in active_staff(sorted(settings)))


def _send(person: User, setting: NotificationSetting, *, now: datetime) -> bool:
    zone = zone_of(person)
    here, before = seen_from(now, zone), setting.mailed_at or now - _LOOKS_BACK
    if here.time() < MORNING or seen_from(before, zone).date() >= here.date() or not person.has_right(VIEW.name):
        return False
    found = Notification.objects.visible_to(person).waiting(now=now).filter(shown_at__gt=before)
    groups = grouped(person, list(found.select_related("actor").order_by("-shown_at", "-pk")[:PAGE]))
    # said before it is sent: better a mail too few, whose content stands in the inbox, than the same one each hour
    NotificationSetting.objects.filter(pk=setting.pk).update(mailed_at=now)
    if not groups:
        return False
    subject = ngettext("%(count)s notification in Rapport", "%(count)s notifications in Rapport", len(groups))
    try:
        send_mail(subject % {"count": len(groups)}, "\n".join(_lines(groups)), None, [person.email])
    except (SMTPException, OSError):
        _log.exception("The daily mail to user %s could not be sent.", person.pk)
        return False
    return True


def _lines(groups: list[Group]) -> Iterator[str]:
    """Who did what, and where to read it. What was said is not in it: it is for those who sign in."""
    for group in groups:
        yield f"{' '.join(group.record.name.split())}"
        for entry in group.entries:
            actor = entry.notification.actor
            yield f"  {actor.name} {entry.said}" if actor is not None else f"  {entry.said}"
        yield f"  {environment.origin()}{group.url}\n"
    yield _("You asked for this mail. Turn it off here: %(link)s") % {
        "link": environment.origin() + reverse("notifications")
    }
