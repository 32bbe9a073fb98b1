"""Taking an action that is proposed for a customer, or saying not now: kept, so that the rules learn from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.actions import staff_profile_of
from rapport.customers.editing.noting import ANSWERED, TASK_MADE, note_answered
from rapport.customers.events import NextActionAnswered
from rapport.customers.models import ActionAnswer, AnswerKind, Customer
from rapport.customers.moving import hold_customer
from rapport.customers.next_best.choosing import Candidate, NextActions, next_actions_of
from rapport.customers.next_best.rules import OBJECT, Doing, rules_for
from rapport.customers.queries import staff_profile_id_of
from rapport.records.command_log.noting import note_beside
from rapport.records.record_kinds import find_record
from rapport.work.actions import add_task
from rapport.work.noting import note_task_added
from rapport.work.permissions import EDIT as EDIT_WORK

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

LONGEST_NOTE = 300


class NotProposed(Exception):
    """The action is not proposed (any more) for this customer; nothing was written. The message says why."""


@dataclass(frozen=True)
class Answered:
    """What was kept, what undoes it, and where taking the action leads."""

    answer: ActionAnswer
    command: Command
    title: str
    url: str


def next_actions_for(user: User, customer: Customer, *, now: datetime) -> NextActions:
    """What this person may read of what is best done next for a customer whom she sees."""
    return next_actions_of([customer.pk], rules_for(user), now=now)[customer.pk]


def take_action(
    customer: Customer, rule: str, *, by: User, now: datetime, request: HttpRequest | None = None
) -> Answered:
    """Keep that it was taken, and add the task where it is one. Raises NotProposed."""
    with acting(by, request, reason=NextActionAnswered.name):
        locked, proposed = _held(customer, rule, by=by, now=now)
        answer = _keep(locked, rule, AnswerKind.TAKEN, by=by, now=now)
        if proposed.rule.doing is not Doing.TASK or not by.has_right(EDIT_WORK.name):
            url = _page_of_call(locked, proposed, by=by)
            return Answered(answer, note_answered(answer, by=by, now=now), proposed.title, url)
        record = find_record(by, OBJECT, locked.public_id)
        task = add_task(
            proposed.title, text=proposed.found.reason, record=record, assignee=by, by=by, now=now, request=request
        )
        made = note_task_added(task, by=by, now=now)
        both = note_beside(made, [(ANSWERED, {"answer": answer.pk})], action=TASK_MADE)
        return Answered(answer, both, proposed.title, record.url)


def refuse_action(
    customer: Customer, rule: str, *, by: User, now: datetime, note: str = "", request: HttpRequest | None = None
) -> Answered:
    """Keep that somebody said not now, and why: the rule is quiet for this customer for a while. Raises NotProposed."""
    with acting(by, request, reason=NextActionAnswered.name):
        locked, proposed = _held(customer, rule, by=by, now=now)
        answer = _keep(locked, rule, AnswerKind.REFUSED, note=note.strip()[:LONGEST_NOTE], by=by, now=now)
        command = note_answered(answer, by=by, now=now)
        return Answered(answer, command, proposed.title, reverse("customer", args=[locked.public_id]))


def _held(customer: Customer, rule: str, *, by: User, now: datetime) -> tuple[Customer, Candidate]:
    locked = hold_customer(customer.pk)
    actions = next_actions_for(by, locked, now=now)
    for each in actions.proposed:
        if each.rule.name == rule:
            return locked, each
    for each in actions.held_back:
        if each.rule.name == rule:
            raise NotProposed(each.why_not)
    raise NotProposed(_("This is not proposed for the customer (any more)."))


def _keep(locked: Customer, rule: str, answer: str, *, by: User, now: datetime, note: str = "") -> ActionAnswer:
    profile = staff_profile_id_of(locked.pk) or staff_profile_of(locked, now=now).pk
    kept = ActionAnswer.objects.create(
        customer=locked, profile_id=profile, rule=rule, answer=answer, note=note,
        answered_at=now, answered_by=by,
    )  # fmt: skip
    publish(NextActionAnswered(kept.pk, locked.pk, rule, answer))
    return kept


def _page_of_call(locked: Customer, proposed: Candidate, *, by: User) -> str:
    """Where a call is logged, begun with what it is about."""
    if not by.has_right(EDIT_WORK.name):
        return f"{reverse('customer', args=[locked.public_id])}#log-text"
    text = _("Called: %(title)s") % {"title": proposed.title}
    return f"{reverse('quick_log_on', args=[OBJECT, locked.public_id])}?{urlencode({'text': text})}"
