"""Acts on many rows: which there are, beginning one, how far it is, cancelling. Undone as a change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import find_or_404, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.core.clock import utc_now
from rapport.records.api.reading import Instant, Strict, Undoable, invalid, undo_of
from rapport.records.bulk import actions as bulk_actions
from rapport.records.bulk.acts import MOST_ROWS, BulkAct, Selectable, UnableToAct, acts_for, find_act
from rapport.records.bulk.models import BulkItem, BulkItemState, BulkRun
from rapport.records.bulk.saying import kept_answers
from rapport.records.bulk.selecting import selectables
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import note_command
from rapport.records.registry import UnknownField
from rapport.records.undoable import BULK

if TYPE_CHECKING:
    from rapport.accounts.models import User

router = Router(tags=["bulk"])


class ActsAsked(Schema):
    object: str = Described(
        max_length=60, description="Whose rows: customer, order, product, task.", examples=["customer"]
    )


class QuestionShown(Schema):
    """Something that must be answered before: by one of the choices, where there are any."""

    name: str
    label: str
    is_required: bool
    choices: list[str] | None


class ActShown(Schema):
    name: str = Described(examples=["assign"])
    object: str = Described(examples=["customer"])
    label: str
    can_be_undone: bool
    questions: list[QuestionShown]


class Everything(Strict):
    """All rows that a list finds."""

    filter: list[str] = Described([], max_length=20)
    q: str = Described("", max_length=200)


class NewRun(Strict):
    """Either rows by their ids, or everything that a list finds."""

    object: str = Described(max_length=60, examples=["customer"])
    act: str = Described(max_length=60, examples=["assign"])
    rows: list[UUID] | None = Described(None, min_length=1, max_length=MOST_ROWS)
    everything: Everything | None = Described(None, examples=[{"filter": ["city.is:Porto"]}])
    answers: dict[str, str | list[str]] = Described({}, examples=[{"owner": "3f6c1a9e-8f0e-4a50-9c3a-0d1f2b3c4d5e"}])


class ReasonShown(Schema):
    reason: str
    rows: int


class RunShown(Undoable):
    """How far an act is, and what became of its rows."""

    id: UUID
    object: str
    act: str
    state: str = Described(examples=["done"])
    total: int
    done: int
    refused: int
    undone: int
    failure: str
    reasons: list[ReasonShown] = Described(description="Why rows were left alone, the most frequent first.")
    started_at: Instant | None
    finished_at: Instant | None


@router.get("/bulk/acts", auth=Bearer(), response=list[ActShown])
def list_bulk_acts(request: HttpRequest, asked: Query[ActsAsked]) -> list[ActShown]:
    """What the token may do with many rows of an object, and what must be known for it."""
    user = staff_user(request)
    if asked.object not in selectables():
        raise Http404
    return [
        ActShown(
            name=act.name,
            object=asked.object,
            label=str(act.label),
            can_be_undone=act.undo is not None,
            questions=_questions(act.ask(user, None)) if act.ask is not None else [],
        )
        for act in acts_for(user, asked.object)
        if act.apply is not None
    ]


@router.post("/bulk", auth=Bearer(), response={201: RunShown})
def start_bulk(request: HttpRequest, body: NewRun) -> RunShown:
    """Begin an act on many rows: up to 50 are treated before the answer, up to 10,000 by a worker; look at it with its id."""
    user, now = staff_user(request), utc_now()
    selectable, act = _find_act(user, body)
    if (body.rows is None) == (body.everything is None):
        raise invalid([{"name": "body.rows", "message": "Send either rows or everything."}])
    answers, wanted = _answers(act, user, body)
    try:
        selection = bulk_actions.select_rows(
            selectable, rows=[str(each) for each in body.rows or ()], query=_query(body.everything),
            is_everything=body.everything is not None, by=user, now=now,
        )  # fmt: skip
        run = bulk_actions.draft_run(act, selection)
        bulk_actions.begin_run(run, selectable, answers=answers, by=user, now=now, request=request, wanted=wanted)
    except UnknownField as error:
        raise Problem(400, str(error)) from error
    except UnableToAct as refusal:
        raise Problem(409, str(refusal), kind="unable-to-act") from refusal
    command = note_command(BULK, {"run": run.pk}, by=user, now=now) if act.undo is not None else None
    return _shown(run, command)


@router.get("/bulk/{uuid:run_id}", auth=Bearer(), response=RunShown)
def get_bulk(request: HttpRequest, run_id: UUID) -> RunShown:
    """How far an act is. Only who began it sees it."""
    return _told(staff_user(request), run_id)


@router.post("/bulk/{uuid:run_id}/cancel", auth=Bearer(), response=RunShown)
def cancel_bulk(request: HttpRequest, run_id: UUID) -> RunShown:
    """Stop between two batches: what is done stays, and can be undone."""
    user = staff_user(request)
    run = find_or_404(BulkRun.objects.select_related("selection"), user, public_id=run_id)
    act = find_act(run.selection.object, run.act)
    if act is not None and not user.has_right(act.right):
        raise Problem(403, f"This needs the right {act.right}.", kind="right-missing")
    bulk_actions.cancel_run(run)
    return _told(user, run_id)


def _told(user: User, run_id: UUID) -> RunShown:
    run = find_or_404(BulkRun.objects.select_related("selection"), user, public_id=run_id)
    noted = Command.objects.visible_to(user).filter(action=BULK, arguments={"run": run.pk}, undone_at=None)
    return _shown(run, noted.first())


def _find_act(user: User, body: NewRun) -> tuple[Selectable, BulkAct]:
    selectable, act = selectables().get(body.object), find_act(body.object, body.act)
    if selectable is None or act is None or act.apply is None:
        raise invalid([{"name": "body.act", "message": "There is no such act."}])
    for right in (selectable.right, act.right):
        if right and not user.has_right(right):
            raise Problem(403, f"This needs the right {right}.", kind="right-missing")
    return selectable, act


def _answers(act: BulkAct, user: User, body: NewRun) -> tuple[dict[str, str], dict[str, Any] | None]:
    """What the form of the act makes of the answers, as the pages keep them."""
    if act.ask is None:
        if body.answers:
            raise invalid([{"name": "body.answers", "message": "This act asks for nothing."}])
        return {}, None
    sent = QueryDict(mutable=True)
    for name, value in body.answers.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    form = act.ask(user, sent)
    unknown = sorted(set(body.answers) - set(form.fields))
    if unknown:
        raise invalid([{"name": f"body.answers.{unknown[0][:60]}", "message": "This is not asked for."}])
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body.answers"))
    return kept_answers(form)


def _query(everything: Everything | None) -> str:
    query = QueryDict(mutable=True)
    if everything is not None:
        query.setlist("filter", everything.filter)
        if everything.q:
            query["q"] = everything.q
    return query.urlencode()


def _questions(form: forms.Form) -> list[QuestionShown]:
    return [
        QuestionShown(name=name, label=str(each.label or name), is_required=each.required, choices=_choices(each))
        for name, each in form.fields.items()
    ]


def _choices(field: Any) -> list[str] | None:
    found = getattr(field, "choices", None)
    return [str(value) for value, _label in found] if found is not None else None


def _shown(run: BulkRun, command: Command | None) -> RunShown:
    run.refresh_from_db()
    left = BulkItem.objects.filter(run=run, state__in=(BulkItemState.REFUSED, BulkItemState.KEPT))
    reasons = Counter(left.values_list("reason", flat=True)).most_common(20) if not run.is_under_way else []
    return RunShown(
        id=run.public_id, object=run.selection.object, act=run.act, state=run.state, total=run.total, done=run.done,
        refused=run.refused, undone=run.undone, failure=run.failure,
        reasons=[ReasonShown(reason=reason, rows=rows) for reason, rows in reasons],
        started_at=run.started_at, finished_at=run.finished_at, undo=undo_of(command),
    )  # fmt: skip
