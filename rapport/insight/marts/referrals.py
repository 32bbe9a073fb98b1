"""What customers brought us by recommending us to others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
from ibis import ir

from rapport.insight.marts.facts import money_sum

MILLION = 1_000_000
MOST_CREDITED = 9 * 10**15
STILL_BUYING = timedelta(days=365)
_UNKNOWN_DAY = date(9999, 12, 31)


def referral_edges(relationships: ir.Table, profile_customers: ir.Table, *, as_of: date) -> ir.Table:
    """Who came to us through whom? One row per customer who was referred up to `as_of`: referred_id, referrer_id, since (null
    where it is not known) and relationship_id. Of several who referred her only the first counts; nobody refers herself.
    """
    told = relationships.filter(
        relationships.kind == "referred", relationships.since.isnull() | (relationships.since <= as_of)
    )
    by = profile_customers.select(by_profile=profile_customers.profile_id, referrer_id=profile_customers.customer_id)
    of = profile_customers.select(of_profile=profile_customers.profile_id, referred_id=profile_customers.customer_id)
    joined = told.join(by, told.from_profile_id == by.by_profile)
    joined = joined.join(of, joined.to_profile_id == of.of_profile)
    apart = joined.filter(joined.referrer_id != joined.referred_id)
    placed = apart.mutate(
        place=ibis.row_number().over(
            group_by="referred_id", order_by=(apart.since.fill_null(_UNKNOWN_DAY), apart.relationship_id)
        )
    )
    return placed.filter(placed.place == 0).select("referred_id", "referrer_id", "since", "relationship_id")


def referral_credits(edges: ir.Table, worths: ir.Table, *, shares: Sequence[int], as_of: date) -> ir.Table:
    """What is each referrer to be credited with?

    `edges` without cycles has referred_id, referrer_id, one row per referred; `worths` has customer_id, contribution_micros,
    last_purchase_on. `shares` are millionths of what a referred customer contributes that the referrers of the first, second …
    generation are credited with; together at most a million, so that credits never exceed the contribution. One row per
    referrer: customer_id, referred, referred_buying (bought within a year), and for each generation n_1 … and credit_1 …
    Each credit is rounded down to the micro; who costs more than she brings credits nothing.
    """
    if sum(shares) > MILLION or min(shares) < 0:
        raise ValueError(f"{shares} are not shares of a whole")
    generation, credits = edges.select(ancestor_id=edges.referrer_id, of_id=edges.referred_id), None
    for number, share in enumerate(shares, start=1):
        found = _credited(generation, worths, number, share, as_of=as_of)
        credits = found if credits is None else _beside(credits, found, number)
        above = edges.select(below_id=edges.referred_id, above_id=edges.referrer_id).view()
        lifted = generation.join(above, generation.ancestor_id == above.below_id)
        generation = lifted.select(ancestor_id=lifted.above_id, of_id=lifted.of_id)
    return credits


def _credited(generation: ir.Table, worths: ir.Table, number: int, share: int, *, as_of: date) -> ir.Table:
    joined = generation.left_join(worths, generation.of_id == worths.customer_id)
    whole = ibis.least(ibis.greatest(joined.contribution_micros.fill_null(0), 0), MOST_CREDITED)
    millions = (whole / MILLION).floor().cast("int64")
    part = ((whole - millions * MILLION) * ibis.literal(share, "int64") / MILLION).floor().cast("int64")
    credited = joined.select(
        customer_id=joined.ancestor_id,
        credit=millions * ibis.literal(share, "int64") + part,
        buys=(joined.last_purchase_on > as_of - STILL_BUYING).fill_null(False),
    )
    counted = (
        {"referred": credited.count(), "referred_buying": credited.count(where=credited.buys)} if number == 1 else {}
    )
    return credited.group_by("customer_id").aggregate(
        **counted, **{f"n_{number}": credited.count(), f"credit_{number}": money_sum(credited.credit)}
    )


def _beside(credits: ir.Table, found: ir.Table, number: int) -> ir.Table:
    """Whoever is credited with a later generation is credited with the first too."""
    further = found.rename(further_id="customer_id")
    joined = credits.left_join(further, credits.customer_id == further.further_id)
    return joined.select(
        **{name: joined[name] for name in credits.columns},
        **{name: joined[name].fill_null(0) for name in (f"n_{number}", f"credit_{number}")},
    )
