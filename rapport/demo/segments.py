"""The segments of the demo company, with the weeks behind them."""

from __future__ import annotations

from datetime import datetime, timedelta

from rapport.accounts.queries import active_staff
from rapport.core.acting import Actor
from rapport.demo import company
from rapport.demo.catalogue import BEANS, ESPRESSO
from rapport.segments.actions import make_segment, put_into
from rapport.segments.definitions import definition_of
from rapport.segments.keeping import catch_up, rebuild
from rapport.segments.queries import every_segment, members_of

WEEKS = 12
INVITED = 14


def make_segments(*, by: Actor, now: datetime) -> None:
    """Four segments that marketing would keep, as they were week by week."""
    if every_segment():
        return
    maker = next(each for each in active_staff() if each.name == "Camille Leroy")
    regulars = make_segment(
        "Coffee regulars", note="Beans at least three times in half a year.", by=by, made_by=maker, now=now,
        definition=definition_of([
            f"any(purchases.did:category={BEANS},within=180_days,times=3;"
            f"purchases.did:category={ESPRESSO},within=180_days,times=3)"
        ]),
    )  # fmt: skip
    make_segment(
        "Worth a call", note="Spent well, buys less, and nobody has called.", by=by, made_by=maker, now=now,
        definition=definition_of([
            "segment.is:at_risk,needs_attention", "value.at_least:300", "contacts.never:kind=call,within=90_days",
        ]),
    )  # fmt: skip
    make_segment(
        "Tasting evening", note="Coffee regulars near our two stores.", by=by, made_by=maker, now=now,
        definition=definition_of([f"in_segment.is:{regulars.public_id}", f"city.one_of:{','.join(company.STORES)}"]),
    )  # fmt: skip
    friends = make_segment(
        "Friends of the house", note="First to taste the new harvest.", is_static=True, by=by, made_by=maker, now=now
    )
    for week in reversed(range(WEEKS)):
        rebuild(now=now - timedelta(weeks=week))
    put_into(friends, members_of(regulars, most=INVITED), by=maker, now=now)
    catch_up(now=now)
