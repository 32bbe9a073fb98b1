"""The pages that people open all day, in one business of BENCH_SCALE customers (200,000), asked in turns.

A customer page with 100,000 touchpoints is compared with one that has 50 (goal: at most 1.5 times as long). Goals for the
rest: three of four whole pages within 200 ms, three of four parts of a page within 100 ms. Whole requests through Django
(session, gate, statements, template) in one process, on an own, throw-away PostgreSQL.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.apart import migrated_database, run_apart
from bench.lists import expect, write_customers, write_staff

BUSY, QUIET, GOAL_RATIO = 100_000, 50, 1.5
GOAL_PAGE, GOAL_PART = 200.0, 100.0
ROUNDS, IN_TURNS = 24, 60
_BUSY_ID, _QUIET_ID = 1, 2
_PART = {"HX-Request": "true"}

# two customers that differ in nothing but how often we were in touch: kinds, channels and orders are those of both
_TOUCHPOINTS = """
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, record_id, summary)
select timestamptz '2026-11-01' - make_interval(mins => n * (1000000 / %(count)s)), %(id)s, %(id)s,
       (array['page_view','campaign','call','order'])[1 + n %% 4], 'web',
       case when n %% 4 = 3 then (n / 4) %% 40 + 1 + 40 * (%(id)s - 1) end, 'touchpoint ' || n
  from generate_series(1, %(count)s) n
"""
_ORDERS = """
insert into commerce_order (source_id, external_id, kind, customer_id, profile_id, channel, currency, total_micros, line_count,
                            placed_at)
select (select max(id) from customers_source), 'O' || n, 'sale', c, c, 'web_shop', 'GBP', 1000000 * (n %% 500), 2,
       timestamptz '2026-11-01' - make_interval(mins => n)
  from (select n, case when n <= 80 then 1 + (n - 1) / 40 else 1 + n %% %(customers)s end as c
          from generate_series(1, %(customers)s) n) made
"""
_TASKS = """
insert into work_task (title, record_kind, customer_id, profile_id, due_on, due_at, assignee_id, created_by_id, created_at,
                       updated_at)
select 'Call back about offer ' || n, 'customer', c, c, '2026-09-01'::date + n %% 200,
       timestamptz '2026-09-02' + make_interval(days => n %% 200), o, o, now(), now()
  from (select n, 1 + (n * 5) %% %(customers)s as c, (select min(id) from accounts_user) + n %% 100 as o
          from generate_series(1, %(customers)s / 5) n) made
"""
_IDENTIFIERS = """
insert into customers_identifier (kind, value_norm, profile_id, customer_id)
select 1, email, id, id from customers_customer union all select 2, phone, id, id from customers_customer
union all select 2, '+49891234' || id / 2, id, id from customers_customer where id <= 400
"""
_DOUBTS = """
insert into identity_doubt (public_id, one_id, one_customer_id, other_id, other_customer_id, kind, reason)
select gen_random_uuid(), n * 2, n * 2, n * 2 + 1, n * 2 + 1, 2, 'name' from generate_series(1, 199) n
"""
_IN_OTHER_SCRIPTS = """
update customers_customer set name = made.name, search = search_vector(concat_ws(' ', made.name, organization, email), phone),
       sort_key = customer_sort_key(made.name, null, null, null)
  from (select id, (array['김민수','이서연','王小明','李娜','山田太郎','박지훈','佐藤花子','최유진'])[1 + id / 16 %% 8]
                   || id %% 977 as name
          from customers_customer where id %% 16 = 0) made
 where made.id = customers_customer.id
"""
_CONSENTS = """
insert into customers_consent (public_id, profile_id, customer_id, purpose, channel, status, occurred_at, origin)
select gen_random_uuid(), id, id, 'newsletter', 'email', 'granted', now(), 'web form'
  from customers_customer where id <= %(customers)s / 4
