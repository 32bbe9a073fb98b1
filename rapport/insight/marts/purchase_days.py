"""How customers came back after their first purchase: what models of lifetime value learn from."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum

VERSION = 2
HISTORY = ("repeats", "last_days", "age_days")


def purchase_days(orders: ir.Table, *, as_of: date) -> ir.Table:
    """On how many days did each customer buy after the first day, until when, and what did those purchases bring?

    One row per customer with a purchase up to the end of `as_of`: customer_id; repeats, the number of days with a purchase
    after the first such day; last_days, from the first to the last of them; age_days, from the first to `as_of`; first_on;
    repeat_micros, what the purchases of the repeat days came to. Several purchases on one day are one. What was canceled,
    returned or adjusted counts on the day of the order that it takes back; where that is not known, against the purchases
    before it: from the second purchase day on against the repeats.
    """
    known = _on_days_of_purchase(orders.filter(orders.customer_id.notnull(), orders.placed_on <= as_of))
    days = known.group_by("customer_id", "placed_on").aggregate(
        bought=(known.kind == SALE).cast("int64").max(), micros=money_sum(known.total_micros)
    )
    numbered = days.mutate(
        purchase=days.bought.sum().over(group_by="customer_id", order_by=days.placed_on, rows=(None, 0)).cast("int64")
    )
    bought = numbered.bought == 1
    spans = numbered.group_by("customer_id").aggregate(
        first_on=numbered.placed_on.min(where=bought),
        last_on=numbered.placed_on.max(where=bought),
        days=numbered.bought.sum().cast("int64"),
        repeat_micros=money_sum(numbered.micros, where=numbered.purchase > 1),
    )
    buyers = spans.filter(spans.days > 0)
    return buyers.select(
        customer_id=buyers.customer_id,
        first_on=buyers.first_on,
        repeats=buyers.days - 1,
        last_days=buyers.last_on.delta(buyers.first_on, unit="day"),
        age_days=ibis.literal(as_of).delta(buyers.first_on, unit="day"),
        repeat_micros=buyers.repeat_micros,
    )


def _on_days_of_purchase(known: ir.Table) -> ir.Table:
    """The orders, those that take one back on the day of that one."""
    back = known.filter(known.kind != SALE, known.reverses_id.notnull())
    back = back.select(back_id=back.order_id, original_id=back.reverses_id)
    originals = known.select(sold_id=known.order_id, sold_on=known.placed_on).view()
    dated = back.inner_join(originals, back.original_id == originals.sold_id).select("back_id", "sold_on")
    joined = known.left_join(dated, known.order_id == dated.back_id)
    return joined.select(
        "customer_id", "kind", "total_micros", placed_on=ibis.coalesce(joined.sold_on, joined.placed_on)
    )


def further_purchases(orders: ir.Table, *, after: date, until: date) -> ir.Table:
    """On how many days did each customer buy after the end of one day and up to the end of another, and for how much?

    One row per customer who did: customer_id, further (purchase days), further_micros (net of what came back in that time).
    """
    within = orders.filter(orders.customer_id.notnull(), orders.placed_on > after, orders.placed_on <= until)
    is_sale = within.kind == SALE
    totals = within.group_by("customer_id").aggregate(
        further=within.placed_on.nunique(where=is_sale).cast("int64"), further_micros=money_sum(within.total_micros)
    )
    return totals.filter(totals.further > 0)


def next_purchases(orders: ir.Table, *, after: date, until: date) -> ir.Table:
    """When did each customer buy next after the end of one day, up to the end of another? One row per customer who did.

    customer_id, wait_days (1 is the day after).
    """
    within = orders.filter(
        orders.customer_id.notnull(), orders.kind == SALE, orders.placed_on > after, orders.placed_on <= until
    )
    firsts = within.group_by("customer_id").aggregate(next_on=within.placed_on.min())
    return firsts.select("customer_id", wait_days=firsts.next_on.delta(ibis.literal(after), unit="day"))


def waits(customers: ir.Table, following: ir.Table) -> ir.Table:
    """How many customers have each history, and waited how long for their next purchase?

    One row per (repeats, last_days, age_days, wait_days): customers. wait_days is -1 where none came; `following` is
    `next_purchases`.
    """
    after = following.select(bought_id=following.customer_id, wait_days=following.wait_days)
    joined = customers.left_join(after, customers.customer_id == after.bought_id)
    each = joined.select(*(customers[name] for name in HISTORY), wait_days=after.wait_days.cast("int64").fill_null(-1))
    return each.group_by(*HISTORY, "wait_days").aggregate(customers=each.count())


def histories(customers: ir.Table) -> ir.Table:
    """How many customers have each history? One row per (repeats, last_days, age_days): customers, paid_micros.

    `paid_micros` is what their repeats came to; who sent back more than that counts as nothing.
    """
    paid = ibis.greatest(customers.repeat_micros, 0)
    return customers.group_by(*HISTORY).aggregate(customers=customers.count(), paid_micros=money_sum(paid))


def outcomes(customers: ir.Table, further: ir.Table) -> ir.Table:
    """How many customers have each history, and bought how often afterwards?

    One row per (repeats, last_days, age_days, further): customers, further_micros. `further` is `further_purchases`.
    """
    after = further.select(
        bought_id=further.customer_id, further=further.further, further_micros=further.further_micros
    )
    joined = customers.left_join(after, customers.customer_id == after.bought_id)
    each = joined.select(
        *(customers[name] for name in HISTORY),
        further=after.further.fill_null(0),
        further_micros=after.further_micros.fill_null(0),
    )
    return each.group_by(*HISTORY, "further").aggregate(
        customers=each.count(), further_micros=money_sum(each.further_micros)
    )


def spending(customers: ir.Table) -> ir.Table:
    """How many customers came back so often for so much? One row per (repeats, repeat_micros): customers.

    Only those whose repeat purchases brought something, after what they sent back.
    """
    paid = customers.filter(customers.repeats > 0, customers.repeat_micros > 0)
    return paid.group_by("repeats", "repeat_micros").aggregate(customers=paid.count())


def acquired(customers: ir.Table) -> ir.Table:
    """Whom does this cover? One row.

    customers; repeaters, and how many of them brought nothing when what they sent back is counted (unpaid); first_on and
    newest_on, the days on which the first and the newest customer bought first.
    """
    again = (customers.repeats > 0).cast("int64")
    return customers.aggregate(
        customers=customers.count(),
        repeaters=again.sum().fill_null(0).cast("int64"),
        unpaid=(again * (customers.repeat_micros <= 0).cast("int64")).sum().fill_null(0).cast("int64"),
        first_on=customers.first_on.min(),
        newest_on=customers.first_on.max(),
    )
