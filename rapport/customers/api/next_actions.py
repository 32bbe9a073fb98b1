"""The next best action in the API: what is proposed for a customer and why, taking it, and saying not now."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.forms import NotNowForm
from rapport.customers.next_best.answers import (
    LONGEST_NOTE,
    Answered,
    NotProposed,
    next_actions_for,
    refuse_action,
    take_action,
)
from rapport.customers.next_best.choosing import Candidate
from rapport.customers.permissions import EDIT, VIEW
from rapport.records.api import Strict, Undoable, count_fetched, invalid, undo_of

router = Router(tags=["next actions"])


class NextActionShown(Schema):
    rule: str = Described(examples=["late_delivery"])
    title: str
    reason: str
    urgency: str = Described(examples=["complaint"], description="complaint, risk, due, offer or ask: the first first.")
    doing: str = Described(examples=["call"])
    stake_micros: int = Described(description="Amount × likelihood in the business's currency; 0 where nobody knows.")
    taken_rate: float = Described(description="How often what this rule proposes is taken, smoothed.")
    score: float
    why_not: str = Described(description="Why it is held back; empty where it is proposed.")


class NextActionsShown(Schema):
    proposed: list[NextActionShown] = Described(description="The best first.")
    held_back: list[NextActionShown]


class NotNow(Strict):
    note: str = Described("", max_length=LONGEST_NOTE, description="Why not; may be left out.")


class ActionAnswered(Undoable):
    id: UUID
    rule: str
    answer: str = Described(examples=["taken"])
    title: str


@router.get("/customers/{uuid:public_id}/next-actions", auth=Bearer(VIEW), response=NextActionsShown)
def list_next_actions(request: HttpRequest, public_id: UUID) -> NextActionsShown:
    """What is best done next for a customer, with reasons, and what is held back."""
    user = staff_user(request)
    actions = next_actions_for(user, queries.find_customer(user, public_id), now=utc_now())
    shown = NextActionsShown(
        proposed=[_shown(each) for each in actions.proposed], held_back=[_shown(each) for each in actions.held_back]
    )
    count_fetched(request, len(shown.proposed) + len(shown.held_back))
    return shown


@router.post(
    "/customers/{uuid:public_id}/next-actions/{slug:rule}/take", auth=Bearer(EDIT), response={201: ActionAnswered}
)
def take_next_action(request: HttpRequest, public_id: UUID, rule: str) -> ActionAnswered:
    """Keep that the action is taken; where it is a task, the task is added."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    try:
        return _told(take_action(found, rule, by=user, now=utc_now(), request=request))
    except NotProposed as refusal:
        raise Problem(409, str(refusal), kind="unable") from refusal


@router.post(
    "/customers/{uuid:public_id}/next-actions/{slug:rule}/refuse", auth=Bearer(EDIT), response={201: ActionAnswered}
)
def refuse_next_action(request: HttpRequest, public_id: UUID, rule: str, body: NotNow) -> ActionAnswered:
    """Not now: the rule is quiet for this customer for a while, and is proposed less often to all."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    form = NotNowForm(body.model_dump())
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    note = form.cleaned_data["note"]
    try:
        return _told(refuse_action(found, rule, note=note, by=user, now=utc_now(), request=request))
    except NotProposed as refusal:
        raise Problem(409, str(refusal), kind="unable") from refusal


def _shown(each: Candidate) -> NextActionShown:
    return NextActionShown(
        rule=each.rule.name, title=each.title, reason=each.found.reason, urgency=each.rule.urgency.name.lower(),
        doing=each.rule.doing.value, stake_micros=each.stake_micros, taken_rate=each.rate, score=each.score,
        why_not=each.why_not,
    )  # fmt: skip


def _told(done: Answered) -> ActionAnswered:
    return ActionAnswered(
        id=done.answer.public_id, rule=done.answer.rule, answer=done.answer.answer, title=done.title,
        undo=undo_of(done.command),
    )  # fmt: skip
