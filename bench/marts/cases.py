"""Every mart as the product asks it: what it takes that is kept, and what it makes of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from ibis import ir

from bench.marts.shop import AS_OF, BEFORE, CURRENCY
from rapport.insight.marts import (
    basket_items,
    cohorts,
    contacts,
    contribution,
    customer_months,
    customer_products,
    distribution,
    journeys,
    lens_sales,
    line_costs,
    monthly_revenue,
    newest_order,
    next_baskets,
    period_members,
    product_counts,
    product_pairs,
    purchase_days,
    purchase_rhythm,
    referrals,
    revenue_days,
    rfm,
    segments,
    settled,
    top_share,
    two_periods,
)
from rapport.insight.rfm.segments import DEFAULT_MAP, NOT_YET
from rapport.insight.warehouse.engine import Warehouse

GAP_DAYS, LEAST, ONE_IN, TOP, MONTHS, YEAR = 30, 5, 1_000, 10, 3, 365
MARGIN = 200
COSTS = {"call": 3_000_000, "case": 5_000_000, "campaign_email": 10_000, "delivery": 4_000_000}
SHARES = (200_000, 100_000)
FIRST, FIRST_BEFORE = date(2025, 1, 1), date(2024, 1, 1)

# marts of one group share a warehouse
GROUPS = (
    ("facts", "customer_months", "monthly_revenue", "newest_order", "revenue_days", "purchase_rhythm"),
    ("rfm", "segments", "settled", "top_share"),
    ("purchase_days",),
    ("line_costs", "lens_sales", "period_members", "two_periods", "distribution", "cohorts"),
    ("basket_items", "customer_products", "product_counts", "next_baskets", "product_pairs"),
    ("contacts", "contribution", "referrals"),
    ("journeys",),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    mart: Callable[..., ir.Table]
    reads: tuple[str, ...] = ()


def kept(warehouse: Warehouse, name: str) -> ir.Table:
    """What several marts read: computed when it is first asked for."""
    return warehouse.keep(name, partial(KEPT[name], warehouse))


def _costs(warehouse: Warehouse) -> ir.Table:
    return line_costs.line_costs(warehouse.table("order_lines"), warehouse.table("products"), currency=CURRENCY)


def _named(warehouse: Warehouse, as_of: date) -> ir.Table:
    return segments.segments(rfm.rfm(warehouse.orders(), as_of=as_of), rules=DEFAULT_MAP)


def _touched(warehouse: Warehouse, mart: Callable[..., ir.Table], **days: date) -> ir.Table:
    return mart(warehouse.table("touchpoints"), warehouse.table("profile_customers"), **days)


def _on_facts(mart: Callable[..., ir.Table], **asked: object) -> Case:
    return Case(lambda warehouse: mart(warehouse.orders(), **asked))


def _on_kept(mart: Callable[..., ir.Table], *reads: str, **asked: object) -> Case:
    return Case(lambda _warehouse, *tables: mart(*tables, **asked), reads)


KEPT: dict[str, Callable[[Warehouse], ir.Table]] = {
    "buyers": lambda warehouse: rfm.customers(warehouse.orders(), as_of=AS_OF),
    "edges": lambda warehouse: rfm.all_edges(_measured(kept(warehouse, "buyers"))),
    "named": lambda warehouse: _named(warehouse, AS_OF),
    "named_then": lambda warehouse: _named(warehouse, BEFORE),
    "days": lambda warehouse: purchase_days.purchase_days(warehouse.orders(), as_of=BEFORE),
    "further": lambda warehouse: purchase_days.further_purchases(warehouse.orders(), after=BEFORE, until=AS_OF),
    "following": lambda warehouse: purchase_days.next_purchases(warehouse.orders(), after=BEFORE, until=AS_OF),
    "sales": lambda warehouse: lens_sales.sales_by_customer(warehouse.orders(), _costs(warehouse)),
    "members": lambda warehouse: period_members.period_members(
        kept(warehouse, "sales"), before=FIRST_BEFORE, first=FIRST, last=AS_OF
    ),
    "items": lambda warehouse: basket_items.basket_items(
        warehouse.orders(), warehouse.table("order_lines"), as_of=AS_OF
    ),
    "pairs": lambda warehouse: product_pairs.product_pairs(kept(warehouse, "items"), least=LEAST, one_in=ONE_IN),
    "touched": lambda warehouse: _touched(warehouse, contacts.contacts, as_of=AS_OF),
    "bought": lambda warehouse: contribution.bought(kept(warehouse, "sales"), as_of=AS_OF),
    "delivered": lambda warehouse: contribution.deliveries(warehouse.orders(), as_of=AS_OF),
    "worths": lambda warehouse: contribution.contribution(
        kept(warehouse, "bought"), kept(warehouse, "delivered"), kept(warehouse, "touched"), costs=COSTS
    ),
    "ties": lambda warehouse: referrals.referral_edges(
        warehouse.table("relationships"), warehouse.table("profile_customers"), as_of=AS_OF
    ),
    "moments": lambda warehouse: journeys.moments(_touched(warehouse, journeys.facts, as_of=AS_OF), gap_days=GAP_DAYS),
    "walked": lambda warehouse: journeys.journeys(kept(warehouse, "moments")),
}


def _measured(buyers: ir.Table) -> ir.Table:
    return rfm.measured(buyers, as_of=AS_OF)


CASES: dict[str, Case] = {
    "facts.orders": Case(lambda warehouse: warehouse.orders()),
    "facts.left_out": Case(lambda warehouse: warehouse.left_out()),
    "customer_months.customer_months": _on_facts(customer_months.customer_months, as_of=AS_OF),
    "monthly_revenue.monthly_revenue": _on_facts(monthly_revenue.monthly_revenue, as_of=AS_OF),
    "newest_order.newest_order": Case(
        lambda warehouse: newest_order.newest_order(warehouse.table("orders"), currency=CURRENCY)
    ),
    "revenue_days.revenue_days": _on_facts(revenue_days.revenue_days, as_of=AS_OF),
    "purchase_rhythm.purchase_rhythm": _on_facts(purchase_rhythm.purchase_rhythm, as_of=AS_OF, period_days=YEAR),
    "purchase_rhythm.bought_between": _on_facts(purchase_rhythm.bought_between, after=BEFORE, until=AS_OF),
    "purchase_rhythm.purchase_span": _on_facts(purchase_rhythm.purchase_span, as_of=AS_OF),
    "purchase_rhythm.contacts_between": Case(
        partial(_touched, mart=purchase_rhythm.contacts_between, after=BEFORE, until=AS_OF)
    ),
    "purchase_rhythm.customer_values": Case(
        lambda warehouse: purchase_rhythm.customer_values(warehouse.table("customer_values"), fields=("plan",))
    ),
    "rfm.customers": _on_facts(rfm.customers, as_of=AS_OF),
    "rfm.measured": _on_kept(_measured, "buyers"),
    "rfm.edges": _on_kept(lambda buyers: rfm.edges(_measured(buyers), "monetary_value", name="monetary"), "buyers"),
    "rfm.all_edges": _on_kept(lambda buyers: rfm.all_edges(_measured(buyers)), "buyers"),
    "rfm.banded": _on_kept(lambda buyers, edges: rfm.banded(_measured(buyers), edges), "buyers", "edges"),
    "rfm.rfm": _on_facts(rfm.rfm, as_of=AS_OF),
    "segments.segments": _on_kept(lambda named: segments.segments(named.drop("segment"), rules=DEFAULT_MAP), "named"),
    "segments.segment_totals": _on_kept(segments.segment_totals, "named"),
    "segments.cell_totals": _on_kept(segments.cell_totals, "named"),
    "segments.segment_changes": _on_kept(segments.segment_changes, "named", "named_then", not_yet=NOT_YET),
    "segments.segment_moves": _on_kept(
        lambda now, then: segments.segment_moves(segments.segment_changes(now, then, not_yet=NOT_YET)), "named", "named_then"
    ),
    "settled.settled": _on_kept(
        settled.settled, "named", "named_then", recency_margin=MARGIN, frequency_margin=MARGIN
    ),
    "settled.cell_moves": _on_kept(settled.cell_moves, "named", "named_then"),
    "top_share.top_share": _on_kept(top_share.top_share, "buyers"),
    "purchase_days.purchase_days": _on_facts(purchase_days.purchase_days, as_of=AS_OF),
    "purchase_days.further_purchases": _on_facts(purchase_days.further_purchases, after=BEFORE, until=AS_OF),
    "purchase_days.next_purchases": _on_facts(purchase_days.next_purchases, after=BEFORE, until=AS_OF),
    "purchase_days.waits": _on_kept(purchase_days.waits, "days", "following"),
    "purchase_days.histories": _on_kept(purchase_days.histories, "days"),
    "purchase_days.outcomes": _on_kept(purchase_days.outcomes, "days", "further"),
    "purchase_days.spending": _on_kept(purchase_days.spending, "days"),
    "purchase_days.acquired": _on_kept(purchase_days.acquired, "days"),
    "line_costs.line_costs": Case(_costs),
    "lens_sales.sales_by_customer": Case(
        lambda warehouse: lens_sales.sales_by_customer(warehouse.orders(), _costs(warehouse))
    ),
    "lens_sales.sales_by_product": Case(
        lambda warehouse: lens_sales.sales_by_product(
            warehouse.orders(), warehouse.table("order_lines"), _costs(warehouse)
        )
    ),
    "period_members.period_members": _on_kept(
        period_members.period_members, "sales", before=FIRST_BEFORE, first=FIRST, last=AS_OF
    ),
    "two_periods.two_periods": _on_kept(two_periods.two_periods, "members"),
    "distribution.distribution": _on_kept(distribution.distribution, "members", column="value_micros"),
    "distribution.purchase_counts": _on_kept(distribution.purchase_counts, "members"),
    "cohorts.cohorts": _on_kept(cohorts.cohorts, "sales", as_of=AS_OF, months=MONTHS),
    "basket_items.basket_items": Case(KEPT["items"]),
    "customer_products.customer_products": _on_kept(customer_products.customer_products, "items"),
    "product_counts.product_counts": _on_kept(product_counts.product_counts, "items"),
    "next_baskets.next_baskets": _on_kept(next_baskets.next_baskets, "items", after=BEFORE),
    "product_pairs.product_pairs": _on_kept(product_pairs.product_pairs, "items", least=LEAST, one_in=ONE_IN),
    "product_pairs.strongest_pairs": _on_kept(product_pairs.strongest_pairs, "pairs", by=product_pairs.LIFT, top=TOP),
    "contacts.contacts": Case(KEPT["touched"]),
    "contribution.bought": _on_kept(contribution.bought, "sales", as_of=AS_OF),
    "contribution.deliveries": Case(KEPT["delivered"]),
    "contribution.contribution": _on_kept(contribution.contribution, "bought", "delivered", "touched", costs=COSTS),
    "contribution.totals": _on_kept(contribution.totals, "worths"),
    "contribution.costed_lines": Case(
        lambda warehouse: contribution.costed_lines(
            warehouse.orders(), warehouse.table("order_lines"), warehouse.table("products"), currency=CURRENCY, as_of=AS_OF
        )
    ),
    "referrals.referral_edges": Case(KEPT["ties"]),
    "referrals.referral_credits": _on_kept(referrals.referral_credits, "ties", "worths", shares=SHARES, as_of=AS_OF),
    "journeys.facts": Case(lambda warehouse: _touched(warehouse, journeys.facts, as_of=AS_OF)),
    "journeys.moments": Case(KEPT["moments"]),
    "journeys.journeys": _on_kept(journeys.journeys, "moments"),
    "journeys.with_activity": _on_kept(journeys.with_activity, "moments", activity="call"),
    "journeys.on_channel": _on_kept(journeys.on_channel, "moments", channel="phone"),
    "journeys.activities": _on_kept(journeys.activities, "moments", "walked"),
    "journeys.follows": _on_kept(journeys.follows, "moments"),
}  # fmt: skip
