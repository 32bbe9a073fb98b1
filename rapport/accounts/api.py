"""The door of the API: a token instead of a session, one transaction for what writes, every refusal as a problem."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import update_wrapper
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field as Described

from rapport.accounts.access import PROGRAM, RightMissing, SharedOnly
from rapport.accounts.api_once import answer_once
from rapport.accounts.api_problems import MEDIA_TYPE, Problem, answer_problem
from rapport.accounts.api_tokens import (
    HOUR_SECONDS,
    Lent,
    TooManyRows,
    find_lent,
    note_rows,
    seconds_left,
    sent_token,
    take_rows,
)
from rapport.accounts.permissions import SHARE
from rapport.accounts.queries import active_staff, business, team_tree
from rapport.accounts.rights import Grip, Right
from rapport.core.clock import utc_now
from rapport.core.outages import outage_behind
from rapport.core.remembering import memory_of_a_request, remember

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., HttpResponse])
_READING = ("GET", "HEAD", "OPTIONS")


class Bearer(HttpBearer):
    """Says which right an operation needs; the door has looked at the token itself by then."""

    def __init__(self, right: Right | None = None) -> None:
        super().__init__()
        self.right = right

    def authenticate(self, request: HttpRequest, token: str) -> Lent | None:
        lent: Lent | None = getattr(request, "lent", None)
        if lent is not None and self.right is not None and not lent.owner.has_right(self.right.name):
            raise RightMissing(self.right, lent.owner)
        if lent is not None:
            lent.owner.grip = self.right.grip if self.right is not None else Grip.READ
        return lent


def lent_to(request: HttpRequest) -> Lent:
    """The token behind a request; only for operations behind `program_only`."""
    found: Lent = request.lent  # type: ignore[attr-defined]
    return found


def program_only(view: View, *, parameters: Mapping[str, Collection[str]] | None = None) -> View:
    """Declare that only programs with a token may call this view. What it writes is written together or not at all.

    `parameters` says by method what may be asked beside the path; any other name is refused.
    """

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = _carry_out(request, lambda: view(request, *args, **kwargs), known=parameters or {})
        except Exception as error:
            answer = answer_error(request, error)
        if answer.status_code >= 400 and answer["Content-Type"] != MEDIA_TYPE:
            answer = answer_problem(Problem(answer.status_code, headers=_with(answer, "Allow", "Retry-After")))
        answer["Cache-Control"] = "no-store"
        _tell_limit(request, answer)
        return answer

    update_wrapper(guarded, view, assigned=("__name__", "__doc__"))
    guarded.audience = PROGRAM  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def _carry_out(
    request: HttpRequest, view: Callable[[], HttpResponse], *, known: Mapping[str, Collection[str]]
) -> HttpResponse:
    now = utc_now()
    writes = request.method not in _READING
    lent = find_lent(sent_token(request.headers.get("Authorization", "")), now=now, counts=writes)
    if lent is None:
        raise Problem(
            401, "Send a token that works as “Authorization: Bearer …”.", headers={"WWW-Authenticate": "Bearer"}
        )
    request.user, request.lent = lent.owner, lent  # type: ignore[attr-defined]
    if lent.rows_left <= 0 and not lent.counted:
        take_rows(lent, 1, now=now, request=request)
    if not writes:
        _remember_asked(lent)
        answer = _read(request, view, known)
        if not lent.has_counted:
            take_rows(lent, fetched_by(request), now=now, request=request)
        return answer
    try:
        return _write(request, lent, view, known, now=now)
    finally:  # not in the transaction, in which the programs of one token would wait for one another
        note_rows(lent, fetched_by(request), now=now)


def _read(request: HttpRequest, view: Callable[[], HttpResponse], known: Mapping[str, Collection[str]]) -> HttpResponse:
    """What is refused counts too, as one row."""
    try:
        _refuse_strange_names(request, known)
        return view()
    except Exception as error:
        return answer_error(request, error)


def _write(
    request: HttpRequest,
    lent: Lent,
    view: Callable[[], HttpResponse],
    known: Mapping[str, Collection[str]],
    *,
    now: datetime,
) -> HttpResponse:
    _refuse_strange_names(request, known)
    with memory_of_a_request(until_it_writes=True), transaction.atomic():
        _remember_asked(lent)
        answer = answer_once(request, lent, view, now=now) if request.method == "POST" else view()
        if answer.status_code >= 400:
            transaction.set_rollback(True)
    return answer


def _remember_asked(lent: Lent) -> None:
    for key, value in lent.asked.items():
        remember(key, value, lasts=True)


def _refuse_strange_names(request: HttpRequest, known: Mapping[str, Collection[str]]) -> None:
    """A misspelt narrowing must not answer with everything."""
    declared = known.get("GET" if request.method == "HEAD" else request.method or "")
    strange = sorted(set(request.GET) - set(declared)) if declared is not None else []
    if strange:
        errors = [{"name": name[:60], "message": "unknown"} for name in strange]
        raise Problem(400, "There is no parameter of this name.", errors=errors)


def fetched_by(request: HttpRequest) -> int:
    """How many rows an answer counts for; one, unless its operation said otherwise."""
    return max(int(getattr(request, "fetched", 1)), 1)


def _tell_limit(request: HttpRequest, answer: HttpResponse) -> None:
    """How many rows are left, as the draft of the IETF on rate limits writes it."""
    lent: Lent | None = getattr(request, "lent", None)
    if lent is not None:
        answer["RateLimit-Policy"] = f'"rows";q={lent.token.rows_an_hour};w={HOUR_SECONDS}'
        answer["RateLimit"] = f'"rows";r={max(lent.rows_left, 0)};t={seconds_left(utc_now())}'


def answer_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """Every refusal of the house as a problem; what is none is a fault of ours, and is logged."""
    found = _problem_of(error)
    if found is not None:
        return answer_problem(found)
    outage = outage_behind(error)
    if outage is None:
        log.error("The API could not answer %s %s.", request.method, request.path, exc_info=error)
        return answer_problem(Problem(500, "This is a fault of Rapport, and it has been logged."))
    answer = answer_problem(
        Problem(outage.status, str(outage.advice), kind="outage", headers={"Retry-After": str(outage.retry_after)})
    )
    answer.lost_connection = outage.lost_connection  # type: ignore[attr-defined]
    return answer


def _problem_of(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(404)
    if isinstance(error, TooManyRows):
        words = "This token has fetched as many rows as it may in an hour."
        return Problem(429, words, kind="too-many-rows", headers={"Retry-After": str(error.seconds)})
    if isinstance(error, SharedOnly):
        return Problem(403, error.why, kind="shared-only")
    if isinstance(error, RightMissing | PermissionDenied):
        return Problem(
            403, f"This needs the right {error}, lent to the token and held by its owner.", kind="right-missing"
        )
    if isinstance(error, RequestDataTooBig):
        return Problem(413)
    if isinstance(error, ValidationError):
        return Problem(422, "The request does not fit its description.", errors=[_told(each) for each in error.errors])
    if isinstance(error, HttpError):
        return Problem(error.status_code, error.message)
    return None


def _told(error: dict[str, Any]) -> dict[str, str]:
    """Where it stands and what is wrong, without what was sent."""
    return {"name": ".".join(map(str, error.get("loc", ()))), "message": str(error.get("msg", ""))[:300]}


def _with(answer: HttpResponse, *names: str) -> dict[str, str]:
    return {name: answer[name] for name in names if name in answer}


class Myself(Schema):
    """Who the token acts for, and what it may."""

    token: str = Described(description="What the token is called.", examples=["Web shop"])
    id: UUID = Described(description="The person's id, as in `owner` and `assignee`.")
    person: str = Described(examples=["Ana Souza"])
    rights: list[str] = Described(examples=[["customers.edit", "customers.view"]])
    expires_at: datetime
    rows_an_hour: int
    rows_left: int
    time_zone: str = Described(description="Of the business; its days begin and end there.", examples=["Europe/Lisbon"])
    currency: str = Described(description="In which amounts are that say no other.", examples=["EUR"])


class ColleagueShown(Schema):
    """Somebody who works here now."""

    id: UUID
    name: str = Described(examples=["Mina Kim"])
    is_me: bool


class TeamShown(Schema):
    """A team, and the one that it belongs to."""

    id: UUID
    name: str = Described(examples=["North"])
    parent: UUID | None


RIGHTS = (SHARE,)
router = Router(tags=["token"])


@router.get("/me", auth=Bearer(), response=Myself)
def who_am_i(request: HttpRequest) -> Myself:
    """Who this token acts for, with which rights, until when, and how many rows it may still fetch in this hour."""
    lent, here = lent_to(request), business()
    return Myself(
        token=lent.token.name,
        id=lent.owner.public_id,
        person=lent.owner.name,
        rights=[name for name in lent.token.rights if lent.owner.has_right(name)],
        expires_at=lent.token.expires_at,
        rows_an_hour=lent.token.rows_an_hour,
        rows_left=max(lent.rows_left - 1, 0),
        time_zone=here.time_zone if here is not None else "UTC",
        currency=here.currency if here is not None else "",
    )


@router.get("/staff", auth=Bearer(), response=list[ColleagueShown])
def list_staff(request: HttpRequest) -> list[ColleagueShown]:
    """Everybody who works here now: who can own a customer, be given a task, or be named with @."""
    me, found = lent_to(request).owner, active_staff()
    request.fetched = len(found)  # type: ignore[attr-defined]
    return [ColleagueShown(id=each.public_id, name=each.name, is_me=each.pk == me.pk) for each in found]


@router.get("/teams", auth=Bearer(SHARE), response=list[TeamShown])
def list_teams(request: HttpRequest) -> list[TeamShown]:
    """All teams, with which records can be shared."""
    found = [row.team for row in team_tree()]
    ids = {team.pk: team.public_id for team in found}
    request.fetched = len(found) or 1  # type: ignore[attr-defined]
    return [TeamShown(id=each.public_id, name=each.name, parent=ids.get(each.parent_id or 0)) for each in found]


ROUTERS = (router,)
