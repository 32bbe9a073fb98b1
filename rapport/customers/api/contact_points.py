"""The ways to reach a customer in the API: all of them, and those that staff add, change, remove and put first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field as Described

from rapport.accounts.access import find_or_404, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.addresses import Address
from rapport.customers.contact_points import actions as actions_contacts
from rapport.customers.contact_points.forms import POINT_FORMS
from rapport.customers.contact_points.reading import ADDRESS, Way, kinds_shown, points_of, said_of, shown_ways, ways_of
from rapport.customers.editing.noting import noting_said
from rapport.customers.models import ContactPoint, Customer
from rapport.customers.permissions import EDIT, VIEW
from rapport.records.api import (
    Strict,
    Undoable,
    changed_meanwhile,
    invalid,
    mark_of,
    tell_version,
    undo_of,
    version_matched,
)
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

router = Router(tags=["contact points"])
_PARTS = ("street", "postal_code", "city", "region", "country")
_LONGEST = 300


class Said(Strict):
    """What is said of a way: an e-mail address and a number have a value, a postal address its parts."""

    label: str | None = Described(None, max_length=40, description="What it is for.", examples=["work"])
    value: str | None = Described(None, max_length=_LONGEST, examples=["ana@example.com"])
    street: str | None = Described(None, max_length=_LONGEST)
    postal_code: str | None = Described(None, max_length=40)
    city: str | None = Described(None, max_length=_LONGEST)
    region: str | None = Described(None, max_length=_LONGEST)
    country: str | None = Described(None, max_length=100, examples=["PT"])


class NewContactPoint(Said):
    kind: Literal["email", "phone", "address"]


class WayNamed(Strict):
    key: str = Described(min_length=1, max_length=60, description="The `key` of the way.")


class ContactPointShown(Undoable):
    """One way to reach a customer. Only what has an `id` can be changed or removed; the rest is what sources say first."""

    key: str
    id: UUID | None
    version: int | None
    kind: str = Described(examples=["email"])
    label: str
    value: str
    street: str | None
    postal_code: str | None
    city: str | None
    region: str | None
    country: str | None
    is_first: bool


@router.get("/customers/{uuid:public_id}/contact-points", auth=Bearer(VIEW), response=list[ContactPointShown])
def list_contact_points(request: HttpRequest, public_id: UUID) -> list[ContactPointShown]:
    """Every way to reach a customer, from every source; of each kind the first one first."""
    user = staff_user(request)
    return [_shown(way) for way in _ways(user, queries.find_customer(user, public_id))]


@router.post("/customers/{uuid:public_id}/contact-points", auth=Bearer(EDIT), response={201: ContactPointShown})
def add_contact_point(
    request: HttpRequest, response: HttpResponse, public_id: UUID, body: NewContactPoint
) -> ContactPointShown:
    """Add a further way to reach a customer; the first of its kind becomes the one that is shown."""
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    if body.kind not in kinds_shown(hidden_names(user, "customer")):
        raise invalid([{"name": "body.kind", "message": "There is no such kind to write."}])
    said = _read(
        body.kind, body.model_dump(exclude={"kind"}, exclude_unset=True), hidden=hidden_names(user, "customer")
    )
    try:
        with noting_said(found, by=user, now=now, request=request) as noted:
            made = actions_contacts.add_contact_point(found, body.kind, said, by=user, now=now, request=request)
    except actions_contacts.PointExists as refusal:
        raise _known() from refusal
    return _told(user, made, response, noted.command)


@router.patch("/contact-points/{uuid:point_id}", auth=Bearer(EDIT), response=ContactPointShown)
def update_contact_point(request: HttpRequest, response: HttpResponse, point_id: UUID, body: Said) -> ContactPointShown:
    """Change what is said of a way and leave the rest. Needs If-Match with the version that was read."""
    user, now = staff_user(request), utc_now()
    point, found = _find(user, point_id)
    opened = said_of(point)
    version_matched(request, mark_of(opened))
    changes = {name: value or "" for name, value in body.model_dump(exclude_unset=True).items()}
    _refuse_strange(point.kind, changes, hidden=hidden_names(user, "customer"))
    said = _checked(point.kind, {**opened, **changes}, opened=opened)
    try:
        with noting_said(found, by=user, now=now, request=request) as noted:
            saved = actions_contacts.change_contact_point(point, said, opened=opened, by=user, now=now, request=request)
    except actions_contacts.PointExists as refusal:
        raise _known() from refusal
    except actions_contacts.PointChanged as conflict:
        if conflict.current is None:
            raise Http404 from conflict
        raise changed_meanwhile(mark_of(said_of(conflict.current))) from conflict
    return _told(user, saved, response, noted.command)


@router.delete("/contact-points/{uuid:point_id}", auth=Bearer(EDIT), response=Undoable)
def delete_contact_point(request: HttpRequest, point_id: UUID) -> Undoable:
    """Forget a way to reach a customer; where another source states it too, it stays."""
    user, now = staff_user(request), utc_now()
    point, found = _find(user, point_id)
    with noting_said(found, by=user, now=now, request=request) as noted:
        actions_contacts.remove_contact_point(point, by=user, now=now, request=request)
    return Undoable(undo=undo_of(noted.command))


@router.post("/customers/{uuid:public_id}/contact-points/first", auth=Bearer(EDIT), response=list[ContactPointShown])
def put_contact_point_first(request: HttpRequest, public_id: UUID, body: WayNamed) -> list[ContactPointShown]:
    """Make a way the first of its kind, which is the one that is shown, on behalf of staff."""
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    if body.key not in {way.key for way in _ways(user, found)}:
        raise Http404
    try:
        with noting_said(found, by=user, now=now, request=request) as noted:
            actions_contacts.make_first(found, body.key, by=user, now=now, request=request)
    except actions_contacts.UnknownWay as error:
        raise Http404 from error
    shown = [_shown(way) for way in _ways(user, queries.find_customer(user, public_id))]
    for each in shown:
        each.undo = undo_of(noted.command) if each.key == body.key else None
    return shown


def _ways(user: User, found: Customer) -> list[Way]:
    ways = ways_of(found, queries.profiles_of(found), points_of(found), files={})
    return shown_ways(ways, hidden=hidden_names(user, "customer"))


def _find(user: User, point_id: UUID) -> tuple[ContactPoint, Customer]:
    kinds = kinds_shown(hidden_names(user, "customer"))
    points = ContactPoint.objects.filter(kind__in=kinds).select_related("customer", "profile__source")
    point: ContactPoint = find_or_404(points, user, public_id=point_id)
    return point, queries.find_customer(user, point.customer.public_id)


def _read(kind: str, said: dict[str, Any], *, hidden: frozenset[str]) -> dict[str, Any]:
    _refuse_strange(kind, said, hidden=hidden)
    return _checked(kind, {name: value or "" for name, value in said.items()})


def _refuse_strange(kind: str, said: dict[str, Any], *, hidden: frozenset[str]) -> None:
    """An e-mail address has no street; what is hidden from the role is not there at all."""
    takes = {"label", *(set(_PARTS) - hidden if kind == ADDRESS else {"value"})}
    strange = sorted(set(said) - takes)
    if strange:
        raise invalid([{"name": f"body.{strange[0]}", "message": "There is no such field to write."}])


def _checked(kind: str, said: dict[str, Any], *, opened: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the form of such a way makes of it."""
    before = {f"initial-{name}": value for name, value in (opened or {}).items()}
    form = POINT_FORMS[kind](before | said, label_now=str((opened or {}).get("label", "")))
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    return dict(form.cleaned_data)


def _known() -> Problem:
    return Problem(409, "The customer can be reached this way already.", kind="known-already")


def _told(user: User, point: ContactPoint, response: HttpResponse, command: Command | None) -> ContactPointShown:
    ways = _ways(user, queries.find_customer(user, point.customer.public_id))
    of_point = (way for way in ways if way.point is not None and way.point.pk == point.pk)
    shown = _shown(next(of_point, Way(point.kind, point.value, point.label, point=point)))
    shown.undo = undo_of(command)
    if shown.version is not None:
        tell_version(response, shown.version)
    return shown


def _shown(way: Way) -> ContactPointShown:
    address = way.address or Address()
    return ContactPointShown(
        key=way.key,
        id=way.point.public_id if way.point is not None else None,
        version=mark_of(said_of(way.point)) if way.point is not None else None,
        kind=way.kind,
        label=way.label,
        value=way.value if way.address is None else ", ".join(address.lines),
        is_first=way.is_first,
        **{part: getattr(address, part) or None for part in _PARTS},
    )
