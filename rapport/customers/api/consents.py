"""Consent in the API: what counts now, the ledger, and what a customer said. Nothing of it can be undone: it is a ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.accounts.queries import business
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.consents import asking as consents_asking
from rapport.customers.consents import ledger as consents
from rapport.customers.consents.forms import LONGEST_ORIGIN, LONGEST_WORDING, PlaceForm, RecordForm, WithdrawForm
from rapport.customers.consents.objections import object_to_marketing
from rapport.customers.editing.noting import note_consent
from rapport.customers.models import Consent, Customer
from rapport.customers.permissions import EDIT, VIEW
from rapport.records.api import Instant, Strict, count_fetched, invalid

router = Router(tags=["consents"])
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


class ConsentAsked(Strict):
    purpose: str = Described(min_length=1, max_length=60, examples=["newsletter"])
    channel: str = Described(min_length=1, max_length=20, examples=["email"])


class ConsentAskedShown(Schema):
    """Whether she was mailed; where not, the link to be handed to her, which is shown this once."""

    was_mailed: bool
    link: str | None


class PurposeShown(Schema):
    name: str = Described(examples=["newsletter"])
    label: str
    wording: str = Described(description="What the customer agrees to.")
    is_marketing: bool
    valid_days: int | None = Described(description="A yes ends after so many days.")
    is_retired: bool
    channels: list[str] = Described(description="On which it can be recorded.")


class StateShown(Schema):
    """What counts now for one purpose and channel. What is not listed was never said: that is a no."""

    purpose: str
    channel: str
    is_given: bool
    status: str = Described(examples=["granted"])
    since: Instant
    expires_at: Instant | None


class EntryShown(Schema):
    """One line of the ledger."""

    id: UUID
    purpose: str
    channel: str
    status: str
    occurred_at: Instant
    recorded_at: Instant
    expires_at: Instant | None
    origin: str = Described(description="Where it was said: that is the proof.")
    wording: str
    recorded_by: str


class ConsentsShown(Schema):
    states: list[StateShown]
    entries: list[EntryShown] = Described(description="The newest 200, the newest first.")


class NewConsent(Strict):
    purpose: str = Described(max_length=100, examples=["newsletter"])
    channel: str = Described(max_length=100, examples=["email"])
    status: Literal["granted", "withdrawn"]
    origin: str = Described(
        min_length=1, max_length=LONGEST_ORIGIN, description="Where it was said.", examples=["form at the till"]
    )
    wording: str = Described("", max_length=LONGEST_WORDING, description="Left out: the words of the purpose.")
    occurred_at: AwareDatetime | None = Described(None, description="With its time zone; now, where it is left out.")
    expires_at: AwareDatetime | None = Described(None, description="Left out: as the purpose says.")


class Objection(Strict):
    origin: str = Described(min_length=1, max_length=LONGEST_ORIGIN, examples=["letter of 2 March"])


@router.get("/consent-purposes", auth=Bearer(VIEW), response=list[PurposeShown])
def list_consent_purposes(request: HttpRequest) -> list[PurposeShown]:
    """What customers are asked for, and on which channels."""
    return [
        PurposeShown(
            name=each.name,
            label=each.label,
            wording=each.wording,
            is_marketing=each.is_marketing,
            valid_days=each.valid_days,
            is_retired=each.retired_at is not None,
            channels=list(consents.CONSENT_CHANNELS),
        )
        for each in consents.purposes(retired=True)
    ]


@router.get("/customers/{uuid:public_id}/consents", auth=Bearer(VIEW), response=ConsentsShown)
def list_consents(request: HttpRequest, public_id: UUID) -> ConsentsShown:
    """What may be done for a customer, and what she said when."""
    shown = _told(queries.find_customer(staff_user(request), public_id))
    count_fetched(request, len(shown.entries))
    return shown


@router.post("/customers/{uuid:public_id}/consents", auth=Bearer(EDIT), response={201: ConsentsShown})
def record_consent(request: HttpRequest, public_id: UUID, body: NewConsent) -> ConsentsShown:
    """Write into the ledger what a customer said. It stays there; a newer entry can say otherwise."""
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    said_at, ends_at = _instant("occurred_at", body.occurred_at), _instant("expires_at", body.expires_at)
    form_class = WithdrawForm if body.status == consents.WITHDRAWN else RecordForm
    form = form_class(body.model_dump(include={"purpose", "channel", "status", "origin", "wording"}))
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    try:
        with acting(user, request):
            consents.record_consent(
                found, body.purpose, body.channel, body.status, by=user, now=now, origin=body.origin,
                wording=body.wording, occurred_at=said_at, expires_at=ends_at, request=request,
            )  # fmt: skip
            note_consent(found, by=user, now=now)
    except consents.UnableToRecord as refusal:
        raise invalid([{"name": "body", "message": str(refusal)}]) from refusal
    return _told(found)


@router.post("/customers/{uuid:public_id}/consents/ask", auth=Bearer(EDIT), response={201: ConsentAskedShown})
def ask_for_consent(request: HttpRequest, public_id: UUID, body: ConsentAsked) -> ConsentAskedShown:
    """Ask the customer to confirm by herself: by mail where that is set up, else by a link. A sent mail cannot be undone."""
    user, now, here = staff_user(request), utc_now(), business()
    found = queries.find_customer(user, public_id)
    form = PlaceForm(body.model_dump())
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    try:
        asked = consents_asking.ask_to_confirm(
            found, body.purpose, body.channel, by=user, now=now, business_name=here.name if here is not None else "",
            origin="asked by a program", request=request,
        )  # fmt: skip
    except consents.UnableToRecord as refusal:
        raise Problem(409, str(refusal), kind="unable") from refusal
    note_consent(found, by=user, now=now)
    return ConsentAskedShown(was_mailed=asked.was_mailed, link=None if asked.was_mailed else asked.link)


@router.post("/customers/{uuid:public_id}/objection", auth=Bearer(EDIT), response={201: ConsentsShown})
def record_objection(request: HttpRequest, public_id: UUID, body: Objection) -> ConsentsShown:
    """No marketing of any kind on any channel, from now on."""
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    if not body.origin.strip() or "\0" in body.origin:
        raise invalid([{"name": "body.origin", "message": "Say where the customer said so: that is the proof."}])
    with acting(user, request):
        object_to_marketing(found, by=user, now=now, origin=body.origin, request=request)
        note_consent(found, by=user, now=now)
    return _told(found)


def _instant(name: str, said: datetime | None) -> datetime | None:
    if said is not None and not _FIRST <= said <= _LAST:
        raise invalid([{"name": f"body.{name}", "message": "This is no time at which somebody could have said so."}])
    return said


def _told(found: Customer) -> ConsentsShown:
    now = utc_now()
    states = [
        StateShown(
            purpose=each.purpose,
            channel=each.channel,
            is_given=each.is_given,
            status=each.status,
            since=each.since,
            expires_at=each.entry.expires_at,
        )
        for each in consents.state_of(found.pk, now=now)
    ]
    return ConsentsShown(states=states, entries=[_entry(each) for each in consents.history_of(found.pk)])


def _entry(entry: Consent) -> EntryShown:
    return EntryShown(
        id=entry.public_id,
        purpose=entry.purpose,
        channel=entry.channel,
        status=entry.status,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        expires_at=entry.expires_at,
        origin=entry.origin,
        wording=entry.wording,
        recorded_by=entry.recorded_by,
    )
