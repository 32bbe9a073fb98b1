"""The same answers in SQL as somebody who knows DuckDB would write it; where there are two ways, the faster one."""

from __future__ import annotations

from bench.marts.cases import COSTS, FIRST, FIRST_BEFORE, GAP_DAYS, LEAST, MARGIN, MONTHS, ONE_IN, SHARES, TOP, YEAR
from bench.marts.shop import AS_OF, BEFORE
from rapport.insight.marts.contacts import CAMPAIGNS, LESSONS, SERVICE
from rapport.insight.marts.contribution import COUNTS, MONEY
from rapport.insight.rfm.segments import DEFAULT_MAP, NOT_YET

_DAY, _BEFORE, _FIRST, _FIRST_BEFORE = (f"date '{day}'" for day in (AS_OF, BEFORE, FIRST, FIRST_BEFORE))
_FACTS = """
with facts as (
    select o.order_id, coalesce(p.customer_id, o.direct_customer_id) as customer_id, o.kind, o.placed_on,
           o.total_micros, o.reverses_id, o.delivered_on
      from orders o left join profile_customers p using (profile_id) where o.currency = 'EUR')
"""
_BUYERS = f"""
{_FACTS}, buyers as (
    select customer_id, count(*) filter (kind = 'sale') as purchases,
           count(*) filter (kind in ('cancellation', 'return')) as reversals,
           coalesce(sum(total_micros) filter (kind = 'sale'), 0)::bigint as gross_micros,
           sum(total_micros)::bigint as value_micros, min(placed_on) filter (kind = 'sale') as first_purchase_on,
           max(placed_on) filter (kind = 'sale') as last_purchase_on
      from facts where customer_id is not null and placed_on <= {_DAY} group by customer_id having purchases > 0)
"""
_MEASURED = f"""
select *, {_DAY} - last_purchase_on as recency_days, gross_micros::double / purchases as average_micros,
       average_micros as monetary_value from buyers
"""
_COSTED = """
costed as (
    select l.order_id, l.product_id, l.amount_micros,
           case when p.cost_micros is null then 0 else l.amount_micros end as costed_micros,
           coalesce(floor(p.cost_micros * case when l.quantity_micros > 0 and l.amount_micros < 0 then -l.quantity_micros
                                               else l.quantity_micros end / 1000000 + 0.5)::bigint, 0) as cost_micros
      from order_lines l left join products p
        on l.product_id = p.product_id and p.cost_micros is not null and p.currency = 'EUR')
"""


def _edges(name: str, column: str) -> str:
    return ", ".join(
        f"min({column}) filter ({name}_worse * 5 >= everybody * {band - 1}) as {name}_{band}" for band in range(2, 6)
    )


_SCALES = (("last_purchase_on", "recency"), ("purchases", "frequency"), ("monetary_value", "monetary"))
_RANKS = ", ".join(f"rank() over (order by {column}) - 1 as {name}_worse" for column, name in _SCALES)
_SEGMENT = " ".join(
    f"when recency_band = {recency} and frequency_band = {frequency} then '{segment}'"
    for (recency, frequency), segment in DEFAULT_MAP.items()
)


def _settled(name: str) -> str:
    standing = f"5000 * {name}_worse"
    near = f"{standing} >= (t.{name}_band * 1000 - {1000 + MARGIN}) * n and {standing} < (t.{name}_band * 1000 + {MARGIN}) * n"
    return f"case when {near} then t.{name}_band else p.{name}_band end as {name}_band"


def _month(number: int) -> str:
    age = 12 - number
    return f"coalesce(sum(total_micros) filter (age = {age}), 0)::bigint as m{number}"


def _period(prefix: str, condition: str) -> str:
    sums = {"value_micros": "total_micros", "costed_micros": "costed_micros", "profit_micros": "profit_micros"}
    return ", ".join(
        f"coalesce(sum({column}) filter ({condition}), 0)::bigint as {prefix}{name}" for name, column in sums.items()
    )


