"""What orders say is best done next for a customer: make up for a late one, ask about the next, offer what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.accounts.queries import business_zone
from rapport.commerce.permissions import VIEW
from rapport.core.clock import business_day
from rapport.customers.next_best.rules import Found, Permission, Rule, Urgency
from rapport.customers.next_best.spoken import last_spoken
from rapport.ui.formats import day, percent

LATE_WITHIN = 30  # days since the promise was broken
LOOKED_AT = 60  # of a customer's newest orders
LEAST_INTERVALS = 3
DUE_WITHIN = 7
OVERDUE_UNTIL = 2  # times the usual interval: whoever stays away longer is no re-order that is due
LEAST_SHARE = 0.3
ONE_IN_TWO = 0.5  # by the median, half of the own intervals were shorter

_LATE = """
select distinct on (o.customer_id) o.customer_id, o.external_id, o.promised_on, o.total_micros, o.currency,
       (o.delivered_at at time zone %(zone)s)::date
  from commerce_order o
 where o.customer_id = any(%(ids)s) and o.kind = 'sale' and o.placed_at > %(since)s and o.placed_at <= %(now)s
   and o.promised_on < coalesce((o.delivered_at at time zone %(zone)s)::date, %(today)s::date)
   and coalesce((o.delivered_at at time zone %(zone)s)::date, %(today)s::date) >= %(today)s::date - %(within)s
   and o.promised_on >= %(today)s::date - 3 * %(within)s
   and not exists (select from commerce_order back where back.reverses_id = o.id)
 order by o.customer_id, o.promised_on desc, o.id desc
"""
_RHYTHM = """
with days as (
    select wanted.id as customer_id, newest.on_day, sum(newest.total_micros)::bigint as micros, min(newest.currency) as currency
      from unnest(%(ids)s::bigint[]) wanted (id)
      cross join lateral (
          select (o.placed_at at time zone %(zone)s)::date as on_day, o.total_micros, o.currency
            from commerce_order o
           where o.customer_id = wanted.id and o.kind = 'sale' and o.placed_at <= %(now)s
           order by o.placed_at desc, o.id desc limit %(looked_at)s
      ) newest
     group by wanted.id, newest.on_day
), gaps as (
    select *, on_day - lag(on_day) over (partition by customer_id order by on_day) as gap from days
)
select customer_id, count(gap), percentile_disc(0.5) within group (order by gap), max(on_day),
       percentile_disc(0.5) within group (order by micros), min(currency), count(distinct currency)
  from gaps group by customer_id having count(gap) >= %(least)s
"""
_USUAL = """
select distinct on (customer_id) customer_id, name, orders, looked_at, last_on, micros, currency from (
    select newest.customer_id, p.id, coalesce(nullif(p.name, ''), p.code) as name, count(distinct newest.id) as orders,
           max(newest.looked_at) as looked_at, max((newest.placed_at at time zone %(zone)s)::date) as last_on,
           (sum(l.amount_micros) / count(distinct newest.id))::bigint as micros, min(newest.currency) as currency
      from unnest(%(ids)s::bigint[]) wanted (id)
      cross join lateral (
          select o.id, o.customer_id, o.placed_at, o.currency, count(*) over () as looked_at
            from (select * from commerce_order o
                   where o.customer_id = wanted.id and o.kind = 'sale' and o.placed_at <= %(now)s
                   order by o.placed_at desc, o.id desc limit %(looked_at)s) o
      ) newest
      join commerce_orderline l on l.order_id = newest.id
      join commerce_product p on p.id = l.product_id
     where l.quantity > 0
     group by newest.customer_id, p.id
) bought
 where looked_at >= %(least)s and orders >= %(share)s * looked_at and orders >= 2
 order by customer_id, orders desc, last_on desc, id
