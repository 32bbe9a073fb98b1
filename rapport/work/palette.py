"""Logging in the box that searches and jumps: "called, wants a quote, Tue 3pm"."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.accounts.access import staff_user
from rapport.core.clock import utc_now
from rapport.records.record_kinds import FoundRecord, record_at, record_kinds
from rapport.ui.palette import PaletteSource
from rapport.work import logging_contacts
from rapport.work.permissions import EDIT


def _find(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    """With the customer of the page beneath the box, with those whom the line names, else to be chosen."""
    user = staff_user(request)
    sentence = logging_contacts.read_line(text, by=user, now=utc_now())
    if not sentence.kind:
        return
    when = logging_contacts.when_words(sentence)
    hint = _("and a task: %(task)s, %(day)s") % {"task": sentence.task or _("Follow up"), "day": when} if when else ""
    beneath = _record_beneath(request)
    named = logging_contacts.records_named(sentence.whom, by=user)[:4]
    for record in [beneath] if beneath is not None and not named else named:
        url = reverse("quick_log_on", args=[record.kind, record.public_id])
        yield _("Log with %(name)s") % {"name": record.name}, hint, f"{url}?{urlencode({'text': text})}"
    if beneath is None and not named:
        yield _("Log a contact"), hint, f"{reverse('quick_log')}?{urlencode({'text': text})}"


def _record_beneath(request: HttpRequest) -> FoundRecord | None:
    """The record on whose page the box was opened, as the browser names that page, where a contact can be logged with it."""
    user = staff_user(request)
    path = ""
    with suppress(ValueError):  # what calls itself an address and is none
        path = urlsplit(request.headers.get("Referer", "")).path
    record = record_at(user, path or "/")
    log = record_kinds()[record.kind].log if record is not None else None
    return record if log is not None and user.has_right(log.right) else None


SOURCES = (PaletteSource(gettext_lazy("Log"), _find, right=EDIT.name),)
