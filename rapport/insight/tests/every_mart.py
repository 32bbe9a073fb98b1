"""Every mart there is, over one warehouse: the tables by "file.function", so that what holds for all is asked of all."""

from __future__ import annotations

import inspect
import json
from datetime import date
from functools import partial
from importlib import import_module
from pkgutil import iter_modules

import ibis
from ibis import ir

from rapport.insight import marts
from rapport.insight.marts import (
    basket_items,
    cohorts,
    contacts,
    contribution,
    customer_months,
    customer_products,
    distribution,
    facts,
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
from rapport.insight.rfm.segments import DEFAULT_MAP
from rapport.insight.warehouse.engine import Warehouse

YEAR = 365
NOT_YET = "not yet"
NOT_TABLES = ("facts.money_sum",)  # an expression that marts share


def all_names() -> set[str]:
    """Every public function of the marts that gives a table."""
    return {
        f"{module.name}.{name}"
        for module in iter_modules(marts.__path__)
        for name, value in vars(import_module(f"{marts.__name__}.{module.name}")).items()
        if inspect.isfunction(value) and value.__module__.endswith(f".{module.name}") and not name.startswith("_")
    } - set(NOT_TABLES)


def every_mart(warehouse: Warehouse, *, as_of: date, before: date, field: str = "plan") -> dict[str, ir.Table]:
    """Each mart as of a day; those that compare look at `before` as well. `field` is one of customers."""
    return (
        _of_customers(warehouse, as_of=as_of, before=before)
        | _of_purchases(warehouse, as_of=as_of, before=before)
        | _of_lenses(warehouse, as_of=as_of, before=before)
        | _of_products(warehouse, as_of=as_of, before=before)
        | _of_contacts(warehouse, as_of=as_of, before=before, field=field)
        | _of_worth(warehouse, as_of=as_of)
    )


def told(table: ir.Table) -> list[str]:
    """All rows of a mart as text, in an order that no engine has a say in."""
    return sorted(json.dumps(row, default=str) for row in table.to_pyarrow().to_pylist())


def _of_customers(warehouse: Warehouse, *, as_of: date, before: date) -> dict[str, ir.Table]:
    orders = warehouse.orders()
    buyers = rfm.customers(orders, as_of=as_of)
    measured = rfm.measured(buyers, as_of=as_of, monetary="total")
    now, then = (warehouse.keep(f"rfm_{day:%Y%m%d}", partial(rfm.rfm, orders, as_of=day)) for day in (as_of, before))
    named, named_then = (segments.segments(table, rules=DEFAULT_MAP) for table in (now, then))
    changes = segments.segment_changes(named, named_then, not_yet=NOT_YET)
    return {
        "rfm.customers": buyers,
        "rfm.measured": measured,
        "rfm.edges": rfm.edges(measured, "purchases", name="frequency"),
        "rfm.all_edges": rfm.all_edges(measured),
        "rfm.banded": rfm.banded(measured, rfm.all_edges(measured)),
        "rfm.rfm": now,
        "segments.segments": named,
        "segments.segment_totals": segments.segment_totals(named),
        "segments.cell_totals": segments.cell_totals(named),
        "segments.segment_changes": changes,
        "segments.segment_moves": segments.segment_moves(changes),
        "settled.settled": settled.settled(now, then, recency_margin=100, frequency_margin=250),
        "settled.cell_moves": settled.cell_moves(now, then),
        "top_share.top_share": top_share.top_share(buyers),
    }


def _of_purchases(warehouse: Warehouse, *, as_of: date, before: date) -> dict[str, ir.Table]:
    orders = warehouse.orders()
    days = warehouse.keep("purchase_days", partial(purchase_days.purchase_days, orders, as_of=before))
    further = purchase_days.further_purchases(orders, after=before, until=as_of)
    following = purchase_days.next_purchases(orders, after=before, until=as_of)
    return {
        "facts.orders": orders.filter(orders.placed_on <= as_of).mutate(
            delivered_on=(orders.delivered_on <= as_of).ifelse(orders.delivered_on, ibis.null("date"))
        ),
        "facts.left_out": facts.left_out(
            warehouse.table("orders").filter(lambda row: row.placed_on <= as_of), currency=warehouse.currency
        ),
        "customer_months.customer_months": customer_months.customer_months(orders, as_of=as_of),
        "monthly_revenue.monthly_revenue": monthly_revenue.monthly_revenue(orders, as_of=as_of),
        "newest_order.newest_order": newest_order.newest_order(
            warehouse.table("orders").filter(lambda row: row.placed_on <= as_of), currency=warehouse.currency
        ),
        "revenue_days.revenue_days": revenue_days.revenue_days(orders, as_of=as_of),
        "purchase_days.purchase_days": days,
        "purchase_days.further_purchases": further,
        "purchase_days.next_purchases": following,
        "purchase_days.waits": purchase_days.waits(days, following),
        "purchase_days.histories": purchase_days.histories(days),
        "purchase_days.outcomes": purchase_days.outcomes(days, further),
        "purchase_days.spending": purchase_days.spending(days),
        "purchase_days.acquired": purchase_days.acquired(days),
        "purchase_rhythm.purchase_rhythm": purchase_rhythm.purchase_rhythm(orders, as_of=as_of, period_days=YEAR),
        "purchase_rhythm.bought_between": purchase_rhythm.bought_between(orders, after=before, until=as_of),
        "purchase_rhythm.purchase_span": purchase_rhythm.purchase_span(orders, as_of=as_of),
    }


def _of_lenses(warehouse: Warehouse, *, as_of: date, before: date) -> dict[str, ir.Table]:
    orders, lines = warehouse.orders(), warehouse.table("order_lines")
    costs = line_costs.line_costs(lines, warehouse.table("products"), currency=warehouse.currency)
    by_customer = lens_sales.sales_by_customer(orders, costs)
    by_product = lens_sales.sales_by_product(orders, lines, costs)
    members = warehouse.keep(
        "period_members",
        partial(
            period_members.period_members,
            by_customer,
            before=before.replace(year=before.year - 1),
            first=before,
            last=as_of,
        ),
    )
    return {
        "line_costs.line_costs": _up_to(costs, orders, as_of),
        "lens_sales.sales_by_customer": by_customer.filter(by_customer.placed_on <= as_of),
        "lens_sales.sales_by_product": by_product.filter(by_product.placed_on <= as_of),
        "period_members.period_members": members,
        "two_periods.two_periods": two_periods.two_periods(members),
        "distribution.distribution": distribution.distribution(members, "value_micros"),
        "distribution.member_parts": distribution.member_parts(
            members.filter(members.member_id.notnull()), "value_micros"
        ),
        "distribution.purchase_counts": distribution.purchase_counts(members),
        "cohorts.cohorts": cohorts.cohorts(by_customer, as_of=as_of, months=3),
        "cohorts.first_purchases": cohorts.first_purchases(by_customer, as_of=as_of),
    }


def _of_products(warehouse: Warehouse, *, as_of: date, before: date) -> dict[str, ir.Table]:
    items = warehouse.keep(
        "basket_items",
        partial(basket_items.basket_items, warehouse.orders(), warehouse.table("order_lines"), as_of=as_of),
    )
    pairs = warehouse.keep("product_pairs", partial(product_pairs.product_pairs, items, least=2, one_in=1000))
    return {
        "basket_items.basket_items": items,
        "customer_products.customer_products": customer_products.customer_products(items),
        "product_counts.product_counts": product_counts.product_counts(items),
        "next_baskets.next_baskets": next_baskets.next_baskets(items, after=before),
        "product_pairs.product_pairs": pairs,
        "product_pairs.strongest_pairs": product_pairs.strongest_pairs(pairs, by="lift", top=2),
    }


def _of_contacts(warehouse: Warehouse, *, as_of: date, before: date, field: str) -> dict[str, ir.Table]:
    touchpoints, customers = warehouse.table("touchpoints"), warehouse.table("profile_customers")
    known = journeys.facts(touchpoints, customers, as_of=as_of)
    moments = warehouse.keep("moments", partial(journeys.moments, known, gap_days=60))
    found = warehouse.keep("journeys", partial(journeys.journeys, moments))
    return {
        "journeys.facts": known,
        "journeys.moments": moments,
        "journeys.journeys": found,
        "journeys.with_activity": journeys.with_activity(moments, activity="call"),
        "journeys.on_channel": journeys.on_channel(moments, channel="phone"),
        "journeys.activities": journeys.activities(moments, found),
        "journeys.follows": journeys.follows(moments),
        "purchase_rhythm.contacts_between": purchase_rhythm.contacts_between(
            touchpoints, customers, after=before, until=as_of
        ),
        "purchase_rhythm.customer_values": purchase_rhythm.customer_values(
            warehouse.table("customer_values"), fields=(field,)
        ),
    }


def _of_worth(warehouse: Warehouse, *, as_of: date) -> dict[str, ir.Table]:
    orders, lines, products = warehouse.orders(), warehouse.table("order_lines"), warehouse.table("products")
    customers = warehouse.table("profile_customers")
    costs = line_costs.line_costs(lines, products, currency=warehouse.currency)
    bought = contribution.bought(lens_sales.sales_by_customer(orders, costs), as_of=as_of)
    delivered = contribution.deliveries(orders, as_of=as_of)
    touched = contacts.contacts(warehouse.table("touchpoints"), customers, as_of=as_of)
    made = contribution.contribution(bought, delivered, touched, costs={"call": 3_000_000, "delivery": 1})
    worths = warehouse.keep("contribution", lambda: made)
    edges = warehouse.keep(
        "referral_edges", partial(referrals.referral_edges, warehouse.table("relationships"), customers, as_of=as_of)
    )
    return {
        "contacts.contacts": touched,
        "contribution.bought": bought,
        "contribution.deliveries": delivered,
        "contribution.contribution": worths,
        "contribution.totals": contribution.totals(worths),
        "contribution.costed_lines": contribution.costed_lines(
            orders, lines, products, currency=warehouse.currency, as_of=as_of
        ),
        "referrals.referral_edges": edges,
        "referrals.referral_credits": referrals.referral_credits(edges, worths, shares=[200_000, 100_000], as_of=as_of),
    }


def _up_to(lines: ir.Table, orders: ir.Table, as_of: date) -> ir.Table:
    """The lines of orders up to the end of a day; the mart of lines itself knows no days."""
    placed = orders.filter(orders.placed_on <= as_of).select(placed_id=orders.order_id)
    return lines.semi_join(placed, lines.order_id == placed.placed_id)
