"""What the business says a minute of service, a contact, a delivery and a lesson are worth; nothing is assumed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.insight.marts.contacts import CAMPAIGNS, COUNTED, LESSONS, SERVICE

MICROS = 1_000_000
MILLION = 1_000_000  # shares are millionths of a whole
GENERATIONS = 3
KEPT_COUNTS = ("deliveries", *COUNTED)
MONEY, MINUTES, PERCENT = "money", "minutes", "percent"
Amounts = Mapping[str, int]  # by name, in millionths of the unit


@dataclass(frozen=True)
class Unit:
    """One amount that the business sets. `group` is the panel of the settings page that it stands in."""

    name: str
    label: str | Promise
    kind: str
    group: str


CONTACT_LABELS: dict[str, str | Promise] = {
    "call": _("Calls"),
    "visit": _("Visits"),
    "meeting": _("Meetings"),
    "case": _("Cases"),
    "email": _("E-mails"),
    "campaign_email": _("Campaigns by e-mail"),
    "campaign_direct_mail": _("Campaigns by post"),
    "campaign_other": _("Campaigns on other channels"),
    "delivery": _("Deliveries"),
    "survey": _("Survey answers"),
    "review": _("Reviews"),
    "idea": _("Ideas"),
    "beta_test": _("Beta tests"),
}
UNITS = (
    Unit("service_minute", _("A minute of service"), MONEY, "service"),
    Unit("minutes_call", _("A call"), MINUTES, "service"),
    Unit("minutes_visit", _("A visit"), MINUTES, "service"),
    Unit("minutes_meeting", _("A meeting"), MINUTES, "service"),
    Unit("minutes_case", _("A case"), MINUTES, "service"),
    Unit("minutes_email", _("An e-mail"), MINUTES, "service"),
    Unit("cost_campaign_email", _("A campaign e-mail"), MONEY, "reaching"),
    Unit("cost_campaign_direct_mail", _("A campaign letter"), MONEY, "reaching"),
    Unit("cost_campaign_other", _("A campaign contact on another channel"), MONEY, "reaching"),
    Unit("cost_delivery", _("A delivered order"), MONEY, "reaching"),
    Unit("value_survey", _("A survey answer"), MONEY, "insight"),
    Unit("value_review", _("A review"), MONEY, "insight"),
    Unit("value_idea", _("An idea"), MONEY, "insight"),
    Unit("value_beta_test", _("A beta test"), MONEY, "insight"),
    Unit("referral_share", _("Share credited to who referred"), PERCENT, "influence"),
    Unit("referral_next", _("Each further generation, of the one before"), PERCENT, "influence"),
)


def contact_costs(amounts: Amounts) -> dict[str, int]:
    """Micros that one contact of each kind costs, and one delivery; half a micro is rounded up."""
    minute = amounts.get("service_minute", 0)
    service = {name: (amounts.get(f"minutes_{name}", 0) * minute + MICROS // 2) // MICROS for name in SERVICE}
    campaigns = {name: amounts.get(f"cost_{name}", 0) for name in CAMPAIGNS}
    return {**service, **campaigns, "delivery": amounts.get("cost_delivery", 0)}


def lesson_values(amounts: Amounts) -> dict[str, int]:
    return {name: amounts.get(f"value_{name}", 0) for name in LESSONS}


def referral_shares(amounts: Amounts) -> list[int]:
    """What each generation of referrers is credited with, in millionths of what the referred customer contributes."""
    share, discount = amounts.get("referral_share", 0) // 100, amounts.get("referral_next", 0) // 100
    shares = []
    for _generation in range(GENERATIONS):
        shares.append(share)
        share = share * discount // MICROS
    return shares
