"""What customers of the demo company agreed to, and took back: on the sign-up form, in the web shop, on the telephone."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from rapport.customers.demo import ConsentRow
from rapport.demo import company
from rapport.demo.ledger import Ledger, Profile, dice_for, public_id

_OFFERS_SHARE, _CALLS_SHARE, _LEFT_SHARE, _UNCONFIRMED_SHARE = 0.35, 0.25, 0.09, 0.03


def ask_permission(ledger: Ledger) -> None:
    """Entries of the consent ledger in the order of the profiles; each customer's depend on the seed alone."""
    for profile in ledger.profiles:
        dice = dice_for(ledger.seed, "permission", profile.customer.place, profile.source)
        if profile.source == company.NEWSLETTER:
            _agree(ledger, dice, profile, "newsletter", "email", "web form", {"form": "Newsletter sign-up"})
        elif profile.source == company.WEB_SHOP and dice.random() < _OFFERS_SHARE:
            _agree(ledger, dice, profile, "offers", "email", "web shop", {"form": "Check-out", "box": "ticked by hand"})
        elif profile.source == company.CALLS and dice.random() < _CALLS_SHARE:
            _agree(ledger, dice, profile, "service", "call_center", "call", {"said": "on the telephone"})


def _agree(
    ledger: Ledger, dice: Random, profile: Profile, purpose: str, channel: str, origin: str, proof: dict[str, str]
) -> None:
    at = profile.first_seen
    if purpose == "newsletter" and dice.random() < _UNCONFIRMED_SHARE:
        _say(ledger, dice, profile, purpose, channel, "pending", at, origin, proof)
        return
    _say(ledger, dice, profile, purpose, channel, "granted", at, origin, proof)
    if dice.random() < _LEFT_SHARE:
        later = at + (ledger.now - at) * dice.random() + timedelta(minutes=5)
        link = {"link": "at the end of a mail"} if channel == "email" else {"said": "on the telephone"}
        _say(ledger, dice, profile, purpose, channel, "withdrawn", later, "unsubscribed", link)


def _say(
    ledger: Ledger, dice: Random, profile: Profile, purpose: str, channel: str, status: str, at: datetime, origin: str,
    proof: dict[str, str],
) -> None:  # fmt: skip
    if at <= ledger.now:
        ledger.consents.append(ConsentRow(public_id(dice), profile.place, purpose, channel, status, at, origin, proof))
