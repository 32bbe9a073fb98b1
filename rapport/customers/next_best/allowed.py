"""Why an action must not be proposed to these customers: what they said of marketing, and whether they are restricted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from rapport.customers.consents.ledger import WITHDRAWN, channel_label, deciding, is_yes
from rapport.customers.models import Consent, Purpose
from rapport.customers.next_best.rules import Permission, Rule

Said = Mapping[str, tuple[bool, bool]]


def said_of_marketing(ids: Sequence[int], *, now: datetime) -> dict[int, Said]:
    """What these customers say of marketing, by customer and channel: (some purpose is a yes, some purpose is a no)."""
    marketing = list(Purpose.objects.filter(is_marketing=True).values_list("name", flat=True))
    entries = Consent.objects.filter(customer_id__in=ids, purpose__in=marketing).only(
        "customer_id", "profile_id", "purpose", "channel", "status", "occurred_at", "expires_at"
    )
    places: dict[tuple[int, str, str], list[Consent]] = defaultdict(list)
    for entry in entries.order_by("pk"):
        places[entry.customer_id, entry.purpose, entry.channel].append(entry)
    said: dict[int, dict[str, tuple[bool, bool]]] = defaultdict(dict)
    for (customer, _purpose, channel), of_place in places.items():
        decided = deciding(of_place, now=now)
        if decided is not None:
            yes, no = said[customer].get(channel, (False, False))
            said[customer][channel] = (yes or is_yes(decided, now=now), no or decided.status == WITHDRAWN)
    return dict(said)


def why_not_allowed(rule: Rule, said: Said) -> str:
    """In words, why the rule's channel may not be used for it; empty where it may."""
    yes, no = said.get(rule.channel, (False, False))
    if rule.permission is Permission.NONE_NEEDED or yes:
        return ""
    words = {"channel": channel_label(rule.channel)}
    if no:
        return _("Said no to marketing by this channel: %(channel)s.") % words
    if rule.permission is Permission.AGREED:
        return _("No consent to offers by this channel: %(channel)s.") % words
    return ""
