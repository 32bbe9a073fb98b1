"""The five lenses over the Online Retail data set, each figure against SQL written by hand over the same file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from rapport.insight.customer_base.audit import lenses
from rapport.insight.customer_base.periods import BaseQuestion
from rapport.insight.marts.lens_sales import sales_by_customer
from rapport.insight.tests.test_real_data import retail  # noqa: F401 - the orders of the file

pytestmark = pytest.mark.real_data

DAY = date(2011, 12, 10)
_TENTHS = """
with buyers as (
    select customer_id, sum(total_micros) value from orders
     where customer_id is not null and placed_on between '2010-12-11' and '2011-12-10'
     group by 1 having count(*) filter (where kind = 'sale') > 0),
ranked as (select value, row_number() over (order by value desc) place, count(*) over () everybody from buyers)
select tenth, count(*), sum(value)::bigint
  from ranked join range(1, 11) tenths(tenth)
    on place > ceil(everybody * (tenth - 1) / 10.0) and place <= ceil(everybody * tenth / 10.0)
 group by 1 order by 1
"""
_GROUPS = """
with bought as (select distinct customer_id, placed_on from orders where kind = 'sale' and customer_id is not null),
named as (
    select o.customer_id, o.total_micros, o.placed_on,
           case when o.customer_id is null then 'unknown'
                when o.customer_id in (select customer_id from bought where placed_on between '2011-06-10' and '2011-09-09')
                then case when o.customer_id in (select customer_id from bought where placed_on >= '2011-09-10')
                          then 'kept' else 'lost' end
                when o.customer_id in (select customer_id from bought where placed_on >= '2011-09-10')
                then case when o.customer_id in (select customer_id from bought where placed_on < '2011-06-10')
                          then 'back' else 'new' end
                else 'reversed' end as name
      from orders o where placed_on between '2011-06-10' and '2011-12-09')
select name, count(distinct customer_id), coalesce(sum(total_micros) filter (where placed_on < '2011-09-10'), 0)::bigint,
       coalesce(sum(total_micros) filter (where placed_on >= '2011-09-10'), 0)::bigint
  from named group by 1
"""
_COHORTS = """
with begun as (select customer_id, date_trunc('month', min(placed_on)) as begun_in from orders
                where kind = 'sale' and customer_id is not null group by 1)
select strftime(b.begun_in, '%Y-%m'), strftime(o.placed_on, '%Y-%m'),
       count(distinct case when o.kind = 'sale' then o.customer_id end), count(*) filter (where o.kind = 'sale'),
       sum(o.total_micros)::bigint
  from orders o join begun b using (customer_id) where o.placed_on <= '2011-12-10'
   and date_trunc('month', o.placed_on) >= b.begun_in group by 1, 2
"""
_MONTHS = """
select strftime(placed_on, '%Y-%m'), sum(total_micros)::bigint, sum(total_micros) filter (where customer_id is null)::bigint
  from orders where placed_on <= '2011-12-10' group by 1 order by 1
"""


def test_one_period_of_online_retail_is_what_plain_sql_says(retail: Backend) -> None:  # noqa: F811
    found = _lenses(retail, BaseQuestion(as_of=DAY, period="year", grain="quarter"))["one_period"]

    rows = retail.con.execute(_TENTHS).fetchall()
    tenths = found["by_value"]["tenths"]
    assert [(row["tenth"], row["members"], row["micros"]) for row in tenths] == rows
    (counts,) = retail.con.execute(
        "select count(distinct customer_id), count(*) from orders"
        " where kind = 'sale' and customer_id is not null and placed_on between '2010-12-11' and '2011-12-10'"
    ).fetchall()
    assert (found["members"], found["purchases"]) == counts
    ((once,),) = retail.con.execute(
        "select count(*) from (select customer_id from orders where kind = 'sale' and customer_id is not null"
        " and placed_on between '2010-12-11' and '2011-12-10' group by 1 having count(*) = 1)"
    ).fetchall()
    assert found["purchase_counts"][0]["members"] == once


def test_two_periods_of_online_retail_are_what_plain_sql_says(retail: Backend) -> None:  # noqa: F811
    found = _lenses(retail, BaseQuestion(as_of=date(2011, 12, 9), period="quarter"))["two_periods"]

    rows = {name: tuple(rest) for name, *rest in retail.con.execute(_GROUPS).fetchall()}
    shown = {
        row["group"]: (row["members"], row["before_value_micros"], row["value_micros"])
        for row in found["groups"]
        if row["members"] or row["value_micros"] or row["before_value_micros"]
    }
    assert shown == rows
    change = sum(found["value_effects"].values()) + found["without_buyers_micros"]
    assert change == sum(now - before for _members, before, now in rows.values())


def test_cohorts_and_the_whole_base_of_online_retail_are_what_plain_sql_says(retail: Backend) -> None:  # noqa: F811
    found = _lenses(retail, BaseQuestion(as_of=DAY, period="month", grain="month"))

    rows = {(cohort, period): tuple(rest) for cohort, period, *rest in retail.con.execute(_COHORTS).fetchall()}
    shown = {
        (cohort["cohort"], cell["period"]): (cell["active"], cell["purchases"], cell["value_micros"])
        for cohort in found["cohorts"]["cohorts"]
        for cell in cohort["periods"]
        if cell["active"] or cell["value_micros"]
    }
    assert shown == rows
    assert sum(cohort["members"] for cohort in found["cohorts"]["cohorts"]) == 4_339
    months = [
        (period["period"], period["value_micros"], period["unknown_micros"])
        for period in found["whole_base"]["periods"]
    ]
    assert months == retail.con.execute(_MONTHS).fetchall()
    assert sum(value for _month, value, _unknown in months) == 9_747_747_934_000


def _lenses(retail: Backend, question: BaseQuestion) -> dict[str, Any]:  # noqa: F811
    sales = sales_by_customer(retail.table("orders"), None)
    return lenses(sales, question, keep=lambda name, compute: compute())
