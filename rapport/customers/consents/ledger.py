"""What a customer allows: reading the ledger as one answer per purpose and channel, and writing new entries into it.

For a profile its newest entry counts, of entries at the same instant the strictest; for a customer the strictest of its
profiles that say something. What is not granted now – asked, expired, withdrawn, never said – is a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.customers.actions import staff_profile_of
from rapport.customers.channels import CHANNELS, is_channel
from rapport.customers.consents.restrictions import is_restricted
from rapport.customers.events import ConsentRecorded
from rapport.customers.models import Consent, ConsentRequest, ConsentStatus, Customer, Profile, Purpose
from rapport.customers.moving import hold_customer

if TYPE_CHECKING:
    from uuid import UUID

GRANTED, PENDING, WITHDRAWN = (status.value for status in ConsentStatus)
STRICTEST_FIRST = (WITHDRAWN, PENDING, GRANTED)
CONSENT_CHANNELS = ("email", "call_center", "sms", "direct_mail", "chat", "field_sales", "advertising")


class UnableToRecord(ValueError):
    """The entry makes no sense; nothing was written. The message says why."""


@dataclass(frozen=True)
class Said:
    """One entry of the ledger, as far as it decides anything."""

    profile_id: int
    status: str
    occurred_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True)
class ConsentState:
    """What counts for one purpose and channel; `entry` is the ledger's line that decides."""

    purpose: str
    channel: str
    status: str
    entry: Consent
    is_given: bool
    is_held: bool = False  # the customer is restricted

    @property
    def is_expired(self) -> bool:
        return self.status == GRANTED and not self.is_given

    @property
    def since(self) -> datetime:
        return self.entry.occurred_at

    @property
    def public_id(self) -> UUID:
        return self.entry.public_id


def state_of(customer_id: int, *, now: datetime) -> list[ConsentState]:
    """What counts now for every purpose and channel of which the customer has said something; nothing is a yes while she is
    restricted."""
    by_place: dict[tuple[str, str], list[Consent]] = {}
    for entry in Consent.objects.filter(customer_id=customer_id).order_by("purpose", "channel", "pk"):
        by_place.setdefault((entry.purpose, entry.channel), []).append(entry)
    states, is_held = [], bool(by_place) and is_restricted(customer_id, now=now)
    for (purpose, channel), entries in by_place.items():
        decided = deciding(entries, now=now)
        if decided is not None:
            may = is_yes(decided, now=now) and not is_held
            states.append(ConsentState(purpose, channel, decided.status, decided, may, is_held))
    return states


def deciding(entries: Iterable[Any], *, now: datetime) -> Any:
    """The entry of one purpose and channel that counts now: of each profile its newest, of those the strictest."""
    newest: dict[int, Any] = {}
    for entry in entries:
        if entry.occurred_at <= now:
            before = newest.get(entry.profile_id)
            if before is None or _newer_first(entry) < _newer_first(before):
                newest[entry.profile_id] = entry
    return min(newest.values(), key=lambda entry: _stricter_first(entry, now=now), default=None)


def is_yes(entry: Any, *, now: datetime) -> bool:
    return entry.status == GRANTED and (entry.expires_at is None or entry.expires_at > now)


def may_contact(customer_id: int, purpose: str, channel: str, *, now: datetime) -> bool:
    """Whether the customer has agreed that this channel is used for this purpose. No record means no."""
    with connection.cursor() as cursor:
        cursor.execute("select consent_given(%s, %s, %s, %s)", [customer_id, purpose, channel, now])
        return bool(cursor.fetchone()[0])


def agreeing(purpose: str, channel: str, *, now: datetime) -> sql.Composed:
    """The same for everybody at once: a query of the ids of customers that have agreed."""
    return sql.SQL("""
        select customer_id from (
            select distinct on (profile_id) profile_id, customer_id, status, expires_at from customers_consent
             where purpose = {purpose} and channel = {channel} and occurred_at <= {now}
             order by profile_id, occurred_at desc, array_position({strictest}, status), expires_at nulls last
        ) newest where not exists (select from customers_restriction held
                                    where held.customer_id = newest.customer_id and held.since <= {now}
                                      and (held.lifted_at is null or held.lifted_at > {now}))
         group by customer_id
        having bool_and(status = 'granted' and (expires_at is null or expires_at > {now}))
    """).format(
        purpose=sql.Literal(purpose),
        channel=sql.Literal(channel),
        now=sql.Literal(now),
        strictest=sql.Literal(list(STRICTEST_FIRST)),
    )


