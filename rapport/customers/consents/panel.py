"""What we may do, as the customer page shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.accounts.access import staff_user
from rapport.core.clock import utc_now
from rapport.customers.access import may_change_key
from rapport.customers.consents.ledger import GRANTED, PENDING, ConsentState, channel_label, purposes, state_of
from rapport.customers.consents.objections import is_objection
from rapport.customers.models import Consent


@dataclass(frozen=True)
class ShownState:
    """One purpose and channel in words; `proof` is where it was said."""

    state: ConsentState
    purpose: str
    channel: str
    word: str
    tone: str
    proof: str


def shown_states(customer_id: int, *, now: datetime) -> list[ShownState]:
    """What counts now, in the order of the purposes; a yes before a no."""
    known = {each.name: (place, each.label) for place, each in enumerate(purposes(retired=True))}
    states = sorted(
        state_of(customer_id, now=now),
        key=lambda s: (known.get(s.purpose, (len(known), s.purpose))[0], not s.is_given, s.channel),
    )
    return [
        ShownState(
            state,
            known.get(state.purpose, (0, state.purpose))[1],
            channel_label(state.channel),
            *_word(state),
            state.entry.origin,
        )
        for state in states
    ]


def proof_of(entry: Consent, hidden: Collection[str]) -> dict[str, Any]:
    """What proves an entry, without the address that a link went to where the reader does not see addresses."""
    return {name: said for name, said in entry.proof.items() if name != "sent_to" or "email" not in hidden}


def consents_panel(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    """An objection is one line, however many purposes and channels it withdrew."""
    states = shown_states(customer_id, now=utc_now())
    objected = [each for each in states if is_objection(each.state.entry)]
    others = [each for each in states if each not in objected]
    return {
        "consent_states": others,
        "objected": max((each.state.since for each in objected), default=None),
        "may_object": not objected or any(each.state.is_given for each in others),
        "may_withdraw": may_change_key(staff_user(request), customer_id),
    }


def _word(state: ConsentState) -> tuple[str, str]:
    if state.is_given:
        return _("yes"), "good"
    if state.is_held and state.status == GRANTED:
        return _("restricted"), "warn"
    if state.status == GRANTED:
        return _("ended"), "warn"
    if state.status == PENDING:
        return _("asked"), "warn"
    return _("no"), "bad"