"""
_TIES = """
insert into customers_relationship (public_id, kind, from_profile_id, from_customer_id, to_profile_id, to_customer_id)
select gen_random_uuid(), 'works_at', n, n, n / 20 + 1, n / 20 + 1 from generate_series(3, %(customers)s / 5) n
"""


def run() -> None:
    scale = int(os.environ.get("BENCH_SCALE", "200000"))
    run_apart("bench.pages", scale)


def measure(customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        people = write_staff()
        started = time.perf_counter()
        write_business(customers)
        print(f"   {customers:,} customers written in {time.perf_counter() - started:.0f} s", flush=True)
        _print_ratio(people[0])
        _print_pages(*people)


def write_business(customers: int) -> None:
    """Customers, and what hangs on them; the first and the second differ in their touchpoints alone."""
    from django.db import connection

    write_customers(customers)
    audited = ("customers_customer", "commerce_order", "work_task", "customers_relationship")
    with connection.cursor() as cursor:
        for table in audited:
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute("delete from customers_touchpoint where customer_id in (1, 2)")
        for count, customer in ((BUSY, _BUSY_ID), (QUIET, _QUIET_ID)):
            cursor.execute(_TOUCHPOINTS, {"count": count, "id": customer})
        for statement in (_ORDERS, _TASKS, _IDENTIFIERS, _DOUBTS, _IN_OTHER_SCRIPTS, _CONSENTS, _TIES):
            cursor.execute(statement, {"customers": customers})
        for table in audited:
            cursor.execute(f"alter table {table} enable trigger user")
        cursor.execute("vacuum (analyze)")


def _print_ratio(administrator: Any) -> None:
    """The two customers in alternating order, so that whatever else the machine does falls on both."""
    pages = {BUSY: _asked(administrator, _page(_BUSY_ID)), QUIET: _asked(administrator, _page(_QUIET_ID))}
    spent: dict[int, list[float]] = {BUSY: [], QUIET: []}
    for turn in range(5 + IN_TURNS):
        for touchpoints in sorted(pages, reverse=turn % 2 == 0):
            seconds = _timed(pages[touchpoints])
            if turn >= 5:
                spent[touchpoints].append(seconds)
    busy, quiet = (statistics.median(spent[each]) * 1000 for each in (BUSY, QUIET))
    verdict = "reached" if busy <= GOAL_RATIO * quiet else "missed"
    print(
        f"   customer page, medians of {IN_TURNS} in turns: {busy:.1f} ms with {BUSY:,} touchpoints, {quiet:.1f} ms with {QUIET}:"
        f" {busy / quiet:.2f} times, goal {GOAL_RATIO}: {verdict}"
    )


def _print_pages(administrator: Any, seller: Any) -> None:
    pages = {
        f"{name}{who}": (_asked(user, url, part=part), part)
        for who, user in (("", administrator), (", a team of ten", seller))
        for name, url, part in _urls(user)
    }
    spent: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(2 + ROUNDS):
        for name, (page, _part) in pages.items():
            seconds = _timed(page)
            if turn >= 2:
                spent[name].append(seconds)
    print(f"   {'ms':<60}{'half':>8}{'3 of 4':>8}{'most':>8}")
    for name, seconds in spent.items():
        half, three, most = (1000 * value for value in (*statistics.quantiles(seconds, n=4)[1:], max(seconds)))
        goal = GOAL_PART if pages[name][1] else GOAL_PAGE
        verdict = "reached" if three <= goal else "missed"
        print(f"   {name:<60}{half:8.1f}{three:8.1f}{most:8.1f}  goal {goal:.0f}: {verdict}")


def _urls(user: Any) -> list[tuple[str, str, bool]]:
    """(what it is, its address, whether a part of a page is asked for)."""
    quiet = _page(_QUIET_ID, owner=None if user.role.scope == "all" else user.pk)
    return [
        ("customer list", "/customers/", False),
        ("customer list, search for a surname", "/customers/?q=w17", True),
        ("customer list, end of a phone number", "/customers/?q=0017", True),
        ("customer list, a name in Hangul", "/customers/?q=%EC%9D%B4%EC%84%9C", True),
        ("customer list, a name in Han", "/customers/?q=%E5%B1%B1%E7%94%B0", True),
        ("palette, a beginning of a name", "/palette/?q=chia", True),
        ("customer page", quiet, False),
        *((f"customer page, tab {tab}", f"{quiet}?tab={tab}", True) for tab in ("orders", "comments", "files")),
        ("customer beside the list", f"{quiet}peek/", True),
        ("form of a field in its place", f"{quiet}fields/email/", True),
        ("customer form", f"{quiet}edit/", False),
        ("consents of a customer", f"{quiet}consents/", False),
        ("relationships of a customer", f"{quiet}around/", False),
        ("my tasks", "/tasks/", False),
        ("everybody's tasks", "/tasks/?whose=all", False),
        ("orders", "/orders/", False),
        ("doubtful pairs", "/customers/doubts/", False),
    ]


def _page(customer: int, *, owner: int | None = None) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select public_id from customers_customer where id >= %s and (%s::bigint is null or owner_id = %s)"
            " order by id limit 1",
            [customer, owner, owner],
        )
        return f"/customers/{cursor.fetchone()[0]}/"


def _asked(user: Any, url: str, *, part: bool = False) -> Callable[[], Any]:
    from django.test import Client

    client = Client(HTTP_HOST="localhost", headers=_PART if part else {})
    client.force_login(user)
    return lambda: expect(client.get(url))


def _timed(page: Callable[[], Any]) -> float:
    started = time.perf_counter()
    page()
    return time.perf_counter() - started


if __name__ == "__main__":
    measure(int(sys.argv[1]))
