"""One line about a contact: read, told before it is kept, and kept as the contact and the task that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from babel.dates import format_date
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from rapport.accounts.queries import zone_of
from rapport.core.acting import acting
from rapport.records.record_kinds import ContactLog, FoundRecord, record_kinds
from rapport.work.actions import add_task, in_zone_of_business
from rapport.work.models import Task
from rapport.work.naming import read_task_line
from rapport.work.noting import LINE_LOGGED, note_line_logged
from rapport.work.permissions import EDIT
from rapport.work.sentence_words import words_of
from rapport.work.sentences import Sentence, read_sentence

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

_SEARCHED = 60


class UnableToLog(Exception):
    """With such a record there is no contact, or this person may not log one; nothing was written."""


def read_line(text: str, *, by: User, now: datetime) -> Sentence:
    return read_sentence(text, now=now, zone=zone_of(by), words=words_of(translation.get_language() or "en"))


def opening(sentence: Sentence, log: ContactLog) -> dict[str, Any]:
    """What the form of a line shows at first."""
    kinds = [kind for kind, _label in log.kinds]
    return {
        "kind": sentence.kind if sentence.kind in kinds else kinds[0],
        "text": sentence.text,
        "task": (sentence.task or _("Follow up")) if sentence.has_task else "",
        "due_on": sentence.due_on,
        "due_time": sentence.due_time,
    }


def log_of(record: FoundRecord, *, by: User) -> ContactLog:
    """Raises UnableToLog."""
    log = record_kinds()[record.kind].log
    if log is None or not by.has_right(log.right):
        raise UnableToLog
    return log


def keep_line(
    record: FoundRecord, values: Mapping[str, Any], *, by: User, now: datetime, request: HttpRequest | None = None
) -> tuple[Task | None, Command]:
    """Both or neither; without a task to do, the contact alone; and what was noted. Raises UnableToLog, and AssigneeCannotSee."""
    log = log_of(record, by=by)
    with acting(by, request, reason=LINE_LOGGED):
        contact = log.keep(record, values["kind"], values["text"], by, now, request)
        if not values["task"]:
            return None, contact
        due = {"due_on": values["due_on"], "due_time": None}
        if values["due_on"] is not None and values["due_time"] is not None:
            due |= in_zone_of_business(values["due_on"], values["due_time"], zone=zone_of(by))
        line = read_task_line(values["task"], by=by)
        task = add_task(
            line.title,
            record=record,
            **due,
            assignee=line.assignee,
            by=by,
            now=now,
            request=request,
        )
        return task, note_line_logged(contact, task)


def page_of_task(text: str, *, kind: str, public_id: UUID, by: User, now: datetime) -> str:
    """The page that shows what follows from a line before it is kept; empty where nothing does."""
    if not by.has_right(EDIT.name) or not read_line(text, by=by, now=now).has_task:
        return ""
    return f"{reverse('quick_log_on', args=[kind, public_id])}?{urlencode({'text': text})}"


def when_words(sentence: Sentence) -> str:
    """Tue 3 Mar 15:00, as the reader writes days."""
    if sentence.due_on is None:
        return ""
    locale = translation.to_locale(translation.get_language() or "en")
    day = str(format_date(sentence.due_on, "EEE d MMM y", locale=locale))
    return f"{day} {sentence.due_time:%H:%M}" if sentence.due_time is not None else day


def records_named(text: str, *, by: User) -> list[FoundRecord]:
    """Those with whom a contact can be logged and whose name has these words."""
    words = " ".join(text.split())[:_SEARCHED]
    if not words:
        return []
    kinds = [kind for kind in record_kinds().values() if kind.log is not None and by.has_right(kind.log.right)]
    return [
        record
        for kind in kinds
        if kind.search is not None and (not kind.right or by.has_right(kind.right))
        for record in kind.search(by, words)
    ]