def _contacts() -> str:
    counts = [f"count(*) filter (kind = '{name}') as \"{name}\"" for name in SERVICE]
    counts += [f"count(*) filter (kind = '{name}' and direction = 'in') as {name}" for name in LESSONS]
    for name in CAMPAIGNS:
        channel = name.removeprefix("campaign_")
        which = f"channel = '{channel}'" if channel != "other" else "channel not in ('email', 'direct_mail')"
        counts += [
            f"count(*) filter (kind = 'campaign' and {which} and direction = '{way}') as {name}_{way}"
            for way in ("in", "out")
        ]
    plain = ", ".join(f'sum("{name}")::bigint as "{name}"' for name in (*SERVICE, *LESSONS))
    campaigns = ", ".join(f"greatest(sum({name}_out), sum({name}_in))::bigint as {name}" for name in CAMPAIGNS)
    return f"""
        select coalesce(p.customer_id, 0) as customer_id, {plain}, {campaigns}
          from (select profile_id, {", ".join(counts)} from touchpoints where occurred_on <= {_DAY} group by profile_id)
          left join profile_customers p using (profile_id) group by 1
    """


def _cost(names: tuple[str, ...]) -> str:
    return " + ".join(f'coalesce("{name}", 0) * {COSTS[name]}' for name in names if name in COSTS) or "0"


def _credited(share: int) -> str:
    return f"sum(greatest(coalesce(contribution_micros, 0), 0) * {share} // 1000000)::bigint"


