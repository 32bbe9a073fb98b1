"""How what is done to customers is undone, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.utils import IntegrityError
from django.utils.translation import gettext_lazy as _

from rapport.core.events import publish
from rapport.customers.actions_many import assign_owners
from rapport.customers.actions_trash import restore_customer, trash_customer
from rapport.customers.contact_points.actions import settle
from rapport.customers.editing.noting import (
    ADDED,
    ANSWERED,
    ASSIGNED,
    CONSENT,
    ENDS,
    LOGGED,
    POINT_COLUMNS,
    SAID,
    TASK_MADE,
    TIE_COLUMNS,
    TIED,
    TRASHED,
    row_of,
    said_flat,
)
from rapport.customers.events import CustomerEdited
from rapport.customers.golden import DATE_FIELDS, say
from rapport.customers.models import (
    ActionAnswer,
    ContactPoint,
    Customer,
    Interaction,
    Profile,
    Relationship,
    Touchpoint,
)
from rapport.customers.moving import CustomerGone, hold_customer
from rapport.customers.permissions import EDIT
from rapport.customers.survivorship.deriving import derive_customers
from rapport.records.command_log.noting import Undoable, Undoing, UndoRefused, changed_since, gone, take_back_all
from rapport.records.trash.declaring import TrashRefused

if TYPE_CHECKING:
    from rapport.accounts.models import User

RAW = "raw."


def _undo_said(undoing: Undoing) -> None:
    """Staff say again what they said before, of each field that still says what the act made of it."""
    locked = _hold(undoing.arguments["customer"], undoing.by)
    fields: set[str] = set()
    for key, (before, after) in undoing.arguments["profiles"].items():
        profile = Profile.objects.select_for_update().filter(pk=int(key), customer=locked).first()
        if profile is None:
            raise changed_since()
        said = said_flat(profile)
        if any(said.get(field) != value for field, value in after.items() if not field.startswith(RAW)):
            raise changed_since()
        columns = {_say_again(profile, field, value) for field, value in before.items()}
        profile.seen_at = undoing.now
        profile.save(update_fields=[*columns, "seen_at"])
        fields |= {field for field in before if not field.startswith(RAW)}
    for public_id, (before, after) in undoing.arguments["points"].items():
        _put_point_back(locked, public_id, before, after)
    derive_customers([locked.pk])
    if fields:
        publish(CustomerEdited(locked.pk, tuple(sorted(fields))))


def _say_again(profile: Profile, field: str, value: Any) -> str:
    """Returns the column to save."""
    if field.startswith(RAW):
        name = field.removeprefix(RAW)
        rest = {key: said for key, said in profile.raw.items() if key != name}
        profile.raw = rest if value is None else {**rest, name: value}
        return "raw"
    if field in DATE_FIELDS:
        value = date.fromisoformat(value) if value else None
    return say(profile, field, value)


def _put_point_back(
    locked: Customer, public_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    current = ContactPoint.objects.select_for_update().filter(public_id=public_id).first()
    if (row_of(current, POINT_COLUMNS) if current is not None else None) != after:
        raise changed_since()
    told = before or after or {}
    profile = Profile.objects.filter(pk=told["profile_id"], customer=locked).first()
    if profile is None:
        raise changed_since()
    if before is None:
        assert current is not None
        current.delete()
    else:
        point = current or ContactPoint(public_id=public_id)
        for column, value in before.items():
            setattr(point, column, value)
        point.customer = locked
        _save(point)
    settle(locked, profile)


def _save(row: ContactPoint | Relationship) -> None:
    """Somebody may have said the same again since."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise changed_since() from error


def _undo_ties(undoing: Undoing) -> None:
    for public_id, (before, after) in undoing.arguments["ties"].items():
        current = Relationship.objects.select_for_update().filter(public_id=public_id).first()
        if _without_ends(row_of(current, TIE_COLUMNS) if current is not None else None) != _without_ends(after):
            raise changed_since()
        first, second = _ends_of(before or after or {}, undoing.by)
        if before is None:
            assert current is not None
            current.delete()
        else:
            tie = current or Relationship(public_id=public_id)
            for column in set(TIE_COLUMNS) - set(ENDS):
                value = before[column]
                setattr(tie, column, date.fromisoformat(value) if value and column in ("since", "until") else value)
            tie.from_customer, tie.to_customer = first, second
            _save(tie)
        for end in (first, second):
            publish(CustomerEdited(end.pk, ("relationships",)))


