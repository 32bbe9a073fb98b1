"""What scores say is best done next for a customer: win back whom we are about to lose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.customers.next_best.rules import Found, Permission, Rule, Urgency
from rapport.insight.permissions import TRAITS
from rapport.insight.queries import newest_run, traits_currency
from rapport.ui.formats import day, money_short, percent

UNKNOWN_RISK = 0.5
SLIPPED_WITHIN = timedelta(days=60)
CHAMPION_WITHIN = timedelta(days=365)
VALUABLE_BAND = 4
UNLIKELY = 50
GONE = 5
_AT_RISK = """
select r.customer_id, r.purchases, r.value_micros, r.first_purchase_on, r.last_purchase_on, clv.alive_percent,
       held.changed_on, held.segment = 'at_risk' and held.left_champions_on > %(champion_since)s
                        and held.changed_on > %(slipped_since)s as is_slipped
  from insight_rfm r
  left join insight_clv clv on clv.customer_id = r.customer_id
  left join insight_settledgroup held on held.customer_id = r.customer_id
 where r.customer_id = any(%(ids)s) and r.value_micros > 0
   and (clv.alive_percent is null or clv.alive_percent >= %(gone)s)
   and (r.segment = 'at_risk' or held.segment = 'at_risk' or clv.alive_percent < %(unlikely)s)
"""
_VALUABLE = "and r.monetary_band >= %(band)s and r.frequency_band >= 3"


def _rows(ids: Sequence[int], statement: str) -> list[tuple[Any, ...]]:
    run = newest_run()
    if run is None:
        return []
    asked: dict[str, Any] = {
        "ids": list(ids), "unlikely": UNLIKELY, "gone": GONE, "band": VALUABLE_BAND,
        "champion_since": run.as_of - CHAMPION_WITHIN, "slipped_since": run.as_of - SLIPPED_WITHIN,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return cursor.fetchall()


def _slipped(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    currency = traits_currency()
    return {row[0]: _found(row, currency) for row in _rows(ids, _AT_RISK) if row[7]}


def _at_risk(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    """Without the champions who slipped lately: of them the other rule tells."""
    currency = traits_currency()
    return {row[0]: _found(row, currency) for row in _rows(ids, _AT_RISK + _VALUABLE) if not row[7]}


def _found(row: tuple[Any, ...], currency: str) -> Found:
    """At stake is what she brings in a year, by her purchases so far, times the likelihood that she has left.

    Who is as good as gone is not asked for: nothing of hers is at stake any more, and she would fill every day's list.
    """
    _customer, purchases, value, first_on, last_on, alive, changed_on, is_slipped = row
    a_year = yearly_micros(value, days=(last_on - first_on).days)
    risk = UNKNOWN_RISK if alive is None else 1 - min(max(alive, 0.0), 100.0) / 100
    orders = ngettext("%(count)s order", "%(count)s orders", purchases) % {"count": purchases}
    words = {
        "value": money_short(value, currency), "orders": orders, "last": day(last_on),
        "a_year": money_short(a_year, currency), "risk": percent(risk), "changed": day(changed_on),
    }  # fmt: skip
    reason = _("%(value)s from %(orders)s so far, the last on %(last)s.") % words
    if is_slipped:
        reason += " " + _("A champion until lately; at risk since %(changed)s.") % words
    if alive is not None:
        reason += " " + _("%(a_year)s a year, and %(risk)s likely that this is over.") % words
    else:
        reason += " " + _("%(a_year)s a year; nothing is foretold, so half of it counts.") % words
    return Found(reason, micros=a_year, currency=currency, likelihood=risk)


def yearly_micros(value_micros: int, *, days: int) -> int:
    """What `value_micros` within so many days come to in a year; a history of less than a year counts as one."""
    return round(value_micros * 365 / max(days, 365))


RULES = (
    Rule(
        "champion_slipped", gettext_lazy("Call the champion who is slipping away"),
        gettext_lazy("Not a champion who came to be at risk within the last 60 days."), Urgency.RISK, _slipped,
        permission=Permission.NO_OBJECTION, right=TRAITS.name,
    ),
    Rule(
        "valuable_at_risk", gettext_lazy("Call and win back: valuable and at risk"),
        gettext_lazy("Not both valuable (the best two fifths by purchase) and at risk, or as good as gone."), Urgency.RISK,
        _at_risk,
        permission=Permission.NO_OBJECTION, right=TRAITS.name,
    ),
)  # fmt: skip
