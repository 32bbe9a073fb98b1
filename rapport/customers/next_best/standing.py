"""Writing down the best action for every customer whom somebody owns, so that a day can begin with what is at stake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.core.remembering import memory_of_a_request
from rapport.customers.models import Customer, StandingAction, StandingRun
from rapport.customers.next_best.choosing import Candidate, next_actions_of
from rapport.customers.next_best.rules import Urgency, rules, rules_for

if TYPE_CHECKING:
    from rapport.accounts.models import User

AT_ONCE = 5_000
LISTED = 10
RUNS_KEPT = 30
_LOOKED_AT = 3 * LISTED  # of those written down some were called or given away since
PRESSING = (Urgency.COMPLAINT, Urgency.RISK, Urgency.DUE)
_REMOVE = "delete from customers_standingaction where customer_id > %s and customer_id <= %s"
_WRITE = """
insert into customers_standingaction (customer_id, owner_id, rule, stake_micros)
select * from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])
"""


def write_standing(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Compare the actions that cannot wait for all owned customers; says for how many there is one.

    In sets by id, each a transaction: what a kill leaves is as of the time before, and is written anew by the next pass.
    """
    pressing = [rule for rule in rules().values() if rule.urgency in PRESSING]
    by_rule: Counter[str] = Counter()
    low = 0
    for owners, high in _sets(at_once):
        with memory_of_a_request():
            found = next_actions_of(sorted(owners), pressing, now=now)
        rows = [
            (customer, owners[customer], actions.best.rule.name, actions.best.stake_micros)
            for customer, actions in found.items()
            if actions.best is not None
        ]
        with acting(SYSTEM, reason="customers.next_actions"), connection.cursor() as cursor:
            cursor.execute(_REMOVE, [low, high])
            cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], []])
        by_rule.update(rule for _customer, _owner, rule, _stake in rows)
        low = high
    with acting(SYSTEM, reason="customers.next_actions"):
        StandingAction.objects.filter(customer_id__gt=low).delete()
        _keep_run(by_rule, now=now)
        audit.record_bulk("next actions compared", {"customers": by_rule.total()})
    return by_rule.total()


def _keep_run(by_rule: Counter[str], *, now: datetime) -> None:
    StandingRun.objects.create(compared_at=now, by_rule=dict(by_rule))
    old = list(StandingRun.objects.order_by("-id").values_list("id", flat=True)[RUNS_KEPT:])
    StandingRun.objects.filter(id__in=old).delete()


def _sets(at_once: int) -> Iterator[tuple[dict[int, int], int]]:
    """Owned customers with their owners, and the highest id of each set."""
    last = 0
    owned = Customer.objects.present().filter(owner__isnull=False).order_by("pk")
    while rows := list(owned.filter(pk__gt=last).values_list("pk", "owner_id")[:at_once]):
        last = rows[-1][0]
        yield {pk: owner for pk, owner in rows if owner is not None}, last


def at_stake(user: User, *, now: datetime) -> Sequence[tuple[int, Candidate]]:
    """At most ten of the customers whom `user` owns, with the best action for each, most at stake first.

    Found by the index of what was written down; whether it still holds is asked anew of those few.
    """
    allowed = [rule for rule in rules_for(user) if rule.urgency in PRESSING]
    standing = StandingAction.objects.filter(owner_id=user.pk, rule__in=[rule.name for rule in allowed])
    some = list(standing.order_by("-stake_micros", "customer_id").values_list("customer_id", flat=True)[:_LOOKED_AT])
    hers = Customer.objects.present().visible_to(user).filter(pk__in=some, owner=user)
    found = next_actions_of(list(hers.values_list("pk", flat=True)), allowed, now=now) if some else {}
    kept = [(customer, actions.best) for customer, actions in found.items() if actions.best is not None]
    kept.sort(key=lambda each: (-each[1].stake_micros, each[1].rule.urgency, each[0]))
    return kept[:LISTED]
