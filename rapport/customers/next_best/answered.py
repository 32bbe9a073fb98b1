"""What was answered to proposed actions so far, as far as it is learned from, and for how many something stands now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from rapport.customers.models import StandingRun
from rapport.customers.next_best.choosing import COUNTED

_ANSWERS = """
select newest.rule, newest.answer = 'taken', newest.answered_at
  from unnest(%s::text[]) wanted (rule)
 cross join lateral (select a.rule, a.answer, a.answered_at, a.id from customers_actionanswer a
                      where a.rule = wanted.rule order by a.answered_at desc, a.id desc limit %s) newest
 order by newest.answered_at, newest.id
"""


@dataclass(frozen=True)
class Answered:
    """One answer; of the customer and the note nothing."""

    rule: str
    is_taken: bool
    at: datetime


def answers_in_order(rules: Sequence[str]) -> list[Answered]:
    """The newest thousand answers to each of these rules, from all customers, in the order of time."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [list(rules), COUNTED])
        return [Answered(*row) for row in cursor.fetchall()]


def newest_standing() -> StandingRun | None:
    """The last time that the actions of all owned customers were compared."""
    return StandingRun.objects.order_by("-id").first()