BY_HAND: dict[str, str] = {
    "facts.orders": f"{_FACTS} from facts",
    "facts.left_out": "select currency, count(*) as orders from orders where currency <> 'EUR' group by currency",
    "customer_months.customer_months": f"""
        {_FACTS}
        select customer_id, {", ".join(_month(number) for number in range(1, 13))}
          from (select *, {AS_OF.year * 12 + AS_OF.month} - (year(placed_on) * 12 + month(placed_on)) as age from facts
                 where customer_id is not null and placed_on <= {_DAY} and placed_on >= date '{AS_OF.year}-01-01')
         group by customer_id
    """,
    "monthly_revenue.monthly_revenue": f"""
        {_FACTS}
        select year(placed_on) as year, month(placed_on) as month, count(*) filter (kind = 'sale') as purchases,
               coalesce(sum(total_micros) filter (kind = 'sale'), 0)::bigint as gross_micros,
               sum(total_micros)::bigint as net_micros
          from facts where placed_on <= {_DAY} group by all
    """,
    "newest_order.newest_order": "select max(placed_on) as newest_on from orders where currency = 'EUR'",
    "revenue_days.revenue_days": f"""
        {_FACTS}, newcomers as (
            select first_on, count(*) as newcomers from (select min(placed_on) as first_on from facts
             where customer_id is not null and kind = 'sale' and placed_on <= {_DAY} group by customer_id) group by first_on)
        select placed_on, sum(total_micros)::bigint as net_micros, count(*) filter (kind = 'sale') as purchases,
               count(distinct customer_id) filter (kind = 'sale') as buyers, coalesce(any_value(newcomers), 0) as newcomers
          from facts left join newcomers on placed_on = first_on where placed_on <= {_DAY} group by placed_on
    """,
    "purchase_rhythm.purchase_rhythm": f"""
        {_FACTS}
        select customer_id, {_DAY} - max(placed_on) filter (kind = 'sale') as recency_days,
               {_DAY} - min(placed_on) filter (kind = 'sale') as tenure_days, count(*) filter (kind = 'sale') as purchases,
               count(*) filter (kind = 'sale' and placed_on > {_DAY} - {YEAR}) as purchases_last,
               count(*) filter (kind = 'sale' and placed_on > {_DAY} - {2 * YEAR} and placed_on <= {_DAY} - {YEAR})
                   as purchases_before,
               coalesce(sum(total_micros) filter (kind = 'sale'), 0)::bigint as gross_micros,
               coalesce(sum(total_micros) filter (kind = 'sale' and placed_on > {_DAY} - {YEAR}), 0)::bigint as gross_last_micros,
               count(*) filter (kind in ('cancellation', 'return')) as reversals
          from facts where customer_id is not null and placed_on <= {_DAY}
         group by customer_id having purchases_last + purchases_before > 0
    """,
    "purchase_rhythm.bought_between": f"""
        {_FACTS}
        select customer_id, count(*) as purchases from facts
         where customer_id is not null and kind = 'sale' and placed_on > {_BEFORE} and placed_on <= {_DAY} group by customer_id
    """,
    "purchase_rhythm.purchase_span": f"""
        {_FACTS}
        select min(placed_on) as first_on, max(placed_on) as last_on from facts
         where customer_id is not null and kind = 'sale' and placed_on <= {_DAY}
    """,
    "purchase_rhythm.contacts_between": f"""
        select customer_id, count(*) filter (direction = 'in') as contacts_in, count(*) filter (direction <> 'in') as contacts_out
          from touchpoints join profile_customers using (profile_id)
         where occurred_on > {_BEFORE} and occurred_on <= {_DAY} and kind not in ('order', 'delivery') group by customer_id
    """,
    "purchase_rhythm.customer_values": "select customer_id, field, value from customer_values where field = 'plan'",
    "rfm.customers": f"{_BUYERS} from buyers",
    "rfm.measured": _MEASURED,
    "rfm.edges": f"""
        select {_edges("monetary", "monetary_value")} from (
            select monetary_value, rank() over (order by monetary_value) - 1 as monetary_worse, count(*) over () as everybody
              from ({_MEASURED}))
    """,
    "rfm.all_edges": f"""
        select {", ".join(_edges(name, column) for column, name in _SCALES)}
          from (select *, {_RANKS}, count(*) over () as everybody from ({_MEASURED}))
    """,
    "rfm.banded": f"""
        with measured as ({_MEASURED})
        select measured.*, {
        ", ".join(
            "1"
            + "".join(f" + coalesce(({column} >= {name}_{band})::integer, 0)" for band in range(2, 6))
            + f" as {name}_band"
            for column, name in _SCALES
        )
    } from measured, edges
    """,
    "rfm.rfm": f"""
        {_BUYERS}
        select * exclude (recency_worse, frequency_worse, monetary_worse, everybody), {
        ", ".join(f"1 + 5 * {name}_worse // everybody as {name}_band" for _column, name in _SCALES)
    } from (select *, {_RANKS}, count(*) over () as everybody from ({_MEASURED}))
    """,
    "segments.segments": f"select * exclude (segment), case {_SEGMENT} else '' end as segment from named",
    "segments.segment_totals": """
        select segment, count(*) as customers, sum(purchases)::bigint as purchases, sum(gross_micros)::bigint as gross_micros,
               sum(value_micros)::bigint as value_micros from named group by segment
    """,
    "segments.cell_totals": """
        select recency_band, frequency_band, monetary_band, count(*) as customers from named group by all
    """,
    "segments.segment_changes": f"""
        select n.*, coalesce(t.segment, '{NOT_YET}') as segment_before from named n left join named_then t using (customer_id)
    """,
    "segments.segment_moves": f"""
        select coalesce(t.segment, '{NOT_YET}') as segment_before, n.segment, count(*) as customers
          from named n left join named_then t using (customer_id) group by all
    """,
    "settled.settled": f"""
        select p.* exclude (recency_worse, frequency_worse, n) replace ({_settled("recency")}, {_settled("frequency")})
          from (select *, rank() over (order by last_purchase_on) - 1 as recency_worse,
                       rank() over (order by purchases) - 1 as frequency_worse, count(*) over () as n from named) p
          left join named_then t using (customer_id)
    """,
    "settled.cell_moves": """
        select t.recency_band as recency_before, t.frequency_band as frequency_before, n.recency_band, n.frequency_band,
               count(*) as customers from named n left join named_then t using (customer_id) group by all
    """,
    "top_share.top_share": """
        select count(*) as customers, (count(*) + 4) // 5 as top_customers,
               sum(value_micros) filter (place <= (everybody + 4) // 5)::bigint as top_micros,
               sum(value_micros)::bigint as value_micros
          from (select value_micros, row_number() over (order by value_micros desc) as place, count(*) over () as everybody
                  from buyers)
    """,
    "purchase_days.purchase_days": f"""
        {_FACTS}, known as (select * from facts where customer_id is not null and placed_on <= {_DAY}),
        back as (select b.order_id, o.placed_on as sold_on from known b join known o on o.order_id = b.reverses_id
                  where b.kind <> 'sale'),
        days as (
            select customer_id, coalesce(sold_on, placed_on) as placed_on, bool_or(kind = 'sale') as is_sale,
                   sum(total_micros) as micros
              from known left join back using (order_id) group by 1, 2),
        numbered as (
            select *, count(*) filter (is_sale) over (partition by customer_id order by placed_on rows unbounded preceding) as nth
              from days)
        select customer_id, min(placed_on) filter (is_sale) as first_on, count(*) filter (is_sale) - 1 as repeats,
               max(placed_on) filter (is_sale) - min(placed_on) filter (is_sale) as last_days,
               {_DAY} - min(placed_on) filter (is_sale) as age_days,
               coalesce(sum(micros) filter (nth > 1), 0)::bigint as repeat_micros
          from numbered group by customer_id having bool_or(is_sale)
    """,
    "purchase_days.further_purchases": f"""
        {_FACTS}
        select customer_id, count(distinct placed_on) filter (kind = 'sale') as further, sum(total_micros)::bigint as further_micros
          from facts where customer_id is not null and placed_on > {_BEFORE} and placed_on <= {_DAY}
         group by customer_id having further > 0
    """,
    "purchase_days.next_purchases": f"""
        {_FACTS}
        select customer_id, min(placed_on) - {_BEFORE} as wait_days from facts
         where customer_id is not null and kind = 'sale' and placed_on > {_BEFORE} and placed_on <= {_DAY} group by customer_id
    """,
    "purchase_days.waits": """
        select repeats, last_days, age_days, coalesce(wait_days, -1) as wait_days, count(*) as customers
          from days left join following using (customer_id) group by all
    """,
    "purchase_days.histories": """
        select repeats, last_days, age_days, count(*) as customers, sum(greatest(repeat_micros, 0))::bigint as paid_micros
          from days group by all
    """,
    "purchase_days.outcomes": """
        select repeats, last_days, age_days, coalesce(further, 0) as further, count(*) as customers,
               sum(coalesce(further_micros, 0))::bigint as further_micros
          from days left join further using (customer_id) group by repeats, last_days, age_days, 4
    """,
    "purchase_days.spending": """
        select repeats, repeat_micros, count(*) as customers from days where repeats > 0 and repeat_micros > 0 group by all
    """,
    "purchase_days.acquired": """
        select count(*) as customers, count(*) filter (repeats > 0) as repeaters,
               count(*) filter (repeats > 0 and repeat_micros <= 0) as unpaid, min(first_on) as first_on, max(first_on) as newest_on
          from days
    """,
    "line_costs.line_costs": f"with {_COSTED} from costed",
    "lens_sales.sales_by_customer": f"""
        {_FACTS}, {_COSTED}, earned as (
            select order_id, sum(costed_micros) as costed_micros, sum(cost_micros) as cost_micros from costed group by order_id)
        select customer_id as member_id, kind, placed_on, total_micros, coalesce(costed_micros, 0)::bigint as costed_micros,
               coalesce(costed_micros - cost_micros, 0)::bigint as profit_micros
          from facts left join earned using (order_id)
    """,
    "lens_sales.sales_by_product": f"""
        {_FACTS}, {_COSTED}, earned as (
            select order_id, product_id, sum(amount_micros) as amount_micros, sum(costed_micros) as costed_micros,
                   sum(cost_micros) as cost_micros from costed group by order_id, product_id)
        select product_id as member_id, kind, placed_on, amount_micros::bigint as total_micros,
               costed_micros::bigint as costed_micros, (costed_micros - cost_micros)::bigint as profit_micros
          from earned join facts using (order_id)
    """,
    "period_members.period_members": f"""
        select * exclude (first_on, newest_on), case
                   when member_id is null then 'unknown' when purchases > 0 and before_purchases > 0 then 'kept'
                   when purchases > 0 and first_on >= {_FIRST} then 'new' when purchases > 0 then 'back'
                   when before_purchases > 0 then 'lost' else 'reversed' end as "group"
          from (select member_id, min(placed_on) filter (kind = 'sale') as first_on, max(placed_on) as newest_on,
                       count(*) filter (kind = 'sale' and placed_on >= {_FIRST}) as purchases,
                       count(*) filter (kind = 'sale' and placed_on >= {_FIRST_BEFORE} and placed_on < {_FIRST})
                           as before_purchases,
                       {_period("", f"placed_on >= {_FIRST}")},
                       {_period("before_", f"placed_on >= {_FIRST_BEFORE} and placed_on < {_FIRST}")}
                  from sales where placed_on <= {_DAY} group by member_id having newest_on >= {_FIRST_BEFORE})
    """,
    "two_periods.two_periods": f"""
        select "group", count(member_id) as members, {
        ", ".join(
            f"sum({prefix}{name})::bigint as {prefix}{name}"
            for prefix in ("", "before_")
            for name in ("purchases", "value_micros", "costed_micros", "profit_micros")
        )
    } from members group by "group"
    """,
    "distribution.distribution": """
        select part, count(*) as members, sum(value_micros)::bigint as micros, min(value_micros) as lowest
          from (select value_micros, 1 + (row_number() over (order by value_micros desc) - 1) * 20 // count(*) over () as part
                  from members) group by part
    """,
    "distribution.purchase_counts": """
        select purchases, count(*) as members, sum(value_micros)::bigint as value_micros from members group by purchases
    """,
    "cohorts.cohorts": f"""
        with begun as (
            select member_id, min(placed_on) as first_on from sales
             where kind = 'sale' and member_id is not null and placed_on <= {_DAY} group by member_id)
        select (year(first_on) * 12 + month(first_on) - 1) // {MONTHS} as cohort,
               (year(placed_on) * 12 + month(placed_on) - 1) // {MONTHS} as period, member_id is not null as is_known,
               count(distinct member_id) filter (kind = 'sale') as active, count(*) filter (kind = 'sale') as purchases,
               sum(total_micros)::bigint as value_micros, sum(costed_micros)::bigint as costed_micros,
               sum(profit_micros)::bigint as profit_micros
          from sales left join begun using (member_id) where placed_on <= {_DAY} group by 1, 2, 3
    """,
    "basket_items.basket_items": f"""
        {_FACTS}
        select order_id, customer_id, placed_on, product_id, count(*) as lines from order_lines join facts using (order_id)
         where kind = 'sale' and placed_on <= {_DAY} and product_id is not null and quantity_micros > 0 group by all
    """,
    "customer_products.customer_products": """
        select customer_id, product_id, count(*) as purchases, max(placed_on) as last_on from items
         where customer_id is not null group by all
    """,
    "product_counts.product_counts": """
        select product_id, count(*) as purchases, count(distinct customer_id) as customers from items group by product_id
    """,
    "next_baskets.next_baskets": f"""
        with begun as (
            select customer_id, min(placed_on) filter (placed_on > {_BEFORE}) as first_on from items
             where customer_id is not null group by customer_id having min(placed_on) <= {_BEFORE} and first_on is not null)
        select customer_id, product_id, count(*) as purchases from items join begun using (customer_id)
         where placed_on = first_on group by all
    """,
    "product_pairs.product_pairs": f"""
        with small as (select order_id from items group by order_id having count(*) <= 100),
        bought as (select order_id, product_id from items semi join small using (order_id)),
        counts as (select product_id, count(*) as purchases from bought group by product_id having purchases >= {LEAST}),
        together as (
            select a.product_id as one, b.product_id as other, count(*) as together
              from bought a join bought b on a.order_id = b.order_id and a.product_id < b.product_id
             group by all having together >= {LEAST} and together * {ONE_IN} >= (select count(*) from small)),
        sides as (
            select one as product_id, other as with_id, together from together
             union all select other, one, together from together)
        select product_id, with_id, together, c.purchases, w.purchases as with_purchases, baskets,
               together::double * baskets::double / (c.purchases::double * w.purchases::double) as lift,
               together::double * together::double / (c.purchases::double * w.purchases::double) as likeness
          from sides join counts c using (product_id) join counts w on w.product_id = with_id,
               (select count(*) as baskets from small)
    """,
    "product_pairs.strongest_pairs": f"""
        select *, row_number() over (partition by product_id order by lift desc, together desc, with_id) as place
          from pairs qualify place <= {TOP}
    """,
    "contacts.contacts": _contacts(),
    "contribution.bought": f"""
        select coalesce(member_id, 0) as customer_id, count(*) filter (kind = 'sale') as purchases,
               count(*) filter (kind <> 'sale') as reversals,
               coalesce(sum(total_micros) filter (kind = 'sale'), 0)::bigint as sold_micros,
               coalesce(sum(total_micros) filter (kind <> 'sale'), 0)::bigint as returned_micros,
               sum(costed_micros - profit_micros)::bigint as goods_micros,
               sum(total_micros - costed_micros)::bigint as uncosted_micros,
               max(placed_on) filter (kind = 'sale') as last_purchase_on
          from sales where placed_on <= {_DAY} group by 1
    """,
    "contribution.deliveries": f"""
        select coalesce(p.customer_id, o.direct_customer_id, 0) as customer_id, count(*) as deliveries
          from orders o left join profile_customers p using (profile_id)
         where o.currency = 'EUR' and kind = 'sale' and placed_on <= {_DAY} and delivered_on <= {_DAY} group by 1
    """,
    "contribution.contribution": f"""
        select customer_id, {", ".join(f'coalesce("{name}", 0) as "{name}"' for name in COUNTS)},
               coalesce(sold_micros, 0) as sold_micros, coalesce(returned_micros, 0) as returned_micros,
               coalesce(sold_micros + returned_micros, 0) as net_micros, coalesce(goods_micros, 0) as goods_micros,
               coalesce(uncosted_micros, 0) as uncosted_micros,
               coalesce(sold_micros + returned_micros - goods_micros, 0) as margin_micros,
               {_cost(SERVICE)} as service_micros, {_cost(CAMPAIGNS)} as campaign_micros,
               coalesce(deliveries, 0) * {COSTS["delivery"]} as delivery_micros,
               coalesce(sold_micros + returned_micros - goods_micros, 0) - ({_cost(SERVICE)}) - ({_cost(CAMPAIGNS)})
                   - coalesce(deliveries, 0) * {COSTS["delivery"]} as contribution_micros, last_purchase_on
          from bought left join delivered using (customer_id) full join touched using (customer_id)
    """,
    "contribution.totals": f"""
        select customer_id <> 0 as is_known, count(*) as customers,
               {", ".join(f'sum("{name}")::bigint as "{name}"' for name in (*COUNTS, *MONEY))} from worths group by 1
    """,
    "contribution.costed_lines": f"""
        {_FACTS}
        select count(*) as lines, count(p.product_id) as costed
          from order_lines l join facts using (order_id)
          left join products p on l.product_id = p.product_id and p.cost_micros is not null and p.currency = 'EUR'
         where placed_on <= {_DAY}
    """,
    "referrals.referral_edges": f"""
        select t.customer_id as referred_id, f.customer_id as referrer_id, r.since, r.relationship_id
          from relationships r join profile_customers f on r.from_profile_id = f.profile_id
          join profile_customers t on r.to_profile_id = t.profile_id
         where r.kind = 'referred' and (since is null or since <= {_DAY}) and t.customer_id <> f.customer_id
       qualify row_number() over (partition by referred_id order by since nulls last, relationship_id) = 1
    """,
    "referrals.referral_credits": f"""
        with children as (
            select referrer_id as customer_id, count(*) as n_1, {_credited(SHARES[0])} as credit_1, count(*) as referred,
                   count(*) filter (last_purchase_on > {_DAY} - 365) as referred_buying
              from ties left join worths w on w.customer_id = referred_id group by referrer_id),
        grandchildren as (
            select up.referrer_id as customer_id, count(*) as n_2, {_credited(SHARES[1])} as credit_2
              from ties up join ties down on down.referrer_id = up.referred_id
              left join worths w on w.customer_id = down.referred_id group by up.referrer_id)
        select children.*, coalesce(n_2, 0) as n_2, coalesce(credit_2, 0) as credit_2
          from children left join grandchildren using (customer_id)
    """,
    "journeys.facts": f"""
        select touchpoint_id, customer_id, kind as activity, channel, occurred_at
          from touchpoints join profile_customers using (profile_id) where occurred_on <= {_DAY}
    """,
    "journeys.moments": f"""
        with dated as (
            select touchpoint_id, customer_id, kind as activity, channel, occurred_at, epoch(occurred_at)::bigint as second
              from touchpoints join profile_customers using (profile_id) where occurred_on <= {_DAY}),
        known as (
            select *, lag(activity) over mine as before, second - lag(second) over mine as waited,
                   waited is null or waited > {GAP_DAYS * 86_400} as begins_journey,
                   coalesce(lead(second) over mine - second > {GAP_DAYS * 86_400}, true) as ends_journey
              from dated window mine as (partition by customer_id order by occurred_at, touchpoint_id))
        select touchpoint_id, customer_id, activity, channel, occurred_at, begins_journey, ends_journey, before, waited,
               begins_journey or activity <> before as is_step,
               count(*) filter (begins_journey) over (partition by customer_id order by occurred_at, touchpoint_id
                   rows unbounded preceding) as journey
          from known
    """,
    "journeys.journeys": """
        select customer_id, journey, count(*) as contacts, count(*) filter (is_step) as steps,
               max(activity) filter (ends_journey) as last_activity, max(occurred_at) as last_at
          from moments group by customer_id, journey
    """,
    "journeys.with_activity": "select distinct customer_id, journey from moments where activity = 'call'",
    "journeys.on_channel": "select distinct customer_id, journey from moments where channel = 'phone'",
    "journeys.activities": """
        select m.*, coalesce(ended, 0) as ended
          from (select activity, count(*) filter (is_step) as steps, count(*) as contacts, count(distinct customer_id) as customers,
                       count(*) filter (begins_journey) as began from moments group by activity) m
          left join (select last_activity as activity, count(*) as ended from walked group by 1) using (activity)
    """,
    "journeys.follows": """
        select before, activity, count(*) as steps, count(distinct customer_id) as customers,
               sum(waited)::bigint as waited_seconds, quantile_disc(waited, 0.5) as median_seconds
          from moments where is_step and not begins_journey group by before, activity
    """,
}
