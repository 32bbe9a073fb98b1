"""An objection to direct marketing (article 21 of the GDPR): from then on every marketing purpose is a no on every channel."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.core.acting import Actor, acting
from rapport.customers.consents.ledger import CONSENT_CHANNELS, WITHDRAWN, purposes, record_consent, state_of
from rapport.customers.models import Consent, Customer
from rapport.customers.moving import hold_customer

OBJECTION = "objection to direct marketing"


def is_objection(entry: Consent) -> bool:
    return entry.status == WITHDRAWN and entry.proof.get("act") == OBJECTION


def object_to_marketing(
    customer: Customer, *, by: Actor, now: datetime, origin: str, request: HttpRequest | None = None
) -> int:
    """Withdraw every marketing purpose, also those nobody was asked about yet, on every channel. Says how many were new.

    A yes that comes in later but was said before loses against it; one that is said afterwards counts again.
    """
    with acting(by, request, reason=OBJECTION):
        customer = hold_customer(customer.pk)
        said_no = {(s.purpose, s.channel) for s in state_of(customer.pk, now=now) if s.status == WITHDRAWN}
        marketing = [each.name for each in purposes(retired=True) if each.is_marketing]
        open_places = [(p, c) for p in marketing for c in CONSENT_CHANNELS if (p, c) not in said_no]
        for purpose, channel in open_places:
            record_consent(
                customer, purpose, channel, WITHDRAWN, by=by, now=now, origin=origin,
                wording=_("I object to direct marketing."), proof={"act": OBJECTION}, request=request,
            )  # fmt: skip
    return len(open_places)
