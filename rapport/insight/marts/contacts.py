"""How often each customer was in contact, by what that costs or teaches us."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

SERVICE = ("call", "visit", "meeting", "case", "email")
CAMPAIGNS = ("campaign_email", "campaign_direct_mail", "campaign_other")
LESSONS = ("survey", "review", "idea", "beta_test")
COUNTED = (*SERVICE, *CAMPAIGNS, *LESSONS)
NOBODY = 0


def contacts(touchpoints: ir.Table, profile_customers: ir.Table, *, as_of: date) -> ir.Table:
    """How many contacts of each kind had each customer up to the end of `as_of`?

    One row per customer, and one with customer_id 0 for contacts of whom nobody is known: a count for each of `COUNTED`. Of
    service both directions count, of lessons what came in. Of a campaign, on each channel, as many as were sent to her; where
    fewer were noted as sent than came back, as many as came back.
    """
    known = touchpoints.filter(touchpoints.occurred_on <= as_of)
    of_profiles = known.group_by("profile_id").aggregate(
        **{name: known.count(where=known.kind == name) for name in SERVICE},
        **{name: known.count(where=(known.kind == name) & (known.direction == "in")) for name in LESSONS},
        **{
            f"{name}_{direction}": known.count(where=_is_campaign(known, name) & (known.direction == direction))
            for name in CAMPAIGNS
            for direction in ("in", "out")
        },
    )
    joined = of_profiles.left_join(profile_customers, of_profiles.profile_id == profile_customers.profile_id)
    names = [name for name in of_profiles.columns if name != "profile_id"]
    found = joined.select(customer_id=joined.customer_id.fill_null(NOBODY), **{name: joined[name] for name in names})
    summed = found.group_by("customer_id").aggregate(**{name: found[name].sum().cast("int64") for name in names})
    return summed.select(
        customer_id=summed.customer_id,
        **{name: summed[name] for name in SERVICE},
        **{name: ibis.greatest(summed[f"{name}_out"], summed[f"{name}_in"]) for name in CAMPAIGNS},
        **{name: summed[name] for name in LESSONS},
    )


def _is_campaign(known: ir.Table, name: str) -> ir.BooleanValue:
    by_name = known.channel.isin(["email", "direct_mail"])
    channel = name.removeprefix("campaign_")
    return (known.kind == "campaign") & (~by_name if channel == "other" else known.channel == channel)
