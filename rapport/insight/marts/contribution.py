"""What each customer contributes, after what it cost to serve her."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
from ibis import ir

from rapport.insight.marts.contacts import CAMPAIGNS, COUNTED, NOBODY, SERVICE
from rapport.insight.marts.facts import SALE, money_sum

MONEY = (
    "sold_micros", "returned_micros", "net_micros", "goods_micros", "uncosted_micros", "margin_micros", "service_micros",
    "campaign_micros", "delivery_micros", "contribution_micros",
)  # fmt: skip
MOST = 10**18
COUNTS = ("purchases", "reversals", "deliveries", *COUNTED)


def deliveries(orders: ir.Table, *, as_of: date) -> ir.Table:
    """How many sales were delivered to each customer? customer_id (0: nobody is known) and deliveries."""
    delivered = orders.filter(orders.kind == SALE, orders.placed_on <= as_of, orders.delivered_on <= as_of)
    known = delivered.select(customer_id=delivered.customer_id.fill_null(NOBODY))
    return known.group_by("customer_id").aggregate(deliveries=known.count())


def bought(sales: ir.Table, *, as_of: date) -> ir.Table:
    """What did each customer buy and take back, and what had we paid for it? `sales` is the mart `sales_by_customer`.

    One row per customer and one with customer_id 0 for orders of nobody known: purchases, reversals, sold_micros,
    returned_micros (below zero), goods_micros (cost of goods, less that of goods that came back), uncosted_micros (revenue of
    which no cost is known) and last_purchase_on.
    """
    placed = sales.filter(sales.placed_on <= as_of).mutate(customer_id=lambda row: row.member_id.fill_null(NOBODY))
    is_sale = placed.kind == SALE
    return placed.group_by("customer_id").aggregate(
        purchases=placed.count(where=is_sale),
        reversals=placed.count(where=~is_sale),
        sold_micros=_addable(money_sum(is_sale.ifelse(placed.total_micros, 0))),
        returned_micros=_addable(money_sum(is_sale.ifelse(0, placed.total_micros))),
        goods_micros=_addable(money_sum(placed.costed_micros - placed.profit_micros)),
        uncosted_micros=_addable(money_sum(placed.total_micros - placed.costed_micros)),
        last_purchase_on=is_sale.ifelse(placed.placed_on, ibis.null("date")).max(),
    )


def contribution(bought: ir.Table, deliveries: ir.Table, contacts: ir.Table, *, costs: Mapping[str, int]) -> ir.Table:
    """What is left of each customer's net revenue after goods, service, campaigns and delivery?

    `costs` are micros of one contact by kind, and of one delivery as "delivery". One row per customer who bought or was in
    contact, and one with customer_id 0 for what is of nobody known: `COUNTS`, `MONEY` and last_purchase_on. To the micro,
    net = sold + returned, margin = net − goods, contribution = margin − service − campaign − delivery. A line without a known
    cost counts as if its goods had cost nothing; how much revenue that is, is uncosted_micros.
    """
    served = bought.left_join(deliveries, bought.customer_id == deliveries.customer_id)
    orders = served.select(**{name: served[name] for name in bought.columns}, deliveries=served.deliveries.fill_null(0))
    told = contacts.rename(contact_id="customer_id")
    joined = orders.outer_join(told, orders.customer_id == told.contact_id)
    numbers = (*(name for name in orders.columns if name not in ("customer_id", "last_purchase_on")), *COUNTED)
    filled = joined.select(
        customer_id=ibis.coalesce(joined.customer_id, joined.contact_id),
        last_purchase_on=joined.last_purchase_on,
        **{name: joined[name].fill_null(0).cast("int64") for name in numbers},
    )
    served_for = filled.mutate(
        net_micros=filled.sold_micros + filled.returned_micros,
        service_micros=_cost(filled, SERVICE, costs),
        campaign_micros=_cost(filled, CAMPAIGNS, costs),
        delivery_micros=filled.deliveries * ibis.literal(costs.get("delivery", 0), "int64"),
    )
    left = served_for.mutate(margin_micros=served_for.net_micros - served_for.goods_micros)
    done = left.mutate(
        contribution_micros=left.margin_micros - left.service_micros - left.campaign_micros - left.delivery_micros
    )
    return done.select("customer_id", *COUNTS, *MONEY, "last_purchase_on")


def totals(customers: ir.Table) -> ir.Table:
    """What do all customers come to, and what is of nobody known? Two rows at most: is_known, customers, `COUNTS`, `MONEY`."""
    marked = customers.mutate(is_known=customers.customer_id != NOBODY)
    return marked.group_by("is_known").aggregate(
        customers=marked.count(),
        **{name: marked[name].sum().cast("int64") for name in COUNTS},
        **{name: money_sum(marked[name]) for name in MONEY},
    )


def costed_lines(
    orders: ir.Table, order_lines: ir.Table, products: ir.Table, *, currency: str, as_of: date
) -> ir.Table:
    """Of how many order lines is a cost known? One row: lines, costed."""
    placed = orders.filter(orders.placed_on <= as_of).select(placed_id=orders.order_id)
    known = products.filter(products.cost_micros.notnull(), products.currency == currency)
    costs = known.select(costed_id=known.product_id)
    counted = order_lines.join(placed, order_lines.order_id == placed.placed_id)
    joined = counted.left_join(costs, counted.product_id == costs.costed_id)
    return joined.aggregate(lines=joined.count(), costed=joined.costed_id.count())


def _addable(amount: ir.IntegerScalar) -> ir.IntegerScalar:
    """Within what a few of can be added up; nobody bought for more, but a broken file may say so."""
    return ibis.greatest(ibis.least(amount, MOST), -MOST)


def _cost(filled: ir.Table, names: tuple[str, ...], costs: Mapping[str, int]) -> ir.IntegerColumn:
    total = ibis.literal(0, "int64")
    for name in names:
        total = total + filled[name] * ibis.literal(costs.get(name, 0), "int64")
    return total
