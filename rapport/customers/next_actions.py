"""What this room proposes to do next for a customer: about a case that came in, a birthday, and what we do not know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.accounts.queries import business_zone
from rapport.core.clock import business_day
from rapport.customers.models import Customer, Kind
from rapport.customers.next_best.rules import Doing, Found, Permission, Rule, Urgency
from rapport.customers.next_best.spoken import CONTACTS
from rapport.ui.formats import day

CASES_WITHIN = timedelta(days=30)
BIRTHDAY_WITHIN = 14
_CASES = """
select distinct on (c.customer_id) c.customer_id, c.occurred_at
  from customers_touchpoint c
 where c.customer_id = any(%(ids)s) and c.kind = 'case' and c.direction = 'in'
   and c.occurred_at > %(since)s and c.occurred_at <= %(now)s
   and not exists (select from customers_touchpoint t
                    where t.customer_id = c.customer_id and t.occurred_at > c.occurred_at and t.direction = 'out'
                      and t.kind = any(%(contacts)s))
 order by c.customer_id, c.occurred_at desc
"""


def _open_cases(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    asked: dict[str, Any] = {"ids": list(ids), "since": now - CASES_WITHIN, "now": now, "contacts": list(CONTACTS)}
    with connection.cursor() as cursor:
        cursor.execute(_CASES, asked)
        rows = cursor.fetchall()
    words = _("A case came in on %(day)s, and nobody has been in touch since.")
    return {customer: Found(words % {"day": day(occurred_at)}) for customer, occurred_at in rows}


def _birthdays(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    today = business_day(now, zone=business_zone())
    born = Customer.objects.filter(pk__in=ids, born_on__isnull=False, kind=Kind.PERSON).values_list("pk", "born_on")
    found = {}
    for customer, born_on in born:
        next_one = next_birthday(born_on, today)
        if (next_one - today).days <= BIRTHDAY_WITHIN:
            found[customer] = Found(_("Has a birthday on %(day)s.") % {"day": day(next_one, style="d MMM")})
    return found


def next_birthday(born_on: date, today: date) -> date:
    """Today's, or the next one; who was born on a 29 February has it on 1 March in other years."""
    for year in (today.year, today.year + 1):
        try:
            anniversary = born_on.replace(year=year)
        except ValueError:
            anniversary = date(year, 3, 1)
        if anniversary >= today:
            return anniversary
    raise AssertionError(born_on)


_ASKABLE: tuple[tuple[tuple[str, ...], object], ...] = (
    (("email", "phone", "street"), gettext_lazy("how to reach them")),
    (("born_on", "life_stage", "language", "job_title"), gettext_lazy("who they are (language, birthday, life stage)")),
)
_ASKED_FIELDS = tuple(sorted({name for names, _words in _ASKABLE for name in names}))


def _not_known(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    found = {}
    for row in Customer.objects.filter(pk__in=ids, kind=Kind.PERSON).values("pk", *_ASKED_FIELDS):
        missing = [str(words) for names, words in _ASKABLE if not any(row[name] for name in names)]
        if missing:
            found[row["pk"]] = Found(_("We do not know: %(what)s.") % {"what": _joined(missing)})
    return found


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


RULES = (
    Rule(
        "open_case", gettext_lazy("Call about the open case before offering anything"),
        gettext_lazy("No case of the last 30 days waits for an answer."), Urgency.COMPLAINT, _open_cases,
    ),
    Rule(
        "birthday", gettext_lazy("Congratulate on the birthday"),
        gettext_lazy("No birthday within 14 days, or we do not know it."), Urgency.OFFER, _birthdays,
        permission=Permission.NO_OBJECTION, fields=("born_on",), quiet_days=60,
    ),
    Rule(
        "ask_missing", gettext_lazy("Ask next time for what we do not know"),
        gettext_lazy("We know how to reach them and who they are."), Urgency.ASK, _not_known, doing=Doing.TASK,
        fields=_ASKED_FIELDS, quiet_days=90,
    ),
)  # fmt: skip
