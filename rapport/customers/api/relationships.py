"""The people and organizations around a customer in the API."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import find_or_404, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.accounts.queries import business_zone
from rapport.core.clock import business_day, utc_now
from rapport.customers import queries
from rapport.customers.editing.noting import noting_ties
from rapport.customers.models import Relationship
from rapport.customers.permissions import EDIT, VIEW
from rapport.customers.relationships import actions as actions_relationships
from rapport.customers.relationships.actions import said_of
from rapport.customers.relationships.around import ties_of
from rapport.customers.relationships.forms import LONGEST_ROLE, RelationshipForm
from rapport.records.api import (
    Strict,
    Undoable,
    changed_meanwhile,
    count_fetched,
    invalid,
    mark_of,
    tell_version,
    undo_of,
    version_matched,
)

if TYPE_CHECKING:
    from rapport.records.command_log.models import Command

router = Router(tags=["relationships"])


class RelationshipChanges(Strict):
    """What is to change; what is not sent stays."""

    role: str | None = Described(None, max_length=LONGEST_ROLE, examples=["buyer"])
    since: date | None = None
    until: date | None = None


class NewRelationship(RelationshipChanges):
    kind: Literal["works_at", "household", "owns", "referred", "parent"]
    to: UUID = Described(description="The other customer.")
    is_backward: bool = Described(
        False, description="Whether it is the other one who works at, owns, referred, or is the parent of this one."
    )


class RelationshipShown(Undoable):
    """How one customer belongs to another: `from` works at, lives with, owns, referred, is the parent of `to`."""

    id: UUID
    version: int
    kind: str
    from_customer: UUID
    to_customer: UUID
    role: str
    since: date | None
    until: date | None


class TieShown(RelationshipShown):
    """The same, as it reads from the customer that was asked about."""

    words: str = Described(examples=["works at"])
    other: UUID
    other_name: str
    is_ended: bool


class TiesShown(Schema):
    items: list[TieShown]


@router.get("/customers/{uuid:public_id}/relationships", auth=Bearer(VIEW), response=TiesShown)
def list_relationships(request: HttpRequest, public_id: UUID) -> TiesShown:
    """The people and organizations around a customer, of whom the owner of the token sees both ends."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    ties = ties_of(user, found, today=business_day(utc_now(), zone=business_zone()))
    count_fetched(request, len(ties))
    items = [
        TieShown(
            **_values(tie.relationship),
            words=tie.words,
            other=tie.other.public_id,
            other_name=tie.other_name,
            is_ended=tie.is_ended,
        )
        for tie in ties
    ]
    return TiesShown(items=items)


@router.post("/customers/{uuid:public_id}/relationships", auth=Bearer(EDIT), response={201: RelationshipShown})
def add_relationship(
    request: HttpRequest, response: HttpResponse, public_id: UUID, body: NewRelationship
) -> RelationshipShown:
    """Say how two customers belong together."""
    user, now = staff_user(request), utc_now()
    found, other = queries.find_customer(user, public_id), queries.find_customer(user, body.to)
    said = _read({"role": body.role, "since": body.since, "until": body.until})
    first, second = (other, found) if body.is_backward else (found, other)
    try:
        with noting_ties(found, other, by=user, now=now, request=request) as noted:
            made = actions_relationships.add_relationship(
                first, second, body.kind, by=user, now=now, request=request, **said
            )
    except actions_relationships.RelationshipExists as refusal:
        raise Problem(409, "The two belong together like this already.", kind="known-already") from refusal
    except actions_relationships.UnableToRelate as refusal:
        raise invalid([{"name": "body.to", "message": "Choose somebody else."}]) from refusal
    return _told(made, response, noted.command)


@router.get("/relationships/{uuid:tie_id}", auth=Bearer(VIEW), response=RelationshipShown)
def get_relationship(request: HttpRequest, response: HttpResponse, tie_id: UUID) -> RelationshipShown:
    """One relationship."""
    return _told(_find(request, tie_id), response)


@router.patch("/relationships/{uuid:tie_id}", auth=Bearer(EDIT), response=RelationshipShown)
def update_relationship(
    request: HttpRequest, response: HttpResponse, tie_id: UUID, body: RelationshipChanges
) -> RelationshipShown:
    """Change role and time; what has an `until` has ended. Needs If-Match with the ETag that was read."""
    user, now = staff_user(request), utc_now()
    current = _find(request, tie_id)
    opened = said_of(current)
    version_matched(request, mark_of(opened))
    said = _read({**opened, **body.model_dump(exclude_unset=True)})
    try:
        with noting_ties(current.from_customer, current.to_customer, by=user, now=now, request=request) as noted:
            saved = actions_relationships.change_relationship(current, said, opened=opened, by=user, request=request)
    except actions_relationships.RelationshipChanged as conflict:
        if conflict.current is None:
            raise Http404 from conflict
        raise changed_meanwhile(mark_of(said_of(conflict.current))) from conflict
    return _told(_find(request, saved.public_id), response, noted.command)


@router.delete("/relationships/{uuid:tie_id}", auth=Bearer(EDIT), response=Undoable)
def delete_relationship(request: HttpRequest, tie_id: UUID) -> Undoable:
    """Take it away as something that never was; what has ended gets an `until` instead."""
    user, now = staff_user(request), utc_now()
    current = _find(request, tie_id)
    with noting_ties(current.from_customer, current.to_customer, by=user, now=now, request=request) as noted:
        actions_relationships.remove_relationship(current, by=user, request=request)
    return Undoable(undo=undo_of(noted.command))


def _find(request: HttpRequest, tie_id: UUID) -> Relationship:
    ties = Relationship.objects.select_related("from_customer", "to_customer")
    found: Relationship = find_or_404(ties, staff_user(request), public_id=tie_id)
    return found


def _read(said: dict[str, Any]) -> dict[str, Any]:
    form = RelationshipForm({name: "" if value is None else value for name, value in said.items()})
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    return form.said


def _told(tie: Relationship, response: HttpResponse, command: Command | None = None) -> RelationshipShown:
    shown = RelationshipShown(**_values(tie), undo=undo_of(command))
    tell_version(response, shown.version)
    return shown


def _values(tie: Relationship) -> dict[str, Any]:
    return {
        "id": tie.public_id,
        "version": mark_of(said_of(tie)),
        "kind": tie.kind,
        "from_customer": tie.from_customer.public_id,
        "to_customer": tie.to_customer.public_id,
        **said_of(tie),
    }
