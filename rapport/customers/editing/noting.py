"""Notes for the command log: what was done to a customer on a screen, with what undoing it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.customers.events import CustomerEdited, OwnerAssigned
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.holding import Held, Holding
from rapport.customers.models import ActionAnswer, ContactPoint, Customer, Interaction, Profile, Relationship
from rapport.customers.moving import hold_customer
from rapport.customers.profile_rows import staff_profiles
from rapport.records.command_log.noting import note_command, plain, undo_url

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

SAID, ADDED, ASSIGNED, LOGGED, TIED, TRASHED = (
    "customers.said", "customers.added", "customers.assigned", "customers.logged", "customers.tied", "customers.trashed",
)  # fmt: skip
CONSENT = "customers.consent"
ANSWERED, TASK_MADE = "customers.action_answered", "customers.action_task"

POINT_COLUMNS = (
    "profile_id", "kind", "label", "value", "value_norm", "street", "postal_code", "city", "region", "country",
    "import_id",
)  # fmt: skip
TIE_COLUMNS = (
    "kind", "role", "from_profile_id", "from_customer_id", "to_profile_id", "to_customer_id", "since", "until",
    "import_id",
)  # fmt: skip
ENDS = ("from_customer_id", "to_customer_id")  # a merge moves them, which is no change of the tie

Rows = dict[str, dict[str, Any]]


@dataclass
class Noted:
    """What was noted of an act, once it is done; nothing where nothing was changed."""

    command: Command | None = None
    held: Customer | None = None  # whom it is noted of, as she was and locked

    @property
    def undo_url(self) -> str:
        return undo_url(self.command)


@contextmanager
def noting_said(customer: Customer, *, by: User, now: datetime, request: HttpRequest | None = None) -> Iterator[Noted]:
    """One transaction; what changes in it of what staff say of the customer, and of the ways to her, is noted as one act."""
    noted = Noted()
    with acting(by, request, reason=CustomerEdited.name):
        locked = hold_customer(customer.pk)
        profiles, points = staff_says(locked), points_now(locked)
        noted.held = locked
        yield noted
        changed = {
            "customer": locked.pk,
            "profiles": _differences(profiles, staff_says(locked)),
            "points": _whole_rows(points, points_now(locked)),
        }
        if changed["profiles"] or changed["points"]:
            noted.command = _note(SAID, changed, locked, by=by, now=now)


@dataclass
class NotedEdit:
    """A customer who is being edited; then what was noted of it."""

    held: Held
    command: Command | None = None


@contextmanager
def noting_edit(public_id: UUID, *, by: User, now: datetime, request: HttpRequest | None = None) -> Iterator[NotedEdit]:
    """A part of a transaction that is given up as a whole, in which nothing but what staff say of a customer changes: it
    is noted as one act. Raises Http404 where there is nobody whom `by` sees."""
    holding = Holding(by, public_id)
    with acting(by, request, reason=CustomerEdited.name, savepoint=False, sign=holding.sign):
        noted = NotedEdit(holding.held())
        before = _said_of_each(noted.held.staff)
        yield noted
        profiles = _differences(before, _said_of_each(noted.held.staff))
        if profiles:
            locked = noted.held.customer
            changed = {"customer": locked.pk, "profiles": profiles, "points": {}}
            noted.command = _note(SAID, changed, locked, by=by, now=now)


@contextmanager
def noting_ties(
    customer: Customer, other: Customer, *, by: User, now: datetime, request: HttpRequest | None = None
) -> Iterator[Noted]:
    """One transaction; what changes in it of how the two belong together is noted as one act."""
    noted = Noted()
    with acting(by, request, reason=CustomerEdited.name):
        before = ties_between(customer.pk, other.pk)
        yield noted
        ties = _whole_rows(before, ties_between(customer.pk, other.pk))
        if ties:
            noted.command = _note(TIED, {"ties": ties, "customers": [customer.pk, other.pk]}, customer, by=by, now=now)


@contextmanager
def noting_owner(customer: Customer, *, by: User, now: datetime, request: HttpRequest | None = None) -> Iterator[Noted]:
    """One transaction; who owns the customer before and after it is noted as one act."""
    noted = Noted()
    with acting(by, request, reason=OwnerAssigned.name):
        locked = hold_customer(customer.pk)
        before = locked.owner_id
        yield noted
        after = Customer.objects.get(pk=locked.pk).owner_id
        if before != after:
            noted.command = _note(
                ASSIGNED, {"customer": locked.pk, "from": before, "to": after}, locked, by=by, now=now
            )


def note_added(customer: Customer, *, by: User, now: datetime) -> Command:
    return _note(ADDED, {"customer": customer.pk, "version": customer.version}, customer, by=by, now=now)


def note_logged(logged: Interaction, *, by: User, now: datetime) -> Command:
    return _note(LOGGED, {"interaction": logged.pk}, logged.customer, by=by, now=now)


def note_answered(answer: ActionAnswer, *, by: User, now: datetime) -> Command:
    return _note(ANSWERED, {"answer": answer.pk}, answer.customer, by=by, now=now)


def note_trashed(customer: Customer, *, by: User, now: datetime) -> Command:
    return _note(TRASHED, {"customer": customer.pk}, customer, by=by, now=now)


def note_consent(customer: Customer, *, by: User, now: datetime) -> Command:
    """Noted although there is no way back: so that an undo does not take an older act for the last one."""
    return _note(CONSENT, {}, customer, by=by, now=now)


def staff_says(customer: Customer) -> Rows:
    """What each staff profile of a customer says, by its number, then by field; `raw.` before a field is how it was typed."""
    return _said_of_each(staff_profiles(customer.pk))


def _said_of_each(profiles: Iterable[Profile]) -> Rows:
    return {str(each.pk): said_flat(each) for each in profiles}


def said_flat(profile: Profile) -> dict[str, Any]:
    said = {field: getattr(profile, field) for field in GOLDEN_FIELDS}
    said |= {f"custom.{name}": value for name, value in profile.custom.items()}
    said |= {f"raw.{name}": value for name, value in profile.raw.items()}
    return {name: plain(value) for name, value in said.items() if value not in (None, "", [])}


def points_now(customer: Customer) -> Rows:
    return {str(each.public_id): row_of(each, POINT_COLUMNS) for each in ContactPoint.objects.filter(customer=customer)}


def ties_between(one: int, other: int) -> Rows:
    both = Q(from_customer=one, to_customer=other) | Q(from_customer=other, to_customer=one)
    return {str(each.public_id): row_of(each, TIE_COLUMNS) for each in Relationship.objects.filter(both)}


def row_of(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    return dict(plain({column: getattr(row, column) for column in columns}))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Of each row that is not as it was, the fields that differ: before and after."""
    found = {}
    for key in before.keys() | after.keys():
        was, now_is = before.get(key, {}), after.get(key, {})
        fields = sorted(field for field in was.keys() | now_is.keys() if was.get(field) != now_is.get(field))
        if fields:
            found[key] = [{field: each.get(field) for field in fields} for each in (was, now_is)]
    return found


def _whole_rows(before: Rows, after: Rows) -> dict[str, Any]:
    keys = before.keys() | after.keys()
    return {key: [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)}


def _note(action: str, arguments: Mapping[str, Any], customer: Customer, *, by: User, now: datetime) -> Command:
    return note_command(
        action, arguments, by=by, now=now, record_kind="customer", record_id=customer.pk, customer_id=customer.pk
    )