def history_of(customer_id: int, *, at_most: int = 200) -> list[Consent]:
    """The entries of the ledger, newest first."""
    return list(
        Consent.objects.filter(customer_id=customer_id)
        .select_related("profile__source")
        .order_by("-occurred_at", "-pk")[:at_most]
    )


def purposes(*, retired: bool = False) -> list[Purpose]:
    """What may be asked for; with `retired` also what is not asked for any more."""
    found = Purpose.objects.order_by("pk")
    return list(found if retired else found.filter(retired_at=None))


def record_consent(
    customer: Customer,
    purpose: str,
    channel: str,
    status: str,
    *,
    by: Actor,
    now: datetime,
    origin: str,
    wording: str = "",
    proof: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
    occurred_at: datetime | None = None,
    request: HttpRequest | None = None,
) -> list[Consent]:
    """Write what the customer said, onto each of its profiles that has said something of it, else onto the staff's own.

    `origin` is where it was said (web form, call, letter …), `occurred_at` when, if not now. A grant ends by itself after
    the purpose's time. A withdrawal also closes the links that still ask.
    """
    said_at = occurred_at or now
    found = _checked(purpose, channel, status, origin=origin, said_at=said_at, expires_at=expires_at, now=now)
    if status == GRANTED and expires_at is None and found.valid_days:
        expires_at = said_at + timedelta(days=found.valid_days)
    with acting(by, request, reason=ConsentRecorded.name):
        locked = hold_customer(customer.pk)
        entries = [
            Consent.objects.create(
                profile=profile, customer=locked, purpose=purpose, channel=channel, status=status, occurred_at=said_at,
                recorded_at=now, expires_at=expires_at, origin=origin, wording=wording or found.wording,
                proof=dict(proof or {}), recorded_by=by.actor_label,
            )
            for profile in _speaking(locked, purpose, channel, now=now)
        ]  # fmt: skip
        if status == WITHDRAWN:
            close_requests(locked.pk, [(purpose, channel)], now=now)
        publish(ConsentRecorded(locked.pk, purpose, channel, status))
    return entries


def close_requests(customer_id: int, places: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Links that ask for these purposes and channels work no longer; inside `acting`."""
    for purpose, channel in places:
        asking = ConsentRequest.objects.filter(customer_id=customer_id, purpose=purpose, channel=channel)
        asking.filter(answered_at=None).update(answered_at=now)


def _checked(
    purpose: str,
    channel: str,
    status: str,
    *,
    origin: str,
    said_at: datetime,
    expires_at: datetime | None,
    now: datetime,
) -> Purpose:
    found = Purpose.objects.filter(name=purpose).first()
    if found is None or (found.retired_at is not None and status != WITHDRAWN):
        raise UnableToRecord(_("There is no purpose “%(purpose)s”.") % {"purpose": purpose})
    if not is_channel(channel):
        raise UnableToRecord(_("There is no channel “%(channel)s”.") % {"channel": channel})
    if status not in STRICTEST_FIRST:
        raise UnableToRecord(_("An entry is granted, asked or withdrawn."))
    if said_at > now:
        raise UnableToRecord(_("Nobody can have said this already at a time that lies ahead."))
    if expires_at is not None and expires_at <= said_at:
        raise UnableToRecord(_("It would end before it begins."))
    if not origin.strip():
        raise UnableToRecord(_("Say where the customer said so: that is the proof."))
    return found


def _speaking(customer: Customer, purpose: str, channel: str, *, now: datetime) -> list[Profile]:
    spoken = Consent.objects.filter(customer=customer, purpose=purpose, channel=channel)
    found = list(Profile.objects.filter(customer=customer, pk__in=spoken.values("profile_id")).order_by("pk"))
    return found or [staff_profile_of(customer, now=now)]


def _newer_first(entry: Any) -> tuple[Any, ...]:
    return (-entry.occurred_at.timestamp(), STRICTEST_FIRST.index(entry.status), *_earlier_end(entry))


def _stricter_first(entry: Any, *, now: datetime) -> tuple[Any, ...]:
    """A no that was said, one that is only missing its confirmation, one that ended, and then what is granted."""
    said_yes = is_yes(entry, now=now)
    instant = -entry.occurred_at.timestamp()
    return (said_yes, STRICTEST_FIRST.index(entry.status), *_earlier_end(entry), instant, entry.profile_id)


def _earlier_end(entry: Any) -> tuple[bool, float]:
    return (entry.expires_at is None, entry.expires_at.timestamp() if entry.expires_at is not None else 0.0)


def channel_label(channel: str) -> str:
    return _(CHANNELS[channel]) if channel in CHANNELS else channel