def _ends_of(told: Mapping[str, Any], user: User) -> tuple[Customer, Customer]:
    """The customers whom the two profiles of a tie are a part of now."""
    found = Profile.objects.in_bulk([told["from_profile_id"], told["to_profile_id"]])
    if len({told["from_profile_id"], told["to_profile_id"]} - found.keys()) > 0:
        raise gone()
    first, second = found[told["from_profile_id"]].customer_id, found[told["to_profile_id"]].customer_id
    held = {number: _hold(number, user) for number in sorted({first, second})}
    return held[first], held[second]


def _without_ends(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {column: value for column, value in row.items() if column not in ENDS}


def _undo_added(undoing: Undoing) -> None:
    """Into the trash, so that what was typed is not lost."""
    locked = _hold(undoing.arguments["customer"], undoing.by)
    if locked.version != undoing.arguments["version"]:
        raise changed_since()
    try:
        trash_customer(locked, by=undoing.by, now=undoing.now, request=undoing.request)
    except TrashRefused as refusal:
        raise UndoRefused(str(refusal)) from refusal


def _undo_assigned(undoing: Undoing) -> None:
    locked = _hold(undoing.arguments["customer"], undoing.by)
    before, after = undoing.arguments["from"], undoing.arguments["to"]
    if not assign_owners({locked.pk: before}, by=undoing.by, now=undoing.now, only_where={locked.pk: after}):
        raise changed_since()


def _undo_logged(undoing: Undoing) -> None:
    logged = Interaction.objects.filter(pk=undoing.arguments["interaction"], logged_by=undoing.by).first()
    if logged is None:
        raise gone()
    locked = _hold(logged.customer_id, undoing.by)
    Touchpoint.objects.filter(record_id=logged.pk, kind=logged.kind, profile_id=logged.profile_id).delete()
    logged.delete()
    publish(CustomerEdited(locked.pk, ("timeline",)))


def _undo_answered(undoing: Undoing) -> None:
    """The action is proposed again, and nothing is learned of the answer."""
    answer = ActionAnswer.objects.filter(pk=undoing.arguments["answer"], answered_by=undoing.by).first()
    if answer is None:
        raise gone()
    _hold(answer.customer_id, undoing.by)
    answer.delete()


def _undo_trashed(undoing: Undoing) -> None:
    found = Customer.objects.visible_to(undoing.by).filter(pk=undoing.arguments["customer"]).first()
    if found is None:
        raise gone()
    if not restore_customer(found, by=undoing.by, now=undoing.now, request=undoing.request):
        raise UndoRefused(_("It is not in the trash any more."))


def _hold(customer_id: int, user: User) -> Customer:
    """The customer, or whom she was merged into, locked; only where she is there and `user` may see her."""
    try:
        locked = hold_customer(customer_id)
    except CustomerGone as error:
        raise gone() from error
    if not Customer.objects.present().visible_to(user).filter(pk=locked.pk).exists():
        raise gone()
    return locked


UNDOABLES = (
    Undoable(SAID, _("Customer changed"), EDIT.name, undo=_undo_said),
    Undoable(ADDED, _("Customer added"), EDIT.name, undo=_undo_added),
    Undoable(ASSIGNED, _("Owner assigned"), EDIT.name, undo=_undo_assigned),
    Undoable(LOGGED, _("Contact logged"), EDIT.name, undo=_undo_logged),
    Undoable(ANSWERED, _("Proposed action taken or put off"), EDIT.name, undo=_undo_answered),
    Undoable(TASK_MADE, _("Proposed action taken as a task"), EDIT.name, undo=take_back_all),
    Undoable(TIED, _("Relationship changed"), EDIT.name, undo=_undo_ties),
    Undoable(TRASHED, _("Customer put into the trash"), EDIT.name, undo=_undo_trashed),
    Undoable(
        CONSENT, _("Consent recorded, withdrawn or asked for"), EDIT.name,
        why_not=_("What a customer said about consent is kept as proof. Record the opposite instead."),
    ),
)  # fmt: skip
