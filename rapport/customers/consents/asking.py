"""Double opt-in: a customer is entered as asked, and says yes or no herself by a link that works once."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.core import environment
from rapport.core.acting import SystemActor, acting
from rapport.customers.consents.ledger import (
    GRANTED,
    PENDING,
    WITHDRAWN,
    UnableToRecord,
    channel_label,
    close_requests,
    may_contact,
    record_consent,
)
from rapport.customers.models import Consent, ConsentRequest, Customer, Purpose
from rapport.customers.moving import CustomerGone, hold_customer

if TYPE_CHECKING:
    from rapport.accounts.models import User

OPEN_FOR = timedelta(days=7)
ANSWERING = SystemActor("the customer, by link")
LONGEST_AGENT = 200
_log = logging.getLogger(__name__)


class RequestClosed(Exception):
    """Answered, replaced, withdrawn, expired, or never made: they look the same from outside."""


@dataclass(frozen=True)
class Asked:
    """A request that waits for its answer. `link` is shown once and not stored; `was_mailed` says that she has it."""

    request: ConsentRequest
    link: str
    was_mailed: bool


def ask_to_confirm(
    customer: Customer,
    purpose: str,
    channel: str,
    *,
    by: User,
    now: datetime,
    business_name: str,
    origin: str,
    request: HttpRequest | None = None,
) -> Asked:
    """Enter the consent as asked and make the link; it is mailed where mail is set up and she has an address."""
    token = secrets.token_urlsafe(32)
    if may_contact(customer.pk, purpose, channel, now=now):
        raise UnableToRecord(_("This is agreed already."))
    with acting(by, request, reason="consent asked"):
        close_requests(customer.pk, [(purpose, channel)], now=now)
        entries = record_consent(
            customer, purpose, channel, PENDING, by=by, now=now, origin=origin, expires_at=now + OPEN_FOR
        )
        asked = ConsentRequest.objects.create(
            profile=entries[0].profile, customer=entries[0].customer, purpose=purpose, channel=channel,
            wording=entries[0].wording, sent_to=customer.email or "", token_hash=_hash_of(token), asked_at=now,
            asked_by=by.actor_label, expires_at=now + OPEN_FOR,
        )  # fmt: skip
    link = environment.origin() + reverse("consent_confirm", args=[token])
    return Asked(asked, link, _mail(asked, link=link, business_name=business_name))


def open_request(token: str, *, now: datetime) -> ConsentRequest:
    """The request behind a link that still works; reading it changes nothing."""
    found = ConsentRequest.objects.filter(token_hash=_hash_of(token)).select_related("customer").first()
    if found is None or not _is_open(found, now=now):
        raise RequestClosed
    return found


def answer(token: str, *, agrees: bool, now: datetime, request: HttpRequest) -> list[Consent]:
    """Write what she said, with what proves it. Of two answers at once the first counts."""
    with acting(ANSWERING, request, reason="consent answered"):
        customer = _hold_asked(token)
        asked = ConsentRequest.objects.select_for_update(of=("self",)).filter(token_hash=_hash_of(token)).first()
        if asked is None or not _is_open(asked, now=now) or (agrees and _is_retired(asked.purpose)):
            raise RequestClosed
        asked.answered_at = now
        asked.save(update_fields=["answered_at"])
        proof = {
            "asked": str(asked.public_id),
            "asked_at": asked.asked_at.isoformat(),
            "sent_to": asked.sent_to,
            "address": str(request.META.get("REMOTE_ADDR", "")),
            "browser": request.headers.get("User-Agent", "").replace("\0", "")[:LONGEST_AGENT],
        }
        return record_consent(
            customer, asked.purpose, asked.channel, GRANTED if agrees else WITHDRAWN,
            by=ANSWERING, now=now, origin="confirmation link", wording=asked.wording, proof=proof, request=request,
        )  # fmt: skip


def _hold_asked(token: str) -> Customer:
    """Whom the link asks, wherever a merge has put her; held before the request, as whoever moves her holds them."""
    customer_id = (
        ConsentRequest.objects.filter(token_hash=_hash_of(token)).values_list("customer_id", flat=True).first()
    )
    try:
        return hold_customer(customer_id or 0)
    except CustomerGone as error:
        raise RequestClosed from error


def _is_retired(purpose: str) -> bool:
    return Purpose.objects.filter(name=purpose).exclude(retired_at=None).exists()


def purpose_label(purpose: str) -> str:
    found = Purpose.objects.filter(name=purpose).first()
    return found.label if found is not None else purpose


def _is_open(asked: ConsentRequest, *, now: datetime) -> bool:
    return asked.answered_at is None and now < asked.expires_at


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _mail(asked: ConsentRequest, *, link: str, business_name: str) -> bool:
    """Whether the mail went out; where it did not, staff hand the link over."""
    if not asked.sent_to or not getattr(settings, "EMAIL_IS_CONFIGURED", False):
        return False
    body = _(
        "Please confirm that %(business)s may use this channel: %(channel)s, for: %(purpose)s.\n\n%(wording)s\n\n"
        "Open this link and answer. It works once, until %(until)s (UTC):\n\n%(link)s\n\n"
        "If you did not ask for this, do nothing: without your yes we do not use it.\n"
    ) % {
        "business": business_name,
        "channel": channel_label(asked.channel),
        "purpose": purpose_label(asked.purpose),
        "wording": asked.wording,
        "until": f"{asked.expires_at:%Y-%m-%d %H:%M}",
        "link": link,
    }
    try:
        send_mail(_("Please confirm"), body, None, [asked.sent_to])
    except OSError:
        _log.warning("A request for consent could not be mailed.", exc_info=True)
        return False
    return True