"""


def _late(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    """An order that came after its promise, or has not come, and of which nobody has spoken since."""
    zone = business_zone()
    today = business_day(now, zone=zone)
    asked: dict[str, Any] = {
        "ids": list(ids), "zone": zone.key, "now": now, "today": today, "within": LATE_WITHIN,
        "since": now - timedelta(days=365),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LATE, asked)
        rows = cursor.fetchall()
    spoken = last_spoken([row[0] for row in rows], since=now - timedelta(days=4 * LATE_WITHIN), now=now) if rows else {}
    found = {}
    for customer, number, promised_on, micros, currency, delivered_on in rows:
        told = spoken.get(customer)
        if told is not None and business_day(told, zone=zone) >= (delivered_on or promised_on):
            continue
        late = ((delivered_on or today) - promised_on).days
        days = ngettext("%(days)s day", "%(days)s days", late) % {"days": late}
        words = {"number": number, "promised": day(promised_on), "days": days}
        came = _("Order %(number)s was promised for %(promised)s and came %(days)s late.")
        missing = _("Order %(number)s was promised for %(promised)s and is %(days)s late by now.")
        found[customer] = Found((came if delivered_on else missing) % words, micros=micros, currency=currency)
    return found


def _reorder(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    """The last day of purchase plus the median of the own intervals lies less than a week ahead, or has just passed."""
    zone = business_zone()
    today = business_day(now, zone=zone)
    asked: dict[str, Any] = {
        "ids": list(ids),
        "zone": zone.key,
        "now": now,
        "looked_at": LOOKED_AT,
        "least": LEAST_INTERVALS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RHYTHM, asked)
        rows = cursor.fetchall()
    found = {}
    for customer, intervals, usual, last_on, micros, currency, currencies in rows:
        due_on = last_on + timedelta(days=usual)
        if (due_on - today).days > DUE_WITHIN or (today - last_on).days > OVERDUE_UNTIL * usual:
            continue
        words = {"days": usual, "intervals": intervals, "last": day(last_on), "due": day(due_on)}
        told = _(
            "Buys every %(days)s days (the median of %(intervals)s intervals) and did so last on %(last)s:"
            " by that rhythm due on %(due)s."
        )
        stake = micros if currencies == 1 else None
        found[customer] = Found(told % words, micros=stake, currency=currency, likelihood=ONE_IN_TWO)
    return found


def _usual(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    """The product in most of the own orders, the more recent of equals."""
    asked: dict[str, Any] = {
        "ids": list(ids), "zone": business_zone().key, "now": now, "looked_at": LOOKED_AT, "least": LEAST_INTERVALS,
        "share": LEAST_SHARE,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, asked)
        rows = cursor.fetchall()
    found = {}
    for customer, name, orders, looked_at, last_on, micros, currency in rows:
        share = orders / looked_at
        words = {"orders": orders, "of": looked_at, "share": percent(share), "last": day(last_on)}
        reason = _("It was in %(orders)s of the last %(of)s orders (%(share)s), last on %(last)s.") % words
        title = _("Offer %(product)s") % {"product": name}
        found[customer] = Found(reason, micros=micros, currency=currency, likelihood=share, title=title)
    return found


RULES = (
    Rule(
        "late_delivery", gettext_lazy("Call about the late delivery before offering anything"),
        gettext_lazy("No order of the last 30 days came late without a word from us."), Urgency.COMPLAINT, _late,
        right=VIEW.name,
    ),
    Rule(
        "reorder_due", gettext_lazy("Ask about the usual re-order"),
        gettext_lazy("No usual re-order is due, or there are fewer than four days of purchase to tell."), Urgency.DUE,
        _reorder, permission=Permission.NO_OBJECTION, right=VIEW.name,
    ),
    Rule(
        "next_product", gettext_lazy("Offer what is usually bought"),
        gettext_lazy("No product is in three of ten orders."), Urgency.OFFER, _usual, permission=Permission.AGREED,
        right=VIEW.name, quiet_days=30,
    ),
)  # fmt: skip
